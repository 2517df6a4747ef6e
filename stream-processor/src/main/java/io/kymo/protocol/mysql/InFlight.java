package io.kymo.protocol.mysql;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * A command whose answer has not come.
 *
 * @param sequence of the client's last packet of it: the answer begins with the next; -1 when it
 *     was not seen
 * @param statement prepared by it
 * @param database that is the current one when it succeeds; null when it changes nothing
 */
record InFlight(Command command, int sequence, Statement statement, String database) {
  void save(DataOutput out) throws IOException {
    out.writeByte(command.ordinal());
    out.writeShort(sequence);
    statement.save(out);
    out.writeBoolean(database != null);
    if (database != null) {
      out.writeUTF(database);
    }
  }

  static InFlight load(DataInput in) throws IOException {
    return new InFlight(
        Command.ofOrdinal(in.readUnsignedByte()),
        in.readShort(),
        Statement.load(in),
        in.readBoolean() ? in.readUTF() : null);
  }

  int weight() {
    return 48 + statement.weight();
  }
}
