package io.kymo.protocol;

/**
 * Decodes one protocol. Stateless and shared between threads; all memory is in the {@link Session}
 * and the {@link Message}, which the driver owns. Never throws. Split-invariant: the same bytes
 * give the same messages however they are cut. Every length, count, scan and depth is capped before
 * it is used. When unsure, leaves the bytes to another protocol.
 */
public interface Parser {
  /**
   * Judges the first bytes of both directions; either may be empty. Must not consume. Looks at
   * structure, not at ports alone: a parser that says YES to another's bytes takes that connection
   * away from it.
   */
  Verdict recognise(Input client, Input server, Flow flow);

  /**
   * Does a connection that turns to this protocol keep the name of the one before, because that is
   * what is spoken within?
   */
  default boolean wraps() {
    return false;
  }

  /** A session for a new conversation. */
  Session newSession(Flow flow);

  /**
   * Decodes the next unit of one direction.
   *
   * <p>{@code message} is the driver's accumulator for this side: it is the same object, keeping
   * what was set, until MESSAGE (or SWITCHED) is returned, so that a long message can be decoded
   * piece by piece: return SKIPPED for each piece after {@link Message#begin}, and MESSAGE with the
   * last. What must be remembered in between (phase, rest of a body) belongs into the session.
   *
   * <p>{@link Input#consume} may name more bytes than {@link Input#length()}: a body of known
   * length that is not looked at. The driver skips them as they come, captured or not, and the
   * message ends with the last of them.
   *
   * <p>For SERVER bytes that cannot be understood without their request when none is in flight
   * (threads race; the request may be reported a moment later) call {@link Input#awaitRequest} and
   * return INCOMPLETE.
   *
   * <p>For datagrams (UDP) {@code in} is exactly one datagram.
   */
  Outcome decode(Input in, Side side, Session session, Message message);

  /**
   * The bytes behind {@code in} are known to exist but were not captured ({@link Input#hole()} &gt;
   * 0) and decode said INCOMPLETE. Completes {@code message} from what is there, as far as
   * possible. Everything up to the next burst of this direction will be skipped as part of it.
   *
   * @return true when message is a usable (truncated) message, false when it must be forgotten
   */
  boolean truncated(Input in, Side side, Session session, Message message);

  /**
   * Bytes of the burst in which a unit was cut, that belong to no begun message: the driver skips
   * them. Of interest where they are known to be part of an exchange (an upload).
   */
  default void passedOver(long bytes, Side side, Session session) {}

  /**
   * The direction ended, or the client {@linkplain Outcome#SWITCHED went over} to something else,
   * and {@code message} has begun: does it go to the pairing? Responses when they are complete by
   * that (HTTP body until close) or say enough ({@link Message#brokenOff}); requests also when they
   * never were sent to their end, because they may have been answered.
   */
  default boolean completeAtEnd(Side side, Session session, Message message) {
    return false;
  }

  /**
   * Bytes of this direction were lost. Forgets what was half decoded on this side, and the requests
   * in flight that are answered in order, whichever side lost bytes: the driver ends them, too, and
   * the next burst or what {@link #resync} finds is decoded as the beginning of a unit. A message
   * that the other side is in the middle of goes on, but is paired with nothing.
   */
  void lost(Side side, Session session);

  /**
   * Where a unit could begin, after a gap or a malformed unit.
   *
   * @return offset ≥ {@code from} into {@code in}, or -1 when there is none in these bytes
   */
  int resync(Input in, int from, Side side, Session session);
}
