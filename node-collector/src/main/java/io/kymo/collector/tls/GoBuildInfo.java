package io.kymo.collector.tls;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The Go version that a program was built with (src/debug/buildinfo/buildinfo.go).
 *
 * <pre>
 *   0 magic | 14 u8 size of a pointer | 15 u8 flags: 2 strings follow here | 32 varint length, version
 * </pre>
 */
final class GoBuildInfo {
  private static final byte[] MAGIC = "\u00ff Go buildinf:".getBytes(StandardCharsets.ISO_8859_1);
  private static final int FLAGS = 15;
  private static final int INLINE = 2;
  private static final int STRINGS = 32;
  private static final int VERSION_MAX = 128;

  private GoBuildInfo() {}

  /**
   * @return null when it is no Go program; empty when it is one that keeps its version elsewhere
   *     (before 1.18)
   */
  static String version(ElfFile file) throws IOException {
    ElfFile.Section section = file.section(".go.buildinfo");
    if (section == null || section.size() < STRINGS + 1) {
      return null;
    }
    ByteBuffer bytes = file.read(section.offset(), Math.min(section.size(), 1024));
    for (int i = 0; i < MAGIC.length; i++) {
      if (bytes.get(i) != MAGIC[i]) {
        return null;
      }
    }
    int length = bytes.get(STRINGS) & 0xff; // longer versions than 127 bytes are none
    if ((bytes.get(FLAGS) & INLINE) == 0
        || length >= VERSION_MAX
        || STRINGS + 1 + length > bytes.limit()) {
      return "";
    }
    byte[] version = new byte[length];
    bytes.get(STRINGS + 1, version);
    return new String(version, StandardCharsets.ISO_8859_1);
  }
}
