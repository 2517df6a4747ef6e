package io.kymo.protocol.redis;

import java.util.Map;

/**
 * What is known of one command, in the words of Redis's COMMAND.
 *
 * @param name upper case
 * @param keys where its keys are
 * @param firstKey index of the first key (the command's name is 0), or of what {@code keys} says; 0
 *     when it has none
 * @param lastKey negative: counted from the end
 * @param subcommands of a container command: their names in upper case to the whole operation
 *     ({@code CONFIG GET}); else empty
 * @param secret its arguments never leave
 */
record CommandSpec(
    String name,
    Keys keys,
    int firstKey,
    int lastKey,
    int step,
    Map<String, String> subcommands,
    boolean secret) {
  /** How keys are found. */
  enum Keys {
    /** At fixed places. */
    FIXED,
    /** {@code firstKey} is where the number of keys stands, the keys follow. */
    COUNTED,
    /** As COUNTED, and the first argument is a key, too: where the result is stored. */
    COUNTED_AND_FIRST,
    /** The first half of what follows the word STREAMS. */
    STREAMS
  }

  boolean container() {
    return !subcommands.isEmpty();
  }
}
