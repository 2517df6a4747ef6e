package io.kymo.collector.tls;

import java.util.ArrayList;
import java.util.List;

/**
 * A file that a process maps to run it.
 *
 * @param device its major number above 20 bits of the minor one, as the kernel keeps it
 * @param range of one mapping: the name of its link in /proc/PID/map_files
 * @param path as the process sees it
 */
record MappedFile(int device, long inode, String range, String path) {
  /** Of a device's number (include/linux/kdev_t.h). */
  private static final int MINOR_BITS = 20;

  /** What tells one file from all others. */
  record Key(int device, long inode) {}

  Key key() {
    return new Key(device, inode);
  }

  /**
   * The files in a text like /proc/PID/maps (proc(5)), each once.
   *
   * <pre>
   *   7f0a1c000000-7f0a1c021000 r-xp 00001000 fe:00 1234   /usr/lib/libssl.so.3
   * </pre>
   */
  static List<MappedFile> parse(String maps) {
    List<MappedFile> files = new ArrayList<>();
    for (String line : (Iterable<String>) maps.lines()::iterator) {
      String[] cells = line.split(" +", 6);
      if (cells.length < 6 || cells[1].length() < 4 || cells[1].charAt(2) != 'x') {
        continue;
      }
      long inode = number(cells[4]);
      MappedFile file = new MappedFile(device(cells[3]), inode, link(cells[0]), cells[5]);
      if (inode != 0 && files.stream().noneMatch(f -> f.key().equals(file.key()))) {
        files.add(file);
      }
    }
    return files;
  }

  /** From MAJOR:MINOR in hexadecimal digits; 0 when it is none. */
  private static int device(String text) {
    int colon = text.indexOf(':');
    try {
      return Integer.parseUnsignedInt(text, 0, colon, 16) << MINOR_BITS
          | Integer.parseUnsignedInt(text, colon + 1, text.length(), 16);
    } catch (IndexOutOfBoundsException | NumberFormatException e) {
      return 0;
    }
  }

  /** The links' names have no leading zeros, unlike the addresses in maps. */
  private static String link(String range) {
    return range.replaceAll("(^|-)0+(?=[0-9a-f])", "$1");
  }

  private static long number(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}
