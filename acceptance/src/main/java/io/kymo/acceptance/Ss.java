package io.kymo.acceptance;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One connection as ss(8) shows it.
 *
 * @param rttMs smoothed round trip time
 * @param retransmits segments sent again, since it was opened
 */
public record Ss(
    int localPort,
    double rttMs,
    double rttMinMs,
    long retransmits,
    long bytesAcked,
    long bytesReceived) {
  private static final Pattern PORT = Pattern.compile(":(\\d+)\\s");

  /** The established connections of a namespace to a port. */
  public static List<Ss> of(Lab lab, String namespace, int port) {
    String out =
        lab.on(namespace, "ss", "-tinHO", "state", "established", "dport = :" + port)
            .orFail()
            .output();
    List<Ss> all = new ArrayList<>();
    for (String line : out.lines().toList()) {
      all.add(
          new Ss(
              Integer.parseInt(find(PORT, line)),
              Double.parseDouble(figure("rtt", "([\\d.]+)/", line)),
              Double.parseDouble(figure("minrtt", "([\\d.]+)", line)),
              Long.parseLong(figure("retrans", "\\d+/(\\d+)", line)),
              Long.parseLong(figure("bytes_acked", "(\\d+)", line)),
              Long.parseLong(figure("bytes_received", "(\\d+)", line))));
    }
    return all;
  }

  /** Does anything listen at this TCP port? */
  public static boolean listens(Lab lab, String namespace, int port) {
    String out = lab.on(namespace, "ss", "-tlnHO", "sport = :" + port).orFail().output();
    return !out.isBlank();
  }

  private static String figure(String name, String shape, String line) {
    return find(Pattern.compile("\\b" + name + ":" + shape), line);
  }

  /** Returns 0 when it is not there: ss leaves zeros out. */
  private static String find(Pattern pattern, String line) {
    Matcher matcher = pattern.matcher(line);
    return matcher.find() ? matcher.group(1) : "0";
  }
}
