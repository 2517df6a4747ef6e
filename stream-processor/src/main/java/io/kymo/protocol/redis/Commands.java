package io.kymo.protocol.redis;

import io.kymo.protocol.Input;
import io.kymo.protocol.redis.CommandSpec.Keys;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * The commands of Redis 8 and Valkey 8 by their bytes, found without allocating. The table {@code
 * commands.txt} beside this class says where their keys are; commands that are not in it have none,
 * so that all of their arguments are taken out.
 */
final class Commands {
  private static final int MAX_NAME = 32;

  // open addressing, twice as many slots as commands
  private static final int SLOTS = 1024;
  private static final CommandSpec[] SPECS = new CommandSpec[SLOTS];
  private static final byte[][] NAMES = new byte[SLOTS][];

  static {
    CommandTable.read().forEach(Commands::add);
  }

  /** All that are in no table. */
  private static final CommandSpec OTHER =
      new CommandSpec("_OTHER", Keys.FIXED, 0, 0, 1, Map.of(), false);

  private Commands() {}

  private static void add(CommandSpec spec) {
    byte[] name = spec.name().getBytes(StandardCharsets.US_ASCII);
    int slot = hash(name, 0, name.length);
    while (SPECS[slot] != null) {
      slot = slot + 1 & SLOTS - 1;
    }
    SPECS[slot] = spec;
    NAMES[slot] = name;
  }

  /**
   * The command of that name; one without keys when it is not known; null when it cannot be a name.
   */
  static CommandSpec find(Input in, int from, int to) {
    CommandSpec known = known(in, from, to);
    return known != null || !plausible(in, from, to) ? known : unknown(in.latin1(from, to));
  }

  static CommandSpec known(Input in, int from, int to) {
    int length = to - from;
    if (length < 1 || length > MAX_NAME) {
      return null;
    }
    int slot = hash(in.array(), in.start() + from, length);
    while (SPECS[slot] != null) {
      if (equal(in, from, length, NAMES[slot])) {
        return SPECS[slot];
      }
      slot = slot + 1 & SLOTS - 1;
    }
    return null;
  }

  static CommandSpec byName(String name) {
    byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
    CommandSpec spec = known(new Input().wrap(bytes, 0, bytes.length, 0, false), 0, bytes.length);
    return spec != null ? spec : unknown(name);
  }

  /**
   * Modules' commands keep their name; else it may be a typing error, or a name given to hide a
   * command.
   */
  private static CommandSpec unknown(String name) {
    String upper = name.toUpperCase(Locale.ROOT);
    if (!moduleCommand(upper)) {
      return OTHER;
    }
    int key = CommandTable.moduleHasKey(upper) ? 1 : 0;
    return new CommandSpec(upper, Keys.FIXED, key, key, 1, Map.of(), false);
  }

  // JSON.SET, FT._LIST
  private static boolean moduleCommand(String name) {
    int dots = 0;
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      dots += c == '.' ? 1 : 0;
      if ((c < 'A' || c > 'Z') && c != '.' && c != '_') {
        return false;
      }
    }
    return dots == 1 && name.charAt(name.length() - 1) != '.';
  }

  /** A letter, then letters, digits, and what modules put into names. */
  private static boolean plausible(Input in, int from, int to) {
    if (to - from < 2 || to - from > MAX_NAME) {
      return false;
    }
    for (int i = from; i < to; i++) {
      int c = in.at(i);
      boolean letter = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
      boolean inner = c >= '0' && c <= '9' || c == '.' || c == '_' || c == '-';
      if (!letter && (i == from || !inner)) {
        return false;
      }
    }
    return true;
  }

  private static int hash(byte[] bytes, int from, int length) {
    int h = length;
    for (int i = from; i < from + length; i++) {
      h = h * 31 + upper(bytes[i]);
    }
    return (h ^ h >>> 10) & SLOTS - 1;
  }

  private static boolean equal(Input in, int from, int length, byte[] name) {
    if (name.length != length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (upper(in.at(from + i)) != name[i]) {
        return false;
      }
    }
    return true;
  }

  private static int upper(int c) {
    return c >= 'a' && c <= 'z' ? c - 32 : c;
  }

  /**
   * The operation of a container command and its subcommand, the container's name alone when that
   * is not known.
   */
  static String operation(CommandSpec spec, Input in, int from, int to) {
    if (to - from > MAX_NAME) {
      return spec.name();
    }
    for (Map.Entry<String, String> e : spec.subcommands().entrySet()) {
      if (equalsIgnoreCase(in, from, to, e.getKey())) {
        return e.getValue();
      }
    }
    return spec.name();
  }

  static boolean equalsIgnoreCase(Input in, int from, int to, String upper) {
    if (to - from != upper.length()) {
      return false;
    }
    for (int i = 0; i < upper.length(); i++) {
      if (upper(in.at(from + i)) != upper.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  static Map<String, String> operations(String container, String[] subcommands) {
    Map<String, String> map = new LinkedHashMap<>();
    for (String sub : subcommands) {
      map.put(sub, container + " " + sub);
    }
    return map;
  }
}
