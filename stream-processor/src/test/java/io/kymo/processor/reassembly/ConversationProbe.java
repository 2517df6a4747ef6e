package io.kymo.processor.reassembly;

/** Looks into a conversation. */
public final class ConversationProbe {
  private ConversationProbe() {}

  /** Bytes that wait, counted in the windows themselves. */
  public static long waiting(Conversation conversation) {
    return conversation.waiting();
  }
}
