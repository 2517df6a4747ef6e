package io.kymo.benchmarks;

import io.kymo.acceptance.Lab;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One run of wrk in the client's namespace. */
final class Wrk {
  private static final Pattern RATE = Pattern.compile("Requests/sec:\\s+([0-9.]+)");
  private static final Pattern TOTAL = Pattern.compile("(\\d+) requests in");

  /**
   * What wrk saw.
   *
   * @param rate requests a second
   */
  record Result(double rate, long requests) {}

  private Wrk() {}

  static Result run(Lab lab, String url, int connections, int seconds) {
    String out = lab.onClient("wrk", "-t", "1", "-c", "" + connections, "-d", seconds + "s", url);
    return new Result(Double.parseDouble(find(RATE, out)), Long.parseLong(find(TOTAL, out)));
  }

  private static String find(Pattern pattern, String text) {
    Matcher m = pattern.matcher(text);
    if (!m.find()) {
      throw new IllegalStateException("wrk said: " + text);
    }
    return m.group(1);
  }
}
