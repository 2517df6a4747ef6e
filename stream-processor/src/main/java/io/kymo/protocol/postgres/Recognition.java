package io.kymo.protocol.postgres;

import io.kymo.protocol.Flow;
import io.kymo.protocol.Input;
import io.kymo.protocol.Verdict;

/**
 * Whether bytes are PostgreSQL's. A connection seen from its start begins with a message that has
 * no type, whose code is unmistakable. In the middle of one, chains of messages must hold together
 * to the end of what is there.
 */
final class Recognition {
  /** How far chains are followed. */
  private static final int MOST_MESSAGES = 64;

  /** Printable characters that make a text. */
  private static final int TEXT_ENOUGH = Frame.HEADER + 64;

  private static final int CUT_TEXT_ENOUGH = Frame.HEADER + 16;

  private Recognition() {}

  static Verdict of(Input client, Input server, Flow flow) {
    if (client.length() > 0 && (flow.fromStart() || client.at(0) == 0)) {
      return startup(client, server);
    }
    if (flow.fromStart()) {
      return server.length() == 0 || possibleFirst(server) ? Verdict.MAYBE : Verdict.NO;
    }
    Verdict c = client.length() == 0 ? Verdict.NO : chain(client, 0, true);
    Verdict s = server.length() == 0 ? Verdict.NO : chain(server, 0, false);
    if (c == Verdict.YES || s == Verdict.YES) {
      return Verdict.YES;
    }
    return c == Verdict.NO && s == Verdict.NO ? Verdict.NO : Verdict.MAYBE;
  }

  private static Verdict startup(Input client, Input server) {
    if (!Startup.possible(client) || server.length() > 0 && !possibleFirst(server)) {
      return Verdict.NO;
    }
    if (client.length() < Startup.HEADER) {
      return Verdict.MAYBE;
    }
    if (!Startup.isStartup(client)) {
      return Verdict.YES;
    }
    if (!Startup.parametersValid(client)) {
      return Verdict.NO;
    }
    boolean whole = client.length() >= client.i32be(0);
    boolean cut = client.hole() > 0 && client.length() > Startup.HEADER;
    return whole || cut ? Verdict.YES : Verdict.MAYBE;
  }

  // N, S, G to a request for encryption; R, E, v to the startup message
  private static boolean possibleFirst(Input server) {
    return "NSGREv".indexOf(server.at(0)) >= 0;
  }

  /** Follows the chain of messages at {@code from}, to the end of what is there. */
  static Verdict chain(Input in, int from, boolean client) {
    int whole = 0;
    boolean strong = false;
    long i = from;
    while (i + Frame.HEADER <= in.length() && whole < MOST_MESSAGES) {
      int at = (int) i;
      boolean valid =
          client
              ? Frame.clientHeader(in, at) && Frame.clientBody(in, at, in.length())
              : Frame.serverHeader(in, at) && Frame.serverBody(in, at, in.length());
      if (!valid) {
        return Verdict.NO;
      }
      long size = Frame.size(in, at);
      i += size;
      if (i > in.length()) {
        boolean text = client && (in.at(at) == 'Q' || in.at(at) == 'P');
        int enough = in.hole() > 0 ? CUT_TEXT_ENOUGH : TEXT_ENOUGH;
        strong |= text && in.length() - at >= Math.min(size, enough);
        break;
      }
      whole++;
      strong |= whole > 2 || strong(in.at(at), client);
    }
    return strong ? Verdict.YES : Verdict.MAYBE;
  }

  // a text of printable characters that ends where it must; ReadyForQuery is known to its last bit
  private static boolean strong(byte type, boolean client) {
    return client ? type == 'Q' || type == 'P' || type == 'B' : type == 'Z';
  }

  /** First place where a chain of the client's messages begins; -1 when there is none. */
  static int find(Input in, int from) {
    for (int i = from; i + Frame.HEADER <= in.length(); i++) {
      if (chain(in, i, true) == Verdict.YES) {
        return i;
      }
    }
    return -1;
  }
}
