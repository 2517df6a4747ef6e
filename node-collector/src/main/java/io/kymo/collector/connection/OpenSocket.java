package io.kymo.collector.connection;

import io.kymo.schemas.Transport;
import java.nio.ByteBuffer;

/**
 * A socket as /proc shows it.
 *
 * @param inode the connection's id
 * @param networkNamespace inode of its network namespace
 * @param localAddress 4 or 16 bytes in network order (mapped IPv4 is 4 bytes), empty for Unix
 * @param listening TCP, Unix: it accepts connections
 * @param path Unix: its name, "@" first when abstract, empty when unnamed
 * @param pid a process that has it open, 0 when none was found
 */
record OpenSocket(
    long inode,
    Transport transport,
    long networkNamespace,
    ByteBuffer localAddress,
    int localPort,
    ByteBuffer remoteAddress,
    int remotePort,
    boolean listening,
    String path,
    int pid) {
  OpenSocket heldBy(int holder) {
    return new OpenSocket(
        inode,
        transport,
        networkNamespace,
        localAddress,
        localPort,
        remoteAddress,
        remotePort,
        listening,
        path,
        holder);
  }
}
