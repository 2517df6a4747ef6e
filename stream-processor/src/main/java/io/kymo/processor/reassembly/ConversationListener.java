package io.kymo.processor.reassembly;

import io.kymo.processor.pairing.ExchangeListener;

/**
 * What a conversation tells its owner. Called from within the conversation's methods; must not call
 * back into it.
 */
public interface ConversationListener extends ExchangeListener {
  /**
   * Positions of one direction were declared lost.
   *
   * @param egress which direction
   * @param position of the first lost byte, modulo 2^32
   */
  default void gap(boolean egress, long position, long length, GapCause cause) {}

  /**
   * Parsing stopped; from now on bytes are only counted. May come while another conversation is
   * being worked on (memory bound): the state of this one has changed and must be stored.
   */
  default void opaque(String reason) {}
}
