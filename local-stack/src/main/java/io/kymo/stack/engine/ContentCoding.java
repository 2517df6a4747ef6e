package io.kymo.stack.engine;

import com.github.luben.zstd.ZstdInputStream;
import com.github.luben.zstd.ZstdOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Locale;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.InflaterInputStream;
import net.jpountz.lz4.LZ4FrameInputStream;
import net.jpountz.lz4.LZ4FrameOutputStream;

/** HTTP's content codings, as far as ClickHouse's clients use them; in its order of preference. */
enum ContentCoding {
  GZIP,
  ZSTD,
  LZ4,
  DEFLATE,
  IDENTITY;

  private static final int BUFFER_BYTES = 1 << 16;

  /** The first of ours that the client accepts. */
  static ContentCoding accepted(String acceptEncoding) {
    String header = acceptEncoding.toLowerCase(Locale.ROOT);
    for (ContentCoding coding : values()) {
      for (String item : header.split(",", -1)) {
        String[] parts = item.split(";", -1);
        boolean refused = parts.length > 1 && parts[1].strip().matches("q=0(\\.0*)?");
        if (parts[0].strip().equals(coding.id()) && !refused) {
          return coding;
        }
      }
    }
    return IDENTITY;
  }

  /**
   * @param contentEncoding of the request, empty for none
   */
  static ContentCoding of(String contentEncoding) throws EngineException {
    if (contentEncoding.isBlank()) {
      return IDENTITY;
    }
    for (ContentCoding coding : values()) {
      if (coding.id().equals(contentEncoding.strip().toLowerCase(Locale.ROOT))) {
        return coding;
      }
    }
    throw EngineException.of(
        48, "Unknown compression method '" + contentEncoding + "'", "NOT_IMPLEMENTED");
  }

  String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  OutputStream encode(OutputStream out) throws IOException {
    return switch (this) {
      case GZIP -> new GZIPOutputStream(out, BUFFER_BYTES);
      case ZSTD -> new ZstdOutputStream(out);
      case LZ4 -> new LZ4FrameOutputStream(out, LZ4FrameOutputStream.BLOCKSIZE.SIZE_256KB);
      case DEFLATE -> new DeflaterOutputStream(out);
      case IDENTITY -> out;
    };
  }

  InputStream decode(InputStream in) throws IOException {
    return switch (this) {
      case GZIP -> new GZIPInputStream(in, BUFFER_BYTES);
      case ZSTD -> new ZstdInputStream(in);
      case LZ4 -> new LZ4FrameInputStream(in);
      case DEFLATE -> new InflaterInputStream(in);
      case IDENTITY -> in;
    };
  }
}
