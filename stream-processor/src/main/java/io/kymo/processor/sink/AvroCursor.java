package io.kymo.processor.sink;

import io.kymo.schemas.wire.UnreadableRecordException;

/** Walks over Avro's binary encoding without making objects of it. */
final class AvroCursor {
  private byte[] bytes = {};
  private int at;
  private int end;

  void wrap(byte[] value, int offset) {
    bytes = value;
    at = offset;
    end = value.length;
  }

  byte[] bytes() {
    return bytes;
  }

  int position() {
    return at;
  }

  void position(int to) {
    at = to;
  }

  boolean atEnd() {
    return at == end;
  }

  /** A long or an int: zigzag, base 128. */
  long number() throws UnreadableRecordException {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      int b = octet();
      value |= (long) (b & 0x7f) << shift;
      if ((b & 0x80) == 0) {
        return value >>> 1 ^ -(value & 1);
      }
    }
    throw malformed("a number of more than ten bytes");
  }

  int octet() throws UnreadableRecordException {
    if (at >= end) {
      throw malformed("bytes are missing");
    }
    return bytes[at++] & 0xff;
  }

  /** Length of the string that follows; passes over it with {@link #skip}. */
  int length() throws UnreadableRecordException {
    long length = number();
    if (length < 0 || length > end - at) {
      throw malformed("a string of " + length + " bytes");
    }
    return (int) length;
  }

  void skip(int count) {
    at += count;
  }

  /** How many entries the next block of a map has; 0 when none follows. */
  long block() throws UnreadableRecordException {
    long count = number();
    if (count < 0) {
      count = -count;
      number(); // its size in bytes
    }
    if (count < 0 || count > end - at) { // each takes two bytes at least
      throw malformed("a map of " + count + " entries");
    }
    return count;
  }

  static UnreadableRecordException malformed(String what) {
    return new UnreadableRecordException("malformed", what, null);
  }
}
