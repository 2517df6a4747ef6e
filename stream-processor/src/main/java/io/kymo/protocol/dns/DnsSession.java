package io.kymo.protocol.dns;

import io.kymo.protocol.Flow;
import io.kymo.protocol.Session;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/** Latest questions, for responses that do not repeat theirs, and the zone transfer under way. */
final class DnsSession implements Session {
  static final int NO_TRANSFER = -1;
  private static final int REMEMBERED = 16;

  private final long[] asked = new long[REMEMBERED];
  private int next;

  /** Transaction id of the transfer whose response is being collected. */
  int transfer = NO_TRANSFER;

  long transferSerial;

  final Flow flow;

  DnsSession(Flow flow) {
    this.flow = flow;
  }

  /** Messages have their length before them. */
  boolean stream() {
    return flow.transport().stream();
  }

  boolean multicast() {
    return !stream()
        && (flow.serverPort() == DnsRecognition.MULTICAST
            || flow.clientPort() == DnsRecognition.MULTICAST);
  }

  String protocolName() {
    return multicast() ? "mdns" : flow.serverPort() == DnsRecognition.LLMNR ? "llmnr" : "dns";
  }

  void asked(long correlation) {
    asked[next] = correlation;
    next = (next + 1) % REMEMBERED;
  }

  /** Correlation of the latest question with this transaction id, -1 when it is not remembered. */
  long correlation(int id) {
    for (int i = 1; i <= REMEMBERED; i++) {
      long candidate = asked[(next + REMEMBERED - i) % REMEMBERED];
      if ((candidate & 0xffff) == id && candidate != 0) {
        return candidate;
      }
    }
    return -1;
  }

  @Override
  public void save(DataOutput out) throws IOException {
    for (long correlation : asked) {
      out.writeLong(correlation);
    }
    out.writeByte(next);
    out.writeInt(transfer);
    out.writeLong(transferSerial);
  }

  @Override
  public void load(DataInput in) throws IOException {
    for (int i = 0; i < REMEMBERED; i++) {
      asked[i] = in.readLong();
    }
    next = in.readByte();
    transfer = in.readInt();
    transferSerial = in.readLong();
  }

  @Override
  public int weight() {
    return 192;
  }
}
