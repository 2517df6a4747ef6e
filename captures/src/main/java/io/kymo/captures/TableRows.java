package io.kymo.captures;

import io.kymo.schemas.Exchange;
import java.nio.charset.StandardCharsets;

/** For reading: a line for each row, with what matters most. */
final class TableRows implements RowWriter {
  private static final String LINE = "%10s  %-10s %-12s %-17s %-9s %9s %9s  %-22s %-22s %s";

  private final TimeText time = new TimeText();

  @Override
  public String head() {
    return "%-26s".formatted("time (UTC)")
        + LINE.formatted(
            "ms",
            "protocol",
            "operation",
            "status",
            "code",
            "request",
            "response",
            "client",
            "server",
            "resource")
        + "\n";
  }

  @Override
  public void write(Exchange row, Text out) {
    time.write(row.getTime(), 6, out);
    String line =
        LINE.formatted(
            "%.3f".formatted(row.getDurationNs() / 1e6),
            row.getProtocol(),
            printable(row.getOperation()),
            row.getStatus(),
            printable(row.getStatusCode()),
            row.getRequestBytes(),
            row.getResponseBytes(),
            end(row.getClientAddress(), row.getClientPort()),
            end(row.getServerAddress(), row.getServerPort()),
            printable(row.getResource()));
    out.raw(line.getBytes(StandardCharsets.UTF_8)).ascii('\n');
  }

  private static String end(String address, int port) {
    return address.indexOf(':') < 0 ? address + ":" + port : "[" + address + "]:" + port;
  }

  /** What was captured must not steer a terminal. */
  private static String printable(String text) {
    StringBuilder seen = null;
    for (int i = 0; i < text.length(); i++) {
      if (Character.isISOControl(text.charAt(i))) {
        seen = seen == null ? new StringBuilder(text) : seen;
        seen.setCharAt(i, '?');
      }
    }
    return seen == null ? text : seen.toString();
  }
}
