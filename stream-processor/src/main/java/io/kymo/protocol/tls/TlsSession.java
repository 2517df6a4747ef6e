package io.kymo.protocol.tls;

import io.kymo.protocol.Message;
import io.kymo.protocol.Session;
import io.kymo.protocol.Side;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/** How far the handshake is. */
final class TlsSession implements Session {
  private static final int FATAL = 2;

  /** ClientHello was seen. */
  boolean greeted;

  private int clientAlert = -1;

  void alert(Side side, int level, int description) {
    if (side == Side.CLIENT && level == FATAL) {
      clientAlert = description;
    }
  }

  /** The client has refused what the server answered. */
  void blame(Message message) {
    if (clientAlert >= 0) {
      Alerts.set(message, Side.CLIENT, clientAlert);
    }
  }

  @Override
  public void save(DataOutput out) throws IOException {
    out.writeBoolean(greeted);
    out.writeShort(clientAlert);
  }

  @Override
  public void load(DataInput in) throws IOException {
    greeted = in.readBoolean();
    clientAlert = in.readShort();
  }

  @Override
  public int weight() {
    return 24;
  }
}
