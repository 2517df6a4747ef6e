package io.kymo.protocol.dns;

import io.kymo.protocol.Input;

/**
 * A record's data as text. Addresses and names are shown; of text and of types that are rarely
 * asked for, the size.
 */
final class RecordData {
  private RecordData() {}

  static void append(Input in, int type, int pos, int length, int base, int to, StringBuilder out) {
    switch (type) {
      case DnsCodes.A -> {
        if (length != 4) {
          size(type, length, out);
          return;
        }
        out.append(in.u8(pos))
            .append('.')
            .append(in.u8(pos + 1))
            .append('.')
            .append(in.u8(pos + 2))
            .append('.')
            .append(in.u8(pos + 3));
      }
      case DnsCodes.AAAA -> {
        if (length != 16) {
          size(type, length, out);
          return;
        }
        ipv6(in, pos, out);
      }
      case DnsCodes.NS, DnsCodes.CNAME, DnsCodes.PTR, DnsCodes.DNAME ->
          name(in, type, pos, length, base, to, out);
      case DnsCodes.MX -> {
        if (length < 3) {
          size(type, length, out);
          return;
        }
        out.append(in.u16be(pos)).append(' ');
        name(in, type, pos + 2, length - 2, base, to, out);
      }
      case DnsCodes.SRV -> {
        if (length < 7) {
          size(type, length, out);
          return;
        }
        out.append(in.u16be(pos))
            .append(' ')
            .append(in.u16be(pos + 2))
            .append(' ')
            .append(in.u16be(pos + 4))
            .append(' ');
        name(in, type, pos + 6, length - 6, base, to, out);
      }
      case DnsCodes.SOA -> {
        name(in, type, pos, length, base, to, out);
        if (length >= 22) {
          out.append(' ').append(in.u32be(pos + length - 20));
        }
      }
      default -> size(type, length, out);
    }
  }

  private static void name(
      Input in, int type, int pos, int length, int base, int to, StringBuilder out) {
    String name = DnsName.text(in, pos, base, to);
    if (name == null) {
      size(type, length, out);
    } else {
      out.append(name);
    }
  }

  private static void size(int type, int length, StringBuilder out) {
    out.append(DnsCodes.type(type)).append('(').append(length).append(')');
  }

  /**
   * RFC 5952: no leading zeros, the first longest run of at least two zero groups becomes {@code
   * ::}.
   */
  private static void ipv6(Input in, int pos, StringBuilder out) {
    int bestFrom = -1;
    int best = 1;
    for (int i = 0; i < 8; i++) {
      int n = 0;
      while (i + n < 8 && in.u16be(pos + 2 * (i + n)) == 0) {
        n++;
      }
      if (n > best) {
        best = n;
        bestFrom = i;
      }
    }
    for (int i = 0; i < 8; i++) {
      if (i == bestFrom) {
        out.append("::");
        i += best - 1;
        continue;
      }
      if (i > 0 && i != bestFrom + best) {
        out.append(':');
      }
      out.append(Integer.toHexString(in.u16be(pos + 2 * i)));
    }
  }
}
