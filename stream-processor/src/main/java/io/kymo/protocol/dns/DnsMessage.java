package io.kymo.protocol.dns;

import io.kymo.protocol.Input;

/**
 * A view on one message (RFC 1035 section 4.1), found out by one walk over it.
 *
 * <pre>
 *  0  id (16)
 *  2  QR (1) opcode (4) AA TC RD RA Z AD CD rcode (4)
 *  4  questions, answers, authorities, additionals (16 each)
 * 12  questions: name type (16) class (16)
 *     records: name type (16) class (16) TTL (32) length (16) data
 * </pre>
 */
final class DnsMessage {
  static final int HEADER = 12;

  private static final int FLAG_Z = 0x40;
  private static final int MAX_RECORDS = 8192; // 64 KiB hold less than 6,000

  /** How far the walk came. */
  enum Walk {
    WHOLE,
    /** Header and first question at least, then the bytes ended. */
    CUT,
    /** Not even those. */
    TOO_SHORT,
    BROKEN
  }

  private final Input in;
  private final int base;
  private final int to;

  final int id;
  final int flags;
  final int questions;
  final int answers;
  private int questionEnd;
  private int answersAt;
  private int answersThere;
  private int end;
  private int extendedRcode;
  private long firstSerial = -1;
  private int lastType;
  private int lastData;
  private int lastLength;

  /** The message lies in {@code [base, to)}, of which the header must be there. */
  DnsMessage(Input in, int base, int to) {
    this.in = in;
    this.base = base;
    this.to = to;
    id = in.u16be(base);
    flags = in.u16be(base + 2);
    questions = in.u16be(base + 4);
    answers = in.u16be(base + 6);
  }

  boolean response() {
    return flags >= 0x8000;
  }

  int opcode() {
    return flags >> 11 & 15;
  }

  boolean cutByServer() {
    return (flags & 0x200) != 0;
  }

  boolean zeroBit() {
    return (flags & FLAG_Z) == 0;
  }

  int authorities() {
    return in.u16be(base + 8);
  }

  int additionals() {
    return in.u16be(base + 10);
  }

  Walk walk() {
    int pos = base + HEADER;
    for (int i = 0; i < questions; i++) {
      pos = DnsName.end(in, pos, to);
      if (pos == DnsName.BROKEN) {
        return Walk.BROKEN;
      }
      if (pos < 0 || pos + 4 > to) {
        return i == 0 ? Walk.TOO_SHORT : Walk.CUT;
      }
      pos += 4;
      if (i == 0) {
        questionEnd = pos;
      }
    }
    answersAt = pos;
    int records = answers + authorities() + additionals();
    if (records > MAX_RECORDS) {
      return Walk.BROKEN;
    }
    for (int i = 0; i < records; i++) {
      pos = DnsName.end(in, pos, to);
      if (pos == DnsName.BROKEN) {
        return Walk.BROKEN;
      }
      if (pos < 0 || pos + 10 > to) {
        return Walk.CUT;
      }
      int length = in.u16be(pos + 8);
      if (in.u16be(pos) == DnsCodes.OPT && i >= answers) {
        extendedRcode = in.u8(pos + 4);
      }
      if (pos + 10 + length > to) {
        return Walk.CUT;
      }
      if (i < answers) {
        answersThere = i + 1;
        lastType = in.u16be(pos);
        lastData = pos + 10;
        lastLength = length;
        if (i == 0) {
          firstSerial = lastSerial();
        }
      }
      pos += 10 + length;
    }
    end = pos;
    return Walk.WHOLE;
  }

  /** Behind the last record, after a WHOLE walk. */
  int end() {
    return end;
  }

  int rcode() {
    return extendedRcode << 4 | flags & 15;
  }

  boolean hasQuestion() {
    return questionEnd > 0;
  }

  int questionType() {
    return in.u16be(questionEnd - 4);
  }

  int questionClass() {
    return in.u16be(questionEnd - 2);
  }

  /** Null when it is broken. */
  String questionName() {
    return DnsName.text(in, base + HEADER, base, to);
  }

  boolean usualQuestion() {
    return DnsName.usual(in, base + HEADER, questionEnd - 4);
  }

  /** The same for a question and its repetition in the response, whatever case its letters have. */
  int questionHash() {
    int hash = 1;
    for (int i = base + HEADER; i < questionEnd; i++) {
      int c = in.u8(i);
      hash = hash * 31 + (c >= 'A' && c <= 'Z' ? c | 0x20 : c);
    }
    return hash;
  }

  /** Serial number of the first answer, -1 when that is no SOA. */
  long firstSerial() {
    return firstSerial;
  }

  /**
   * Serial number of the last answer, -1 when that is no SOA. Zone transfers begin and end with the
   * same.
   */
  long lastSerial() {
    return answersThere > 0 && lastType == DnsCodes.SOA && lastLength >= 22
        ? in.u32be(lastData + lastLength - 20)
        : -1;
  }

  /** The answers' data, joined by commas, at most so many. */
  String answerTexts(int maxAnswers, int maxLength) {
    StringBuilder out = new StringBuilder(48);
    int pos = answersAt;
    for (int i = 0; i < answersThere && i < maxAnswers && out.length() < maxLength; i++) {
      int at = DnsName.end(in, pos, to);
      int length = in.u16be(at + 8);
      if (i > 0) {
        out.append(',');
      }
      RecordData.append(in, in.u16be(at), at + 10, length, base, to, out);
      pos = at + 10 + length;
    }
    if (out.length() > maxLength) {
      out.setLength(maxLength);
    }
    return out.toString();
  }
}
