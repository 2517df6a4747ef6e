package io.kymo.protocol.redis;

import io.kymo.protocol.redis.CommandSpec.Keys;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Reads {@code commands.txt}; its first lines say how it is to be read. */
final class CommandTable {
  private CommandTable() {}

  static List<CommandSpec> read() {
    List<CommandSpec> specs = new ArrayList<>();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                CommandTable.class.getResourceAsStream("commands.txt"),
                StandardCharsets.US_ASCII))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (!line.isBlank() && !line.startsWith("#")) {
          specs.addAll(parse(line));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return specs;
  }

  // "1 -1 1: DEL EXISTS", "counted 2: EVAL", "none secret: AUTH", "2 2 1 container: OBJECT ENCODING
  // FREQ"
  private static List<CommandSpec> parse(String line) {
    int colon = line.indexOf(':');
    String[] how = line.substring(0, colon).trim().split(" +", -1);
    String[] names = line.substring(colon + 1).trim().split(" +", -1);
    Keys keys = Keys.FIXED;
    List<Integer> numbers = new ArrayList<>();
    boolean container = false;
    boolean secret = false;
    for (String word : how) {
      switch (word) {
        case "none" -> numbers.add(0);
        case "counted" -> keys = Keys.COUNTED;
        case "store" -> keys = Keys.COUNTED_AND_FIRST;
        case "streams" -> keys = Keys.STREAMS;
        case "container" -> container = true;
        case "secret" -> secret = true;
        default -> numbers.add(Integer.parseInt(word));
      }
    }
    int first = numbers.isEmpty() ? 0 : numbers.get(0);
    int last = numbers.size() > 1 ? numbers.get(1) : first;
    int step = numbers.size() > 2 ? numbers.get(2) : 1;
    List<CommandSpec> specs = new ArrayList<>();
    if (container) {
      String[] subcommands = java.util.Arrays.copyOfRange(names, 1, names.length);
      specs.add(
          new CommandSpec(
              names[0],
              keys,
              first,
              last,
              step,
              Commands.operations(names[0], subcommands),
              secret));
      return specs;
    }
    for (String name : names) {
      specs.add(new CommandSpec(name, keys, first, last, step, Map.of(), secret));
    }
    return specs;
  }

  /** The usual modules take their key (or index) first, but for those that take many or none. */
  static boolean moduleHasKey(String name) {
    int dot = name.indexOf('.');
    if (dot < 0) {
      return false;
    }
    return switch (name.substring(0, dot)) {
      case "BF", "CF", "CMS", "TOPK", "TDIGEST" -> true;
      case "JSON", "TS" -> name.charAt(dot + 1) != 'M' && !name.equals("TS.QUERYINDEX");
      case "FT" -> !name.startsWith("FT._") && !name.equals("FT.CONFIG");
      default -> false;
    };
  }
}
