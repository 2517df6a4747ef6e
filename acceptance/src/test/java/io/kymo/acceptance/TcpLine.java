package io.kymo.acceptance;

/** A {@link LongLine} with a {@link TcpServer} and a {@link TcpClient} at its ends. */
final class TcpLine implements AutoCloseable {
  final LongLine line;
  final Talk server;
  final Talk client;
  private final Stack stack;

  TcpLine(Stack stack) {
    this.stack = stack;
    line = new LongLine(stack.lab);
    stack
        .lab
        .on(stack.lab.client, "sh", "-c", "echo 1 > /proc/sys/net/ipv4/tcp_syn_retries")
        .orFail();
    server = Talk.java(stack.lab, stack.lab.server, TcpServer.class);
    client = Talk.java(stack.lab, stack.lab.client, TcpClient.class);
  }

  @Override
  public void close() {
    client.close();
    server.close();
    line.close();
  }

  /** ClickHouse's time, ns since the epoch. */
  long mark() {
    return Long.parseLong(stack.sql("SELECT toUnixTimestamp64Nano(now64(9))").get(0).get(0));
  }

  /** Rows not older than a {@link #mark}, as a further condition. */
  static String since(long mark) {
    return " AND time >= fromUnixTimestamp64Nano(" + mark + ")";
  }

  /** Connections with this port at either end, as a condition. */
  static String port(int port) {
    return "(local_port = " + port + " OR remote_port = " + port + ")";
  }
}
