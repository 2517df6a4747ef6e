package io.kymo.collector.tls;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads what is asked for out of an executable or a library: 64 bits, little endian (System V ABI,
 * chapters 4 and 5).
 *
 * <pre>
 *   header   16 e_ident | … | 32 u64 e_phoff | 40 u64 e_shoff | 54 u16 e_phentsize, e_phnum, e_shentsize, e_shnum, e_shstrndx
 *   section   0 u32 name | 4 u32 type | 16 u64 address | 24 u64 offset | 32 u64 size | 40 u32 link | 56 u64 entry size
 *   segment   0 u32 type | 8 u64 offset | 16 u64 address | 32 u64 size in file
 * </pre>
 */
final class ElfFile implements Closeable {
  private static final int HEADER_BYTES = 64;
  private static final int MAGIC = 0x464c457f;
  private static final int CLASS_AND_DATA = 0x0102; // ELFCLASS64, ELFDATA2LSB
  static final int ARM64 = 183; // EM_AARCH64
  private static final int PT_LOAD = 1;
  private static final int ENTRIES_MAX = 4096;

  /** Tables larger than this are not read. */
  private static final long TABLE_MAX = 256L << 20;

  /** A part of the file as it lies in memory. */
  record Segment(long address, long offset, long size) {}

  /** A part of the file with a name. */
  record Section(String name, int type, long address, long offset, long size, int link) {}

  private final SeekableByteChannel channel;
  private int type;
  private int machine;
  private final List<Segment> segments = new ArrayList<>();
  private final List<Section> sections = new ArrayList<>();

  /**
   * @throws IOException also when it is no such file
   */
  ElfFile(Path file) throws IOException {
    channel = Files.newByteChannel(file);
    boolean good = false;
    try {
      readHeader();
      good = true;
    } finally {
      if (!good) {
        channel.close();
      }
    }
  }

  private void readHeader() throws IOException {
    ByteBuffer header = read(0, HEADER_BYTES);
    if (header.getInt(0) != MAGIC || header.getShort(4) != CLASS_AND_DATA) {
      throw new IOException("no ELF file of 64 bits, little endian");
    }
    type = header.getShort(16);
    machine = header.getShort(18);
    int segmentBytes = header.getShort(54) & 0xffff;
    int segmentCount = header.getShort(56) & 0xffff;
    int sectionBytes = header.getShort(58) & 0xffff;
    int sectionCount = header.getShort(60) & 0xffff;
    if (segmentCount > ENTRIES_MAX || sectionCount > ENTRIES_MAX) {
      throw new IOException("too many segments or sections");
    }
    ByteBuffer table = read(header.getLong(32), (long) segmentBytes * segmentCount);
    for (int at = 0; segmentBytes >= 56 && at < table.limit(); at += segmentBytes) {
      if (table.getInt(at) == PT_LOAD) {
        segments.add(
            new Segment(table.getLong(at + 16), table.getLong(at + 8), table.getLong(at + 32)));
      }
    }
    if (sectionBytes >= 64) {
      readSections(
          read(header.getLong(40), (long) sectionBytes * sectionCount),
          sectionBytes,
          header.getShort(62) & 0xffff);
    }
  }

  private void readSections(ByteBuffer table, int bytes, int namesIndex) throws IOException {
    int names = namesIndex * bytes;
    ByteBuffer text =
        names < table.limit()
            ? read(table.getLong(names + 24), table.getLong(names + 32))
            : ByteBuffer.allocate(0);
    for (int at = 0; at < table.limit(); at += bytes) {
      sections.add(
          new Section(
              text(text, table.getInt(at)),
              table.getInt(at + 4),
              table.getLong(at + 16),
              table.getLong(at + 24),
              table.getLong(at + 32),
              table.getInt(at + 40)));
    }
  }

  /** ET_EXEC (2), ET_DYN (3), …. */
  int type() {
    return type;
  }

  /** EM_X86_64 (62), {@link #ARM64}. */
  int machine() {
    return machine;
  }

  List<Section> sections() {
    return sections;
  }

  /** Null when there is none of this name. */
  Section section(String name) {
    for (Section section : sections) {
      if (section.name().equals(name)) {
        return section;
      }
    }
    return null;
  }

  /** Offset in the file of what lies at an address in memory, -1 when it is not in the file. */
  long offsetOf(long address) {
    for (Segment segment : segments) {
      if (address >= segment.address() && address - segment.address() < segment.size()) {
        return address - segment.address() + segment.offset();
      }
    }
    return -1;
  }

  ByteBuffer read(Section section) throws IOException {
    return read(section.offset(), section.size());
  }

  /**
   * @throws IOException also when the file ends before
   */
  ByteBuffer read(long offset, long bytes) throws IOException {
    if (offset < 0 || bytes < 0 || bytes > TABLE_MAX || offset + bytes > channel.size()) {
      throw new IOException("damaged ELF file");
    }
    ByteBuffer buffer = ByteBuffer.allocate((int) bytes).order(ByteOrder.LITTLE_ENDIAN);
    channel.position(offset);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new IOException("damaged ELF file");
      }
    }
    return buffer.flip();
  }

  /** A string up to its NUL; empty when it lies outside. */
  static String text(ByteBuffer table, int at) {
    StringBuilder text = new StringBuilder();
    for (int i = at; i >= 0 && i < table.limit() && table.get(i) != 0; i++) {
      text.append((char) (table.get(i) & 0xff));
    }
    return text.toString();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
