package io.kymo.processor.battery;

import io.kymo.protocol.Flow;
import io.kymo.protocol.Input;
import io.kymo.protocol.Message;
import io.kymo.protocol.Message.Kind;
import io.kymo.protocol.Outcome;
import io.kymo.protocol.Parser;
import io.kymo.protocol.Session;
import io.kymo.protocol.Side;
import io.kymo.protocol.Status;
import io.kymo.protocol.Verdict;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/**
 * A protocol of lines, that shows the engine all that parsers may do.
 *
 * <pre>
 * client:  GET key          a request
 *          PUT key n        a request with n bytes of body behind it
 *          NOTE text        needs no answer
 *          #id GET key      a request with a correlation id
 * server:  +code, -code     response; #id in front where the request had one
 *          $n code          response with n bytes behind it
 *          ~code            response with all bytes until the end
 *          !text            a push
 *          =what            response; from here on the connection speaks something else ("?": anything)
 * </pre>
 */
final class LineParser implements Parser {
  private static final int MAX_LINE = 200;
  private static final List<String> VERBS = List.of("GET ", "PUT ", "NOTE ", "#");

  private static final class State implements Session {
    int inFlight;
    boolean untilClose;

    @Override
    public void save(DataOutput out) throws IOException {
      out.writeInt(inFlight);
      out.writeBoolean(untilClose);
    }

    @Override
    public void load(DataInput in) throws IOException {
      inFlight = in.readInt();
      untilClose = in.readBoolean();
    }

    @Override
    public int weight() {
      return 32;
    }
  }

  @Override
  public Verdict recognise(Input client, Input server, Flow flow) {
    String text = client.latin1(0, Math.min(client.length(), MAX_LINE));
    if (text.isEmpty()) {
      return Verdict.MAYBE;
    }
    for (String verb : VERBS) {
      if (text.startsWith(verb)) {
        return text.contains("\n") || client.hole() > 0 ? Verdict.YES : Verdict.MAYBE;
      }
      if (verb.startsWith(text)) {
        return Verdict.MAYBE;
      }
    }
    return Verdict.NO;
  }

  @Override
  public Session newSession(Flow flow) {
    return new State();
  }

  @Override
  public Outcome decode(Input in, Side side, Session session, Message message) {
    State state = (State) session;
    if (side == Side.SERVER && state.untilClose) {
      in.consume(in.length() + in.hole());
      return Outcome.SKIPPED;
    }
    int end = in.indexOf((byte) '\n', 0, Math.min(in.length(), MAX_LINE));
    if (end < 0) {
      return in.length() >= MAX_LINE ? Outcome.MALFORMED : Outcome.INCOMPLETE;
    }
    String line = in.latin1(0, end);
    in.consume(end + 1);
    long id = Message.IN_ORDER;
    if (line.matches("#\\d{1,9} .*")) {
      id = Long.parseLong(line.substring(1, line.indexOf(' ')));
      line = line.substring(line.indexOf(' ') + 1);
    }
    message.correlation(id);
    return side == Side.CLIENT
        ? request(in, state, message, line)
        : response(in, state, message, line);
  }

  private static Outcome request(Input in, State state, Message message, String line) {
    String[] words = line.split(" ");
    if (words.length == 2 && words[0].equals("NOTE")) {
      message.begin(Kind.ONE_WAY);
    } else if (words.length == 2 && words[0].equals("GET")
        || words.length == 3 && words[0].equals("PUT") && words[2].matches("\\d{1,6}")) {
      message.begin(Kind.REQUEST);
      state.inFlight += message.correlation() == Message.IN_ORDER ? 1 : 0;
      if (words.length == 3) {
        in.consume(in.consumed() + Integer.parseInt(words[2]));
      }
    } else {
      return Outcome.MALFORMED;
    }
    message.operation(words[0]);
    message.resource(words[1]);
    message.attribute("line", "request");
    return Outcome.MESSAGE;
  }

  private static Outcome response(Input in, State state, Message message, String line) {
    char kind = line.isEmpty() ? 0 : line.charAt(0);
    if (kind == '!') {
      message.begin(Kind.ONE_WAY);
      message.operation("PUSH");
      return Outcome.MESSAGE;
    }
    String code = line.substring(Math.min(1, line.length()));
    int length = 0;
    if (kind == '$' && line.matches("\\$\\d{1,6} .*")) {
      code = line.substring(line.indexOf(' ') + 1);
      length = Integer.parseInt(line.substring(1, line.indexOf(' ')));
    } else if (kind == '$' || "+-~=".indexOf(kind) < 0) {
      return Outcome.MALFORMED;
    }
    if (message.correlation() == Message.IN_ORDER) {
      if (state.inFlight == 0) {
        in.awaitRequest();
        return Outcome.INCOMPLETE;
      }
      state.inFlight--;
    }
    message.begin(Kind.RESPONSE);
    message.status(kind == '-' ? Status.SERVER_ERROR : Status.OK, code);
    message.errorType(kind == '-' ? code : "");
    message.attribute("line", "response");
    in.consume(in.consumed() + length);
    if (kind == '~') {
      state.untilClose = true;
      return Outcome.SKIPPED;
    }
    if (kind == '=') {
      in.switchTo(code.equals("?") ? null : code);
      return Outcome.SWITCHED;
    }
    return Outcome.MESSAGE;
  }

  @Override
  public boolean truncated(Input in, Side side, Session session, Message message) {
    State state = (State) session;
    String[] words = in.latin1(0, in.length()).split(" ");
    if (side == Side.SERVER) {
      boolean response = in.length() > 0 && state.inFlight > 0 && "+-$".indexOf(in.at(0)) >= 0;
      if (response) {
        state.inFlight--;
        message.begin(Kind.RESPONSE);
        message.status(in.at(0) == '-' ? Status.SERVER_ERROR : Status.OK, "");
      }
      return response;
    }
    if (words.length == 3 && words[0].matches("#\\d{1,9}")) {
      message.correlation(Long.parseLong(words[0].substring(1)));
      words = Arrays.copyOfRange(words, 1, 3);
    }
    if (words.length < 2 || !words[0].equals("GET")) {
      return false;
    }
    state.inFlight += message.correlation() == Message.IN_ORDER ? 1 : 0;
    message.begin(Kind.REQUEST);
    message.operation(words[0]);
    message.resource(words[1]);
    return true;
  }

  @Override
  public boolean completeAtEnd(Side side, Session session, Message message) {
    return ((State) session).untilClose;
  }

  @Override
  public void lost(Side side, Session session) {
    ((State) session).inFlight = 0;
    ((State) session).untilClose = false;
  }

  @Override
  public int resync(Input in, int from, Side side, Session session) {
    if (side == Side.SERVER) {
      int lineEnd = in.indexOf((byte) '\n', from, in.length());
      return lineEnd < 0 ? -1 : lineEnd + 1;
    }
    byte[] text = Arrays.copyOfRange(in.array(), in.start() + from, in.start() + in.length());
    int get = new String(text, java.nio.charset.StandardCharsets.ISO_8859_1).indexOf("GET ");
    return get < 0 ? -1 : from + get;
  }
}
