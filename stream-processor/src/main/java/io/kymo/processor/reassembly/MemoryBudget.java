package io.kymo.processor.reassembly;

/**
 * Bounds the memory of all conversations of a task together: when it is exceeded, those that were
 * not touched for longest become opaque. A list of conversations in the order of their last touch,
 * linked through themselves.
 */
final class MemoryBudget {
  private final long limit;
  private long used;
  private Conversation oldest;
  private Conversation newest;

  MemoryBudget(long limit) {
    this.limit = limit;
  }

  long used() {
    return used;
  }

  /** {@code conversation} was touched just now and takes {@code weight} bytes. */
  void touch(Conversation conversation, long weight) {
    unlink(conversation);
    conversation.weight = weight;
    if (weight > 0) {
      used += weight;
      conversation.older = newest;
      if (newest == null) {
        oldest = conversation;
      } else {
        newest.newer = conversation;
      }
      newest = conversation;
    }
    while (used > limit && oldest != null) {
      Conversation victim = oldest;
      unlink(victim);
      victim.evict();
    }
  }

  void remove(Conversation conversation) {
    unlink(conversation);
  }

  private void unlink(Conversation c) {
    if (c.weight == 0) {
      return;
    }
    used -= c.weight;
    c.weight = 0;
    if (c.older == null) {
      oldest = c.newer;
    } else {
      c.older.newer = c.newer;
    }
    if (c.newer == null) {
      newest = c.older;
    } else {
      c.newer.older = c.older;
    }
    c.older = null;
    c.newer = null;
  }
}
