package io.kymo.protocol.dns;

import io.kymo.protocol.Flow;
import io.kymo.protocol.Input;
import io.kymo.protocol.Verdict;
import io.kymo.protocol.dns.DnsMessage.Walk;

/**
 * UDP carries anything, so all of a message has to be right: flags, counts, names, types, and its
 * end.
 */
final class DnsRecognition {
  private static final int DNS = 53;
  private static final int NETBIOS = 137; // the same format with other meanings
  static final int MULTICAST = 5353;
  static final int LLMNR = 5355;

  private DnsRecognition() {}

  static Verdict of(Input client, Input server, Flow flow) {
    if (flow.serverPort() == NETBIOS || flow.clientPort() == NETBIOS) {
      return Verdict.NO;
    }
    Verdict asked = judge(client, false, flow);
    Verdict answered = judge(server, true, flow);
    if (asked == Verdict.NO || answered == Verdict.NO) {
      return Verdict.NO;
    }
    return asked == Verdict.YES ? asked : answered;
  }

  private static Verdict judge(Input in, boolean fromServer, Flow flow) {
    if (in.length() == 0) {
      return Verdict.MAYBE;
    }
    if (!flow.transport().stream()) {
      return message(in, 0, in.length(), in.hole() > 0, fromServer, flow);
    }
    return framed(in, 0, fromServer, flow);
  }

  /** As {@link #message}, of one behind its length (RFC 7766 section 8). */
  static Verdict framed(Input in, int from, boolean fromServer, Flow flow) {
    if (in.length() - from < 2) {
      return Verdict.MAYBE;
    }
    int length = in.u16be(from);
    int there = Math.min(length, in.length() - from - 2);
    if (length < DnsMessage.HEADER) {
      return Verdict.NO;
    }
    Verdict verdict = message(in, from + 2, from + 2 + there, there < length, fromServer, flow);
    return there < length && verdict == Verdict.YES && in.hole() == 0 ? Verdict.MAYBE : verdict;
  }

  private static Verdict message(
      Input in, int from, int to, boolean more, boolean fromServer, Flow flow) {
    if (to - from < DnsMessage.HEADER) {
      return more ? Verdict.MAYBE : Verdict.NO;
    }
    DnsMessage m = new DnsMessage(in, from, to);
    boolean multicast = flow.serverPort() == MULTICAST || flow.clientPort() == MULTICAST;
    if (!flags(m, multicast, fromServer) || !counts(m, multicast)) {
      return Verdict.NO;
    }
    Walk walk = m.walk();
    return switch (walk) {
      case BROKEN -> Verdict.NO;
      case TOO_SHORT -> more ? Verdict.MAYBE : Verdict.NO;
      case CUT ->
          question(m, flow, multicast) && (more || m.cutByServer()) ? Verdict.YES : Verdict.NO;
      case WHOLE ->
          question(m, flow, multicast) && m.end() == to && !more
              ? Verdict.YES
              : more ? Verdict.MAYBE : Verdict.NO;
    };
  }

  private static boolean flags(DnsMessage m, boolean multicast, boolean fromServer) {
    int opcode = m.opcode();
    boolean known =
        opcode == DnsCodes.QUERY || opcode == DnsCodes.NOTIFY || opcode == DnsCodes.UPDATE;
    if (!known || !m.zeroBit() || !multicast && m.response() != fromServer) {
      return false;
    }
    // a question has no rcode, is not cut, and RA says something of servers only
    return m.response() || (m.flags & 0x28f) == 0;
  }

  private static boolean counts(DnsMessage m, boolean multicast) {
    if (multicast) {
      return m.questions <= 64 && m.questions + m.answers > 0;
    }
    if (m.opcode() == DnsCodes.UPDATE) {
      return m.questions == 1;
    }
    if (m.response()) {
      return m.questions == 1 || m.questions == 0 && m.answers == 0;
    }
    return m.questions == 1
        && m.answers <= (m.opcode() == DnsCodes.NOTIFY ? 1 : 0)
        && m.authorities() <= 1
        && m.additionals() <= 3;
  }

  private static boolean question(DnsMessage m, Flow flow, boolean multicast) {
    if (!m.hasQuestion()) {
      return multicast || atHome(flow);
    }
    int questionClass = m.questionClass() & (multicast ? 0x7fff : 0xffff);
    boolean usualClass =
        questionClass == 1
            || questionClass == 3
            || questionClass == 4
            || questionClass == 254
            || questionClass == 255;
    int type = m.questionType();
    boolean usualType =
        DnsCodes.knownType(type) && type != DnsCodes.OPT
            || atHome(flow) && type != 0 && type != DnsCodes.NIMLOC;
    return usualClass
        && usualType
        && (multicast || atHome(flow) || m.usualQuestion())
        && m.questionName() != null;
  }

  private static boolean atHome(Flow flow) {
    return flow.serverPort() == DNS || flow.serverPort() == LLMNR;
  }
}
