package io.kymo.processor.enrichment;

import java.nio.ByteBuffer;

/**
 * IP addresses as text: IPv4 in dots, IPv6 as RFC 5952 wants it, so that an address has one
 * spelling in all rows.
 */
public final class AddressText {
  private static final int GROUPS = 8;

  private AddressText() {}

  /**
   * @param address 4 or 16 bytes in network order, from position to limit; an IPv4-mapped IPv6
   *     address becomes its IPv4 form
   * @return empty when it has another length
   */
  public static String of(ByteBuffer address) {
    ByteBuffer b = address.duplicate();
    int at = b.position();
    if (b.remaining() == 16 && b.getLong(at) == 0 && b.getInt(at + 8) == 0xffff) {
      at += 12;
      b.position(at);
    }
    return switch (b.remaining()) {
      case 4 -> four(b, at);
      case 16 -> six(b, at);
      default -> "";
    };
  }

  private static String four(ByteBuffer b, int at) {
    return (b.get(at) & 0xff)
        + "."
        + (b.get(at + 1) & 0xff)
        + "."
        + (b.get(at + 2) & 0xff)
        + "."
        + (b.get(at + 3) & 0xff);
  }

  private static String six(ByteBuffer b, int at) {
    int zeros =
        -1; // first group of the longest run of zero groups, at least two of them (RFC 5952, 4.2)
    int length = 1;
    for (int i = 0; i < GROUPS; i++) {
      int n = 0;
      while (i + n < GROUPS && b.getShort(at + 2 * (i + n)) == 0) {
        n++;
      }
      if (n > length) {
        zeros = i;
        length = n;
      }
      i += n;
    }
    StringBuilder text = new StringBuilder(39);
    for (int i = 0; i < GROUPS; i++) {
      if (i == zeros) {
        text.append("::");
        i += length - 1;
        continue;
      }
      if (text.length() > 0 && text.charAt(text.length() - 1) != ':') {
        text.append(':');
      }
      text.append(Integer.toHexString(b.getShort(at + 2 * i) & 0xffff));
    }
    return text.toString();
  }
}
