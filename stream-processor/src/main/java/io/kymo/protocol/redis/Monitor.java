package io.kymo.protocol.redis;

import io.kymo.protocol.Input;

/**
 * Lines that a server streams after MONITOR: {@code +1339518083.107412 [0 127.0.0.1:60866] "keys"
 * "*"}. Their text is other clients' data.
 */
final class Monitor {
  private Monitor() {}

  static boolean line(Input in, int from, int to) {
    int i = digits(in, from, to);
    if (i == from || i >= to || in.at(i) != '.') {
      return false;
    }
    int j = digits(in, i + 1, to);
    return j > i + 1 && j + 1 < to && in.at(j) == ' ' && in.at(j + 1) == '[';
  }

  private static int digits(Input in, int from, int to) {
    int i = from;
    while (i < to && in.at(i) >= '0' && in.at(i) <= '9') {
      i++;
    }
    return i;
  }
}
