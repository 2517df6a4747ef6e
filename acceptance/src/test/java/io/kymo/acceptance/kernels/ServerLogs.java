package io.kymo.acceptance.kernels;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the servers of a guest's run say they were asked: lines as {@link #SQL} makes them of rows,
 * with their number.
 */
final class ServerLogs {
  /** One text a row, equal to a line of {@link #asked}. */
  static final String SQL =
      "multiIf(protocol = 'http', concat('http ', operation, ' ', attributes['url.path'], ' ', status_code),"
          + " protocol = 'dns', concat('dns ', operation, ' ', resource), concat(protocol, ' ', operation))";

  private static final Pattern QUERY = Pattern.compile(".* query\\[(\\w+)] (\\S+) from .*");
  private static final Pattern COMMAND = Pattern.compile("cmdstat_([^:]+):calls=(\\d+),.*");

  private ServerLogs() {}

  static Map<String, Long> asked(GuestRun run) throws IOException {
    Map<String, Long> asked = new TreeMap<>();
    for (String line : run.log("access.log")) {
      List<String> cells = List.of(line.split("\t", -1));
      asked.merge("http " + cells.get(0) + " " + cells.get(1) + " " + cells.get(2), 1L, Long::sum);
    }
    for (String line : run.log("dns.log")) {
      Matcher query = QUERY.matcher(line);
      if (query.matches()) {
        asked.merge("dns " + query.group(1) + " " + query.group(2), 1L, Long::sum);
      }
    }
    for (String line : run.log("redis.stats")) {
      Matcher command = COMMAND.matcher(line);
      // the two by which the run itself resets and reads these statistics
      if (command.matches() && !command.group(1).matches("config\\|resetstat|info")) {
        String name = command.group(1).replace('|', ' ').toUpperCase(Locale.ROOT);
        asked.merge("redis " + name, Long.parseLong(command.group(2)), Long::sum);
      }
    }
    return asked;
  }
}
