package io.kymo.protocol;

/**
 * Tells words of a path or a key, which stay in a name of low cardinality, from what differs from
 * request to request.
 */
public final class VariablePart {
  /** What stands in a template for such a part. */
  public static final String PLACEHOLDER = "{id}";

  private static final int MAX_WORD = 48;

  private VariablePart() {}

  /**
   * Is {@code [from, end)} a number, date, UUID, address, hash, encoded or free text? A guess:
   * versions ({@code v2}) are not.
   */
  public static boolean is(CharSequence s, int from, int end) {
    int length = end - from;
    int digits = 0;
    int hex = 0;
    int upper = 0;
    int lower = 0;
    int marks = 0; // between the parts of dates, addresses, lists, UUIDs
    int run = 0;
    int longestRun = 0;
    for (int i = from; i < end; i++) {
      char c = s.charAt(i);
      if (c >= '0' && c <= '9') {
        digits++;
        hex++;
        longestRun = Math.max(longestRun, ++run);
        continue;
      }
      run = 0;
      if (c >= 'a' && c <= 'z') {
        lower++;
        hex += c <= 'f' ? 1 : 0;
      } else if (c >= 'A' && c <= 'Z') {
        upper++;
        hex += c <= 'F' ? 1 : 0;
      } else if (c == '-' || c == '.' || c == ',' || c == ':' || c == '_') {
        marks++;
      } else if (c == '@'
          || c >= 0x7f
          || c < 0x20
          || c == '='
          || c == '+'
          || c == '%' && length > 16) {
        return true; // mail addresses, free text, encoded text
      }
    }
    if (length > MAX_WORD || digits > 0 && digits + marks == length) {
      return true;
    }
    if (hex + marks == length && digits > 0 && hex >= 8 || hex == length && length >= 16) {
      return true;
    }
    if (longestRun >= 5 || digits >= 6 && length >= 10) {
      return true; // order-20240131, A1B2C3D4E5F6
    }
    return length >= 20 && digits >= 2 && upper >= 2 && lower >= 2;
  }
}
