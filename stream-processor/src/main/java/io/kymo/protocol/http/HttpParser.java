package io.kymo.protocol.http;

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
import io.kymo.protocol.http.HttpSession.Direction;
import io.kymo.protocol.http.HttpSession.Phase;

/**
 * HTTP/1.x, RFC 9112 (June 2022).
 *
 * <pre>
 * message = start-line CRLF *( field-line CRLF ) CRLF [ body ]
 * body    = content-length bytes | chunks | all until close (responses only)
 * </pre>
 *
 * Heads are taken in line by line. 1xx responses are not the answer and skipped, except 101, which
 * ends HTTP on this connection. Behind CONNECT and Upgrade the client's bytes wait until the server
 * has said what they are.
 */
public final class HttpParser implements Parser {
  private static final int MAX_HEAD = 1024 * 1024;
  private static final String OTHER = "_OTHER"; // OpenTelemetry's
  private static final byte[] PREFACE = Ascii.bytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

  // HTTP/2
  private static final int FRAME_TYPE = 3;
  private static final int FRAME_HEAD = 9;
  private static final int SETTINGS = 4;
  private static final int SETTING_BYTES = 6;

  private static final String[] VERSIONS = {
    "1.0", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7", "1.8", "1.9"
  };
  private static final String[] CODES = new String[1000];

  static {
    for (int i = 0; i < CODES.length; i++) {
      CODES[i] = Integer.toString(i);
    }
  }

  private final Privacy privacy;

  public HttpParser(Privacy privacy) {
    this.privacy = privacy;
  }

  @Override
  public Verdict recognise(Input client, Input server, Flow flow) {
    if (!flow.transport().stream()) {
      return Verdict.NO; // SSDP
    }
    Verdict response =
        server.length() == 0 ? Verdict.MAYBE : StartLine.status(server, blankLines(server));
    if (client.length() == 0) {
      return response;
    }
    Verdict request = StartLine.request(client, blankLines(client), true);
    if (request == Verdict.YES && response == Verdict.NO && flow.fromStart()) {
      return Verdict.NO; // a request, answered in another language
    }
    if (request == Verdict.NO && flow.fromStart()) {
      return refused(client, server, response);
    }
    // picked up within a connection: either side may be inside a body
    return request == Verdict.NO && !flow.fromStart() ? response : request;
  }

  /** Is it something that only the server's answer shows to have been meant as a request? */
  private static Verdict refused(Input client, Input server, Verdict response) {
    if (server.length() == 0) {
      return Verdict.NO;
    }
    if (response == Verdict.YES) {
      return StartLine.statusCode(server, blankLines(server)) >= 400 ? Verdict.YES : Verdict.NO;
    }
    if (response == Verdict.NO && preface(client)) {
      return client.length() < PREFACE.length ? Verdict.MAYBE : Verdict.YES;
    }
    return response;
  }

  /** The preface of HTTP/2, or its beginning? */
  private static boolean preface(Input client) {
    int n = Math.min(client.length(), PREFACE.length);
    for (int i = 0; i < n; i++) {
      if (client.at(i) != PREFACE[i]) {
        return false;
      }
    }
    return true;
  }

  @Override
  public Session newSession(Flow flow) {
    return new HttpSession(flow.fromStart());
  }

  @Override
  public Outcome decode(Input in, Side side, Session session, Message message) {
    if (in.length() == 0 && in.hole() == 0) {
      return Outcome.INCOMPLETE;
    }
    HttpSession s = (HttpSession) session;
    Direction d = s.direction(side);
    Outcome outcome =
        switch (d.phase) {
          case START -> start(in, side, s, d, message);
          case HEAD -> head(in, 0, side, s, d, message);
          case CHUNK_SIZE, CHUNK_END, TRAILERS -> chunks(in, 0, side, d, message);
          case UNTIL_CLOSE, UNFRAMED, PREFACE -> rest(in, 0, d);
          case UNREADABLE -> unreadable(in, s, d, message);
        };
    if (outcome == Outcome.MALFORMED) {
      d.reset();
    }
    return outcome;
  }

  private Outcome start(Input in, Side side, HttpSession s, Direction d, Message message) {
    int blank = blankLines(in);
    if (blank > 0) {
      in.consume(blank);
      return Outcome.SKIPPED;
    }
    if (in.length() == 0
        || in.length() == 1 && in.at(0) == Ascii.CR
        || side == Side.CLIENT && s.held()) {
      return Outcome.INCOMPLETE;
    }
    Verdict verdict =
        side == Side.CLIENT ? StartLine.request(in, 0, false) : StartLine.status(in, 0);
    int eol = in.indexOf(Ascii.LF, 0, StartLine.MAX_LINE);
    if (verdict == Verdict.NO || eol < 0 && in.length() >= StartLine.MAX_LINE) {
      return noStartLine(in, side, s, d, message);
    }
    if (side == Side.SERVER && !s.requestInFlight()) {
      in.awaitRequest();
      return Outcome.INCOMPLETE;
    }
    if (verdict == Verdict.MAYBE || eol < 0) {
      return Outcome.INCOMPLETE;
    }
    if (side == Side.CLIENT) {
      requestLine(in, eol, d, message);
    } else {
      statusLine(in, s, d, message);
    }
    d.phase = Phase.HEAD;
    return head(in, eol + 1, side, s, d, message);
  }

  /**
   * What is no request line is one to its server, which refuses it. Only where no byte was missed:
   * else it may be the middle of something.
   */
  private static Outcome noStartLine(
      Input in, Side side, HttpSession s, Direction d, Message message) {
    if (side == Side.SERVER && s.direction(Side.CLIENT).phase == Phase.PREFACE) {
      in.consume(1);
      in.switchTo("http2");
      return Outcome.SWITCHED;
    }
    if (side == Side.SERVER
        && s.inStep()
        && s.direction(Side.CLIENT).phase == Phase.START
        && settings(in)) {
      return Outcome.INCOMPLETE; // what the client says shows whether it is HTTP/2
    }
    if (side == Side.SERVER || !s.inStep()) {
      return Outcome.MALFORMED;
    }
    message.begin(Kind.REQUEST);
    message.operation(OTHER);
    message.attribute("http.request.method", OTHER);
    s.requestSent(HttpSession.PLAIN);
    d.unreadable = true;
    if (in.matches(0, PREFACE)) {
      d.phase = Phase.PREFACE;
      return rest(in, 0, d);
    }
    d.phase = Phase.UNREADABLE;
    return unreadable(in, s, d, message);
  }

  /**
   * The head of the frame that a server of HTTP/2 begins with, be it before the client's preface
   * (RFC 9113 sections 3.4, 4.1, 6.5), or its beginning?
   *
   * <pre>
   * u24 length, a multiple of 6 | u8 type 4 | u8 flags 0 | u32 stream 0
   * </pre>
   */
  private static boolean settings(Input in) {
    int n = Math.min(in.length(), FRAME_HEAD);
    for (int i = 0; i < n; i++) {
      if (in.at(i) != (i == FRAME_TYPE ? SETTINGS : 0) && (i == 0 || i >= FRAME_TYPE)) {
        return false;
      }
    }
    return n < FRAME_TYPE || ((in.at(1) & 0xff) << 8 | in.at(2) & 0xff) % SETTING_BYTES == 0;
  }

  private static Outcome unreadable(Input in, HttpSession s, Direction d, Message message) {
    int eol = in.indexOf(Ascii.LF, 0, in.length());
    if (eol < 0) {
      return progress(in, in.length());
    }
    d.phase = Phase.HEAD;
    return head(in, eol + 1, Side.CLIENT, s, d, message);
  }

  private void requestLine(Input in, int eol, Direction d, Message message) {
    int end = in.at(eol - 1) == Ascii.CR ? eol - 1 : eol;
    request(in, end - 9, false, d, message);
    message.attribute("network.protocol.version", VERSIONS[in.at(end - 1) - '0']);
  }

  private void request(Input in, int targetEnd, boolean cut, Direction d, Message message) {
    int blank = in.indexOf((byte) ' ', 0, in.length());
    String known = Methods.known(in, blank);
    String method = known != null ? known : in.latin1(0, blank);
    message.begin(Kind.REQUEST);
    message.operation(known != null ? known : OTHER);
    message.attribute("http.request.method", known != null ? known : OTHER);
    message.attribute("http.request.method_original", known != null ? null : method);
    String target = in.utf8(blank + 1, Math.max(blank + 1, targetEnd)).trim();
    if (method.equals("CONNECT")) {
      d.request = HttpSession.CONNECT;
      Target.authority(cut ? "" : target, message);
    } else {
      d.request = method.equals("HEAD") ? HttpSession.HEAD : HttpSession.PLAIN;
      Target.resource(target, cut, privacy.urlQueryValues(), message);
    }
  }

  private void statusLine(Input in, HttpSession s, Direction d, Message message) {
    d.status = StartLine.statusCode(in, 0);
    d.request = s.oldestRequest();
    if (informational(d.status)) {
      return;
    }
    String code = CODES[d.status];
    message.begin(Kind.RESPONSE);
    message.status(
        d.status < 400 ? Status.OK : d.status < 500 ? Status.CLIENT_ERROR : Status.SERVER_ERROR,
        code);
    message.attribute("http.response.status_code", code);
    if (d.status >= 400) {
      message.errorType(code);
    }
  }

  private static boolean informational(int status) {
    return status < 200 && status != 101;
  }

  private static Outcome head(
      Input in, int from, Side side, HttpSession s, Direction d, Message message) {
    int pos = from;
    while (pos < in.length()) {
      int blank = lineBreak(in, pos);
      if (blank > 0) {
        return body(in, pos + blank, side, s, d, message);
      }
      int eol = blank < 0 ? -1 : Headers.lineEnd(in, pos);
      if (eol < 0) {
        if (in.length() - pos >= StartLine.MAX_LINE) {
          return Outcome.MALFORMED;
        }
        break;
      }
      boolean refused = side == Side.CLIENT && s.inStep();
      if (!Headers.line(in, pos, eol, side, d, message) && !refused) {
        return Outcome.MALFORMED;
      }
      pos = eol + 1;
    }
    d.headBytes += pos;
    return d.headBytes > MAX_HEAD ? Outcome.MALFORMED : progress(in, pos);
  }

  // RFC 9112 section 6.3, in its order
  private static Outcome body(
      Input in, int pos, Side side, HttpSession s, Direction d, Message message) {
    if (side == Side.SERVER) {
      if (informational(d.status)) {
        return done(in, pos, d, Outcome.SKIPPED);
      }
      s.requestAnswered();
      boolean tunnel = d.request == HttpSession.CONNECT && d.status / 100 == 2;
      if (d.status == 101 || tunnel) {
        in.switchTo(tunnel ? "tunnel" : d.upgrade.isEmpty() ? "unknown" : d.upgrade);
        return done(in, pos, d, Outcome.SWITCHED);
      }
      if (d.request == HttpSession.HEAD || d.status == 204 || d.status == 304) {
        return done(in, pos, d, Outcome.MESSAGE);
      }
    } else if (!d.unreadable) {
      s.requestSent(
          d.upgrade.isEmpty() || d.request != HttpSession.PLAIN ? d.request : HttpSession.UPGRADE);
    }
    if (d.chunked) {
      d.phase = Phase.CHUNK_SIZE;
      return chunks(in, pos, side, d, message);
    }
    if (d.coded
        || d.contentLength == HttpSession.BAD_LENGTH
        || side == Side.SERVER && d.contentLength == HttpSession.NO_LENGTH) {
      if (side == Side.SERVER) {
        d.phase = Phase.UNTIL_CLOSE;
        return rest(in, pos, d);
      }
      d.phase = Phase.UNFRAMED;
      in.consume(pos);
      return Outcome.MESSAGE;
    }
    long length = Math.max(0, d.contentLength);
    if (d.contentLength >= 0) {
      bodySize(side, length, message);
    }
    return done(in, pos + length, d, Outcome.MESSAGE);
  }

  private static Outcome chunks(Input in, int from, Side side, Direction d, Message message) {
    long pos = ChunkedBody.take(in, from, d);
    if (pos == ChunkedBody.MALFORMED) {
      return Outcome.MALFORMED;
    }
    if (d.phase != Phase.START) {
      return progress(in, pos);
    }
    bodySize(side, d.bodyBytes, message);
    return done(in, pos, d, Outcome.MESSAGE);
  }

  private static Outcome rest(Input in, int from, Direction d) {
    long all = in.length() + in.hole();
    d.bodyBytes += all - from;
    return progress(in, all);
  }

  private static Outcome progress(Input in, long pos) {
    if (pos == 0) {
      return Outcome.INCOMPLETE;
    }
    in.consume(pos);
    return Outcome.SKIPPED;
  }

  private static Outcome done(Input in, long pos, Direction d, Outcome outcome) {
    d.reset();
    in.consume(pos);
    return outcome;
  }

  private static void bodySize(Side side, long bytes, Message message) {
    message.attribute(
        side == Side.CLIENT ? "http.request.body.size" : "http.response.body.size",
        Long.toString(bytes));
  }

  @Override
  public boolean truncated(Input in, Side side, Session session, Message message) {
    HttpSession s = (HttpSession) session;
    Direction d = s.direction(side);
    if (d.phase == Phase.START) {
      startLineOnly(in, side, s, d, message);
    }
    if (d.phase == Phase.HEAD && in.length() > 0 && in.at(in.length() - 1) == Ascii.LF) {
      Headers.line(
          in,
          0,
          in.length() - 1,
          side,
          d,
          message); // whole, but whether it is folded was not to be seen
    }
    boolean inHead = d.phase == Phase.START || d.phase == Phase.HEAD || d.phase == Phase.UNREADABLE;
    if (inHead && message.begun()) {
      if (!d.coded && d.contentLength >= 0) {
        bodySize(side, d.contentLength, message);
      }
      if (side == Side.SERVER) {
        s.requestAnswered();
      } else if (!d.unreadable) {
        s.requestSent(d.request);
      }
    }
    d.reset();
    if (side == Side.CLIENT) {
      s.outOfStep(); // the next burst may go on with it
    }
    if (message.begun()) {
      message.markTruncated();
    }
    return message.begun();
  }

  private void startLineOnly(Input in, Side side, HttpSession s, Direction d, Message message) {
    if (side == Side.SERVER) {
      if (in.length() >= StartLine.STATUS
          && s.requestInFlight()
          && StartLine.status(in, 0) != Verdict.NO) {
        statusLine(in, s, d, message);
      }
    } else if (!s.held()
        && in.indexOf((byte) ' ', 0, in.length()) > 0
        && StartLine.request(in, 0, false) != Verdict.NO) {
      request(in, in.length(), true, d, message);
    }
  }

  @Override
  public boolean completeAtEnd(Side side, Session session, Message message) {
    HttpSession s = (HttpSession) session;
    Direction d = s.direction(side);
    switch (d.phase) {
      case START, UNFRAMED -> {
        return false;
      }
      case HEAD -> {
        if (side == Side.SERVER || d.unreadable && s.requestInFlight()) {
          return false;
        }
        if (!d.unreadable) {
          s.requestSent(d.request);
        }
      }
      case UNREADABLE, PREFACE -> {
        if (s.requestInFlight()) {
          return false; // nobody took it for a request
        }
      }
      case CHUNK_SIZE, CHUNK_END, TRAILERS -> {
        if (side == Side.SERVER) {
          message.brokenOff();
        }
        if (d.phase != Phase.CHUNK_END) { // else the last chunk may not be all there
          bodySize(side, d.bodyBytes, message);
        }
      }
      case UNTIL_CLOSE -> bodySize(side, d.bodyBytes, message);
    }
    d.reset();
    return true;
  }

  @Override
  public void lost(Side side, Session session) {
    HttpSession s = (HttpSession) session;
    s.direction(side).reset();
    s.lost();
  }

  @Override
  public int resync(Input in, int from, Side side, Session session) {
    ((HttpSession) session).direction(side).reset();
    return side == Side.CLIENT ? StartLine.findRequest(in, from) : StartLine.findStatus(in, from);
  }

  // blank lines before a start line are to be ignored (RFC 9112 section 2.2)
  private static int blankLines(Input in) {
    int i = 0;
    for (int n = 1; i < in.length() && n > 0; i += n) {
      n = Math.max(0, lineBreak(in, i));
    }
    return i;
  }

  /**
   * Length of the line break at {@code i}.
   *
   * @return 0 when there is none, -1 when it cannot be told yet
   */
  static int lineBreak(Input in, int i) {
    if (in.at(i) == Ascii.LF) {
      return 1;
    }
    if (in.at(i) != Ascii.CR) {
      return 0;
    }
    if (i + 1 >= in.length()) {
      return -1;
    }
    return in.at(i + 1) == Ascii.LF ? 2 : 0;
  }
}
