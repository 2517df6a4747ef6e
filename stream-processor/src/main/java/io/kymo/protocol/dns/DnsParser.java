package io.kymo.protocol.dns;

import io.kymo.protocol.Flow;
import io.kymo.protocol.Input;
import io.kymo.protocol.Message;
import io.kymo.protocol.Message.Kind;
import io.kymo.protocol.Outcome;
import io.kymo.protocol.Parser;
import io.kymo.protocol.Privacy;
import io.kymo.protocol.Session;
import io.kymo.protocol.Side;
import io.kymo.protocol.Status;
import io.kymo.protocol.Verdict;
import io.kymo.protocol.dns.DnsMessage.Walk;

/**
 * DNS. Responses find their request by transaction id and question, so any number may be in flight.
 * Multicast DNS is one-way: a question has any number of answers, and answers come unasked. The
 * messages of a zone transfer are one response together.
 */
public final class DnsParser implements Parser {
  private static final int MAX_ANSWERS = 16;
  private static final int MAX_ANSWERS_LENGTH = 1024;
  private static final String[] FLAG_NAMES = {"AA", "TC", "RD", "RA", "AD", "CD"};
  private static final int[] FLAG_BITS = {0x400, 0x200, 0x100, 0x80, 0x20, 0x10};

  /**
   * @param privacy not asked: names and addresses are what DNS is about, texts never leave
   */
  public DnsParser(Privacy privacy) {}

  @Override
  public Verdict recognise(Input client, Input server, Flow flow) {
    return DnsRecognition.of(client, server, flow);
  }

  @Override
  public Session newSession(Flow flow) {
    return new DnsSession(flow);
  }

  @Override
  public Outcome decode(Input in, Side side, Session session, Message message) {
    DnsSession s = (DnsSession) session;
    int base = s.stream() ? 2 : 0;
    if (in.length() < base + DnsMessage.HEADER) {
      boolean tooShort =
          base == 0 ? in.hole() == 0 : in.length() >= base && in.u16be(0) < DnsMessage.HEADER;
      return tooShort ? Outcome.MALFORMED : Outcome.INCOMPLETE;
    }
    long end = base == 0 ? in.length() + in.hole() : base + in.u16be(0);
    if (end < base + DnsMessage.HEADER) {
      return Outcome.MALFORMED;
    }
    boolean cut = end > in.length();
    DnsMessage m = new DnsMessage(in, base, (int) Math.min(end, in.length()));
    if (m.response() != (side == Side.SERVER) && !s.multicast()) {
      return Outcome.MALFORMED;
    }
    if (cut && in.hole() == 0) {
      return Outcome.INCOMPLETE;
    }
    Walk walk = m.walk();
    boolean broken =
        walk == Walk.BROKEN || walk != Walk.WHOLE && !cut && !(m.cutByServer() && walk == Walk.CUT);
    if (broken) {
      return Outcome.MALFORMED;
    }
    if (walk == Walk.TOO_SHORT) {
      return Outcome.INCOMPLETE;
    }
    if (walk == Walk.CUT && cut) {
      message.markTruncated();
    }
    if (m.response() && !m.hasQuestion() && !s.multicast() && s.transfer != m.id) {
      if (m.rcode() == 0) {
        in.consume(end); // within a zone transfer whose beginning was lost
        return Outcome.SKIPPED;
      }
      if (s.correlation(m.id) < 0) {
        in.awaitRequest();
        return Outcome.INCOMPLETE;
      }
    }
    in.consume(end);
    if (s.multicast()) {
      oneWay(m, s, message);
    } else if (m.response()) {
      return response(m, s, message);
    } else {
      request(m, s, message);
    }
    return Outcome.MESSAGE;
  }

  private static void request(DnsMessage m, DnsSession s, Message message) {
    message.begin(Kind.REQUEST);
    describe(m, s, message);
    long correlation = correlation(m);
    s.asked(correlation);
    message.correlation(correlation);
  }

  private static void oneWay(DnsMessage m, DnsSession s, Message message) {
    message.begin(Kind.ONE_WAY);
    describe(m, s, message);
    answers(m, message);
    message.status(DnsCodes.status(m.rcode()), DnsCodes.rcode(m.rcode()));
  }

  private static long correlation(DnsMessage m) {
    return (m.questionHash() & 0xffffffffL) << 16 | m.id;
  }

  private static void describe(DnsMessage m, DnsSession s, Message message) {
    message.attribute("network.transport", s.flow.transport().networkTransport());
    message.attribute("network.protocol.name", s.protocolName());
    if (m.opcode() != DnsCodes.QUERY) {
      message.operation(DnsCodes.opcode(m.opcode()));
    }
    message.attribute("dns.op_code", DnsCodes.opcode(m.opcode()));
    if (m.hasQuestion()) {
      String type = DnsCodes.type(m.questionType());
      String name = m.questionName();
      if (m.opcode() == DnsCodes.QUERY) {
        message.operation(type);
      }
      message.resource(name == null ? "" : name);
      message.attribute("dns.question.name", name);
      message.attribute("dns.question.type", type);
    } else if (m.opcode() == DnsCodes.QUERY) {
      message.operation(m.response() ? "RESPONSE" : "QUERY");
    }
  }

  private static Outcome response(DnsMessage m, DnsSession s, Message message) {
    boolean goesOn = s.transfer == m.id && message.begun();
    if (!goesOn) {
      int rcode = m.rcode();
      String name = DnsCodes.rcode(rcode);
      Status status = DnsCodes.status(rcode);
      message.begin(Kind.RESPONSE);
      message.correlation(m.hasQuestion() ? correlation(m) : s.correlation(m.id));
      message.status(status, name);
      message.errorType(status == Status.OK ? "" : name);
      message.attribute("dns.response_code", name);
      message.attribute("dns.header_flags", flagNames(m.flags));
      answers(m, message);
      s.transfer = DnsSession.NO_TRANSFER;
    }
    return transferGoesOn(m, s, goesOn) ? Outcome.SKIPPED : Outcome.MESSAGE;
  }

  private static void answers(DnsMessage m, Message message) {
    if (m.answers > 0) {
      message.attribute("dns.answers", m.answerTexts(MAX_ANSWERS, MAX_ANSWERS_LENGTH));
    }
  }

  /**
   * A zone ends with the SOA record that it began with (RFC 5936 section 2.2, RFC 1995 section 4).
   */
  private static boolean transferGoesOn(DnsMessage m, DnsSession s, boolean goesOn) {
    if (!s.stream()) {
      return false;
    }
    if (goesOn) {
      if (m.lastSerial() != s.transferSerial && m.rcode() == 0) {
        return true;
      }
      s.transfer = DnsSession.NO_TRANSFER;
      return false;
    }
    int type = m.hasQuestion() ? m.questionType() : 0;
    boolean transfer = type == DnsCodes.AXFR || type == DnsCodes.IXFR;
    long serial = m.firstSerial();
    if (!transfer || m.rcode() != 0 || serial < 0) {
      return false;
    }
    // alone: to IXFR it says that nothing changed
    boolean whole = m.answers > 1 ? m.lastSerial() == serial : type == DnsCodes.IXFR;
    if (!whole) {
      s.transfer = m.id;
      s.transferSerial = serial;
    }
    return !whole;
  }

  private static String flagNames(int flags) {
    StringBuilder out = new StringBuilder(8);
    for (int i = 0; i < FLAG_BITS.length; i++) {
      if ((flags & FLAG_BITS[i]) != 0) {
        out.append(out.length() == 0 ? "" : ",").append(FLAG_NAMES[i]);
      }
    }
    return out.toString();
  }

  @Override
  public boolean truncated(Input in, Side side, Session session, Message message) {
    // with its question there decode would have made a message of it; a transfer ends here
    ((DnsSession) session).transfer = DnsSession.NO_TRANSFER;
    return message.begun();
  }

  @Override
  public void lost(Side side, Session session) {
    if (side == Side.SERVER) {
      ((DnsSession) session).transfer = DnsSession.NO_TRANSFER;
    }
  }

  @Override
  public int resync(Input in, int from, Side side, Session session) {
    DnsSession s = (DnsSession) session;
    if (!s.stream()) {
      return from < in.length() ? from : -1;
    }
    for (int i = from; i < in.length(); i++) {
      if (DnsRecognition.framed(in, i, side == Side.SERVER, s.flow) != Verdict.NO) {
        return i;
      }
    }
    return -1;
  }
}
