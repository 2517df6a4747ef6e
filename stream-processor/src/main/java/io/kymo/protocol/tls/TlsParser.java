package io.kymo.protocol.tls;

import io.kymo.protocol.Flow;
import io.kymo.protocol.Input;
import io.kymo.protocol.Message;
import io.kymo.protocol.Message.Kind;
import io.kymo.protocol.Outcome;
import io.kymo.protocol.Parser;
import io.kymo.protocol.Session;
import io.kymo.protocol.Side;
import io.kymo.protocol.Verdict;

/**
 * TLS 1.0 to 1.3 (RFC 5246, RFC 8446): one exchange, the handshake, from ClientHello to the end of
 * the server's flight: its ChangeCipherSpec, or an alert. With 1.3 the flight is encrypted and ends
 * where the client takes it: the client's first record tells by its length whether that is its
 * Finished or an alert. What follows is encrypted: the connection is opaque from there on.
 *
 * <pre>
 *   client   ClientHello                                        Finished: 4 + 32 or 48 + 1 + 16, or alert: 2 + 1 + 16
 *   server                ServerHello {Certificate … Finished}
 * </pre>
 */
public final class TlsParser implements Parser {
  @Override
  public Verdict recognise(Input client, Input server, Flow flow) {
    if (!flow.transport().stream()) {
      return Verdict.NO;
    }
    if (client.length() == 0) {
      return server.length() == 0 || !flow.fromStart() && Records.looksLikeOne(server)
          ? Verdict.MAYBE
          : Verdict.NO;
    }
    if (Records.beginsHello(client, Records.CLIENT_HELLO)) {
      return client.length() >= Records.HELLO_PREFIX ? Verdict.YES : Verdict.MAYBE;
    }
    if (flow.fromStart() || !Records.looksLikeOne(client) || !Records.looksLikeOne(server)) {
      return Verdict.NO;
    }
    boolean both = client.length() >= Records.HEADER && server.length() >= Records.HEADER;
    return both ? Verdict.YES : Verdict.MAYBE;
  }

  @Override
  public boolean wraps() {
    return true;
  }

  @Override
  public Session newSession(Flow flow) {
    return new TlsSession();
  }

  @Override
  public Outcome decode(Input in, Side side, Session session, Message message) {
    if (in.length() < Records.HEADER) {
      return in.length() == 0 || Records.looksLikeOne(in) ? Outcome.INCOMPLETE : Outcome.MALFORMED;
    }
    if (!Records.looksLikeOne(in)) {
      return Outcome.MALFORMED;
    }
    TlsSession s = (TlsSession) session;
    return side == Side.CLIENT ? client(in, s, message) : server(in, s, message);
  }

  private static Outcome client(Input in, TlsSession s, Message message) {
    if (!s.greeted && Records.type(in) == Records.HANDSHAKE) {
      Input hello = Records.handshake(in);
      if (hello == null) {
        return Outcome.INCOMPLETE;
      }
      if (Records.beginsHello(in, Records.CLIENT_HELLO)) {
        message.begin(Kind.REQUEST);
        Hello.client(hello, message);
        s.greeted = true;
        in.consume(hello.consumed());
        return Outcome.MESSAGE;
      }
    }
    if (!s.greeted) {
      return opaque(in); // from the middle: the hello went by unseen
    }
    if (Records.type(in) == Records.ALERT && Records.length(in) == 2) {
      if (in.length() < Records.HEADER + 2) {
        return Outcome.INCOMPLETE;
      }
      s.alert(Side.CLIENT, in.u8(Records.HEADER), in.u8(Records.HEADER + 1));
    }
    if (s.encrypted && Records.type(in) == Records.APPLICATION_DATA) {
      s.hidden(Records.length(in));
      if (s.accepted) {
        return opaque(in);
      }
    }
    in.consume(Records.HEADER + (long) Records.length(in));
    return Outcome.SKIPPED;
  }

  private static Outcome server(Input in, TlsSession s, Message message) {
    if (!s.greeted) {
      in.awaitRequest();
      return Outcome.INCOMPLETE;
    }
    switch (Records.type(in)) {
      case Records.HANDSHAKE:
        return message.begun() ? skip(in) : hello(in, s, message);
      case Records.ALERT:
        if (in.length() < Records.HEADER + 2) {
          return Outcome.INCOMPLETE;
        }
        if (!message.begun()) {
          message.begin(Kind.RESPONSE);
        }
        if (Records.length(in) == 2) {
          Alerts.set(message, Side.SERVER, in.u8(Records.HEADER + 1));
        }
        return opaque(in);
      default: // ChangeCipherSpec or encrypted data: the handshake is over as far as it can be read
        if (!message.begun() || s.encrypted && !s.unseen) {
          return skip(in);
        }
        s.blame(message);
        return opaque(in);
    }
  }

  private static Outcome hello(Input in, TlsSession s, Message message) {
    Input hello = Records.handshake(in);
    if (hello == null) {
      return Outcome.INCOMPLETE;
    }
    if (!Records.beginsHello(in, Records.SERVER_HELLO)) {
      return Outcome.MALFORMED;
    }
    if (Hello.isRetryRequest(hello)) {
      in.consume(hello.consumed());
      return Outcome.SKIPPED;
    }
    message.begin(Kind.RESPONSE);
    s.encrypted = !Hello.server(hello, message);
    in.consume(hello.consumed());
    return Outcome.SKIPPED; // certificate and the rest of the flight
  }

  private static Outcome skip(Input in) {
    in.consume(Records.HEADER + (long) Records.length(in));
    return Outcome.SKIPPED;
  }

  private static Outcome opaque(Input in) {
    in.consume(Records.HEADER + (long) Records.length(in));
    in.switchTo("tls");
    return Outcome.SWITCHED;
  }

  @Override
  public boolean truncated(Input in, Side side, Session session, Message message) {
    TlsSession s = (TlsSession) session;
    s.unseen |= side == Side.CLIENT && s.greeted;
    if (!message.begun()) {
      boolean hello = in.length() > Records.HEADER && Records.beginsHello(in, Records.CLIENT_HELLO);
      if (side == Side.SERVER || s.greeted || !hello) {
        return false;
      }
      message.begin(Kind.REQUEST);
      message.operation(Hello.OPERATION);
      s.greeted = true;
    } else if (side == Side.SERVER) {
      s.blame(message);
    }
    message.markTruncated();
    return true;
  }

  /**
   * A client that does not like the certificate says so, and the server closes. One that likes it
   * ends the server's flight.
   */
  @Override
  public boolean completeAtEnd(Side side, Session session, Message message) {
    if (side == Side.SERVER) {
      ((TlsSession) session).conclude(message);
    }
    return side == Side.SERVER;
  }

  @Override
  public void lost(Side side, Session session) {
    ((TlsSession) session).lost();
  }

  @Override
  public int resync(Input in, int from, Side side, Session session) {
    for (int at = from; at < in.length(); at++) {
      if (Records.looksLikeOne(in, at)) {
        return at;
      }
    }
    return -1;
  }
}
