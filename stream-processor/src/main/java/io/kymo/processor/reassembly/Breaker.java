package io.kymo.processor.reassembly;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * Tells when a connection was misjudged: too much of it breaks the rules of its protocol, or pairs
 * with nothing.
 */
final class Breaker {
  private static final int ENOUGH = 20;
  private static final int MEMORY = 512; // beyond it, old observations count half
  private static final int MALFORMED_PERCENT = 40;
  private static final int UNPAIRED_PERCENT = 50;

  private int messages;
  private int malformed;
  private int unpaired;
  private long unpairedSoFar;

  void message() {
    messages++;
    if (messages + malformed > MEMORY) {
      messages >>= 1;
      malformed >>= 1;
      unpaired >>= 1;
    }
  }

  void malformed() {
    malformed++;
  }

  /**
   * Takes over how many messages paired with nothing since the beginning.
   *
   * @return how many more than last time
   */
  int unpaired(long soFar) {
    int more = (int) (soFar - unpairedSoFar);
    unpaired += more;
    unpairedSoFar = soFar;
    return more;
  }

  boolean tooManyMalformed() {
    int decodes = messages + malformed;
    return decodes >= ENOUGH && malformed * 100 > decodes * MALFORMED_PERCENT;
  }

  boolean tooManyUnpaired() {
    return messages >= ENOUGH && unpaired * 100 > messages * UNPAIRED_PERCENT;
  }

  void reset() {
    messages = 0;
    malformed = 0;
    unpaired = 0;
  }

  void save(DataOutput out) throws IOException {
    out.writeInt(messages);
    out.writeInt(malformed);
    out.writeInt(unpaired);
    out.writeLong(unpairedSoFar);
  }

  void load(DataInput in) throws IOException {
    messages = in.readInt();
    malformed = in.readInt();
    unpaired = in.readInt();
    unpairedSoFar = in.readLong();
  }
}
