package io.kymo.collector.tls;

import java.util.ArrayList;
import java.util.List;

/**
 * A file that a process maps to run it.
 *
 * @param device as it stands in /proc/PID/maps, MAJOR:MINOR in hexadecimal digits
 * @param range of one mapping: the name of its link in /proc/PID/map_files
 * @param path as the process sees it
 */
record MappedFile(String device, long inode, String range, String path) {
  /** What tells one file from all others. */
  record Key(String device, long inode) {}

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
      MappedFile file = new MappedFile(cells[3], inode, link(cells[0]), cells[5]);
      if (inode != 0 && files.stream().noneMatch(f -> f.key().equals(file.key()))) {
        files.add(file);
      }
    }
    return files;
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
