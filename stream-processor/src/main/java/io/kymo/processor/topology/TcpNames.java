package io.kymo.processor.topology;

/** What numbers of the kernel's TCP are called in rows. */
final class TcpNames {
  // include/net/tcp_states.h
  private static final String[] STATES = {
    "",
    "ESTABLISHED",
    "SYN_SENT",
    "SYN_RECV",
    "FIN_WAIT1",
    "FIN_WAIT2",
    "TIME_WAIT",
    "CLOSE",
    "CLOSE_WAIT",
    "LAST_ACK",
    "LISTEN",
    "CLOSING",
    "NEW_SYN_RECV"
  };

  /** A process closed its socket before connect had succeeded or failed: no errno says so. */
  static final String ABANDONED = "connect_abandoned";

  private TcpNames() {}

  static String state(int state) {
    return state > 0 && state < STATES.length ? STATES[state] : "";
  }

  /**
   * error.type of an errno, see include/uapi/asm-generic/errno.h.
   *
   * @return empty for 0
   */
  static String error(int errno) {
    return switch (errno) {
      case 0 -> "";
      case 1, 13 -> "not_permitted";
      case 2 -> "not_found";
      case 22 -> "invalid_argument"; // of connect: the route is a black hole
      case 32 -> "broken_pipe";
      case 99 -> "address_not_available";
      case 100 -> "network_down";
      case 101 -> "network_unreachable";
      case 103 -> "connection_aborted";
      case 104 -> "connection_reset";
      case 110 -> "timed_out";
      case 111 -> "connection_refused";
      case 113 -> "host_unreachable";
      default -> "errno_" + errno;
    };
  }
}
