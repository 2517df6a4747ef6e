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
  private static final int NONE = -1;

  /**
   * Of a record: the type of what is in it, and the tag of each cipher suite of TLS 1.3 but one.
   */
  private static final int SEALED = 1 + 16;

  /** The one has a tag of 8 bytes; padding makes an alert longer, but nobody pads it. */
  private static final int ALERT_MIN = 2 + 1 + 8;

  private static final int ALERT_MAX = 2 + SEALED;

  /** Of Finished with the shortest hash: 4 bytes of header. */
  private static final int FINISHED_MIN = 4 + 32 + 1 + 8;

  /** ClientHello was seen. */
  boolean greeted;

  /** ServerHello chose TLS 1.3: what follows it can not be read. */
  boolean encrypted;

  /** The client sent its Finished, or more before it. */
  boolean accepted;

  /** What the client sent behind its hello was not captured. */
  boolean unseen;

  /** The client's last record is as long as an alert. */
  private boolean hiddenAlert;

  private int clientAlert = NONE;

  void alert(Side side, int level, int description) {
    if (side == Side.CLIENT && level == FATAL) {
      clientAlert = description;
    }
  }

  /** The client sent an encrypted record of this length after ServerHello. */
  void hidden(int length) {
    hiddenAlert = length >= ALERT_MIN && length <= ALERT_MAX;
    accepted = length >= FINISHED_MIN;
  }

  /** The client has refused what the server answered. */
  void blame(Message message) {
    if (clientAlert >= 0) {
      Alerts.set(message, Side.CLIENT, clientAlert);
    } else if (hiddenAlert) {
      Alerts.setHidden(message);
    }
  }

  /** The server's flight is at its end, or the connection is. */
  void conclude(Message message) {
    blame(message);
    if (encrypted && !accepted && !unseen) {
      message.brokenOff(); // neither taken nor refused
    }
  }

  void lost() {
    greeted = false;
    encrypted = false;
    accepted = false;
    unseen = false;
    hiddenAlert = false;
    clientAlert = NONE;
  }

  @Override
  public void save(DataOutput out) throws IOException {
    out.writeByte(
        (greeted ? 1 : 0)
            | (encrypted ? 2 : 0)
            | (accepted ? 4 : 0)
            | (unseen ? 8 : 0)
            | (hiddenAlert ? 16 : 0));
    out.writeShort(clientAlert);
  }

  @Override
  public void load(DataInput in) throws IOException {
    int flags = in.readByte();
    greeted = (flags & 1) != 0;
    encrypted = (flags & 2) != 0;
    accepted = (flags & 4) != 0;
    unseen = (flags & 8) != 0;
    hiddenAlert = (flags & 16) != 0;
    clientAlert = in.readShort();
  }

  @Override
  public int weight() {
    return 24;
  }
}
