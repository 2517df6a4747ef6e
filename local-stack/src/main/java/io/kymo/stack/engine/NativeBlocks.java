package io.kymo.stack.engine;

import com.github.luben.zstd.Zstd;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;

/**
 * ClickHouse's own compressed blocks (src/Compression/CompressedReadBufferBase.cpp), little endian:
 *
 * <pre>
 *  0       16      17               21                 25
 *  | CityHash128 | method | compressed size | uncompressed size | data …
 *                 0x02 none, 0x82 LZ4, 0x90 ZSTD; the size counts from the method on, and so does the hash
 * </pre>
 */
final class NativeBlocks {
  private static final int CHECKSUM_BYTES = 16;
  private static final int HEADER_BYTES = 9;
  private static final byte NONE = 0x02;
  private static final byte LZ4 = (byte) 0x82;
  private static final byte ZSTD = (byte) 0x90;
  private static final int BLOCK_BYTES = 1 << 18;

  /** As ClickHouse bounds them. */
  private static final int MAX_BLOCK_BYTES = 1 << 30;

  private NativeBlocks() {}

  /** Compresses; ended by closing, which closes {@code out} too. */
  static OutputStream compress(OutputStream out) {
    return new Compressing(out);
  }

  /** Decompresses; a wrong checksum, method or size is an IOException in ClickHouse's words. */
  static InputStream decompress(InputStream in) {
    return new Decompressing(in);
  }

  private static final class Compressing extends OutputStream {
    private final OutputStream out;
    private final LZ4Compressor compressor = LZ4Factory.fastestInstance().fastCompressor();
    private final byte[] plain = new byte[BLOCK_BYTES];
    private final byte[] block =
        new byte[CHECKSUM_BYTES + HEADER_BYTES + compressor.maxCompressedLength(BLOCK_BYTES)];
    private final ByteBuffer header = ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN);
    private int size;

    Compressing(OutputStream out) {
      this.out = out;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      int at = offset;
      int left = length;
      while (left > 0) {
        int n = Math.min(left, plain.length - size);
        System.arraycopy(bytes, at, plain, size, n);
        size += n;
        at += n;
        left -= n;
        if (size == plain.length) {
          writeBlock();
        }
      }
    }

    private void writeBlock() throws IOException {
      int compressed = compressor.compress(plain, 0, size, block, CHECKSUM_BYTES + HEADER_BYTES);
      int length = HEADER_BYTES + compressed;
      header.put(CHECKSUM_BYTES, LZ4);
      header.putInt(CHECKSUM_BYTES + 1, length);
      header.putInt(CHECKSUM_BYTES + 5, size);
      long[] hash = CityHash.hash128(block, CHECKSUM_BYTES, length);
      header.putLong(0, hash[0]).putLong(Long.BYTES, hash[1]);
      out.write(block, 0, CHECKSUM_BYTES + length);
      size = 0;
    }

    @Override
    public void close() throws IOException {
      if (size > 0) {
        writeBlock();
      }
      out.close();
    }
  }

  private static final class Decompressing extends InputStream {
    private final InputStream in;
    private byte[] block = new byte[CHECKSUM_BYTES + HEADER_BYTES];
    private byte[] plain = new byte[0];
    private int at;
    private int end;

    Decompressing(InputStream in) {
      this.in = in;
    }

    @Override
    public int read() throws IOException {
      return fill() ? plain[at++] & 0xff : -1;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      if (length == 0) {
        return 0;
      }
      if (!fill()) {
        return -1;
      }
      int n = Math.min(length, end - at);
      System.arraycopy(plain, at, bytes, offset, n);
      at += n;
      return n;
    }

    private boolean fill() throws IOException {
      while (at == end) {
        int start = CHECKSUM_BYTES + HEADER_BYTES;
        int n = in.readNBytes(block, 0, start);
        if (n == 0) {
          return false;
        }
        require(n == start, "the header of a compressed block is cut off");
        ByteBuffer header = ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN);
        byte method = header.get(CHECKSUM_BYTES);
        int length = header.getInt(CHECKSUM_BYTES + 1);
        int size = header.getInt(CHECKSUM_BYTES + 5);
        require(length >= HEADER_BYTES && length <= MAX_BLOCK_BYTES, "size of compressed block");
        require(size >= 0 && size <= MAX_BLOCK_BYTES, "size of uncompressed block");
        if (block.length < CHECKSUM_BYTES + length) {
          block = Arrays.copyOf(block, CHECKSUM_BYTES + length);
        }
        int data = length - HEADER_BYTES;
        if (in.readNBytes(block, start, data) < data) {
          throw new EOFException("a compressed block is cut off");
        }
        long[] hash = CityHash.hash128(block, CHECKSUM_BYTES, length);
        require(
            hash[0] == header.getLong(0) && hash[1] == header.getLong(Long.BYTES),
            "Checksum doesn't match: corrupted data");
        unpack(method, start, data, size);
      }
      return true;
    }

    private void unpack(byte method, int start, int data, int size) throws IOException {
      if (plain.length < size) {
        plain = new byte[size];
      }
      if (method == LZ4) {
        try {
          LZ4Factory.fastestInstance()
              .safeDecompressor()
              .decompress(block, start, data, plain, 0, size);
        } catch (LZ4Exception e) {
          throw new IOException("Cannot decompress: " + e.getMessage(), e);
        }
      } else if (method == ZSTD) {
        long n = Zstd.decompressByteArray(plain, 0, size, block, start, data);
        require(n == size, "Cannot decompress: " + Zstd.getErrorName(n));
      } else {
        require(method == NONE && data == size, "Unknown compression method: " + method);
        System.arraycopy(block, start, plain, 0, size);
      }
      at = 0;
      end = size;
    }

    private static void require(boolean condition, String otherwise) throws IOException {
      if (!condition) {
        throw new IOException(otherwise);
      }
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}
