package io.kymo.collector.connection;

import io.kymo.collector.process.ProcFs;
import io.kymo.schemas.Transport;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Reads the tables of one network namespace: /proc/PID/net/{tcp,tcp6,udp,udp6,unix}, as proc(5) and
 * the kernel's tcp4_seq_show, udp4_seq_show and unix_seq_show print them. Lines that look otherwise
 * are passed over.
 */
final class SocketTables {
  private static final int TCP_LISTEN = 0x0A;

  /** SO_ACCEPTCON among the flags of a Unix socket. */
  private static final int UNIX_LISTENS = 0x10000;

  private static final int SOCK_STREAM = 1;
  private static final int SOCK_DGRAM = 2;
  private static final int SOCK_SEQPACKET = 5;

  private static final ByteBuffer NONE = Connection.NO_ADDRESS;

  private final ProcFs proc;
  private final ByteOrder order;

  /**
   * @param order the host's byte order, in which addresses are printed
   */
  SocketTables(ProcFs proc, ByteOrder order) {
    this.proc = proc;
    this.order = order;
  }

  /**
   * Every socket that has an inode, in the network namespace of a process.
   *
   * @return false when the process is gone
   */
  boolean read(int pid, long networkNamespace, Consumer<OpenSocket> found) {
    if (proc.read(pid + "/net/udp") == null) {
      return false;
    }
    for (String table : new String[] {"tcp", "tcp6"}) {
      internet(pid, table, Transport.TCP, networkNamespace, found);
    }
    for (String table : new String[] {"udp", "udp6"}) {
      internet(pid, table, Transport.UDP, networkNamespace, found);
    }
    unix(pid, networkNamespace, found);
    return true;
  }

  private void internet(
      int pid, String table, Transport transport, long namespace, Consumer<OpenSocket> found) {
    for (String line : lines(pid, table)) {
      // sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode …
      String[] fields = line.trim().split("\\s+", -1);
      try {
        long inode = Long.parseLong(fields[9]);
        if (inode == 0) {
          continue; // TIME_WAIT and the like: no process holds it
        }
        int state = Integer.parseInt(fields[3], 16);
        found.accept(
            new OpenSocket(
                inode,
                transport,
                namespace,
                address(fields[1]),
                port(fields[1]),
                address(fields[2]),
                port(fields[2]),
                transport == Transport.TCP && state == TCP_LISTEN,
                "",
                0));
      } catch (NumberFormatException | IndexOutOfBoundsException e) {
        // the head, or a line of another shape
      }
    }
  }

  private void unix(int pid, long namespace, Consumer<OpenSocket> found) {
    for (String line : lines(pid, "unix")) {
      // Num: RefCount Protocol Flags Type St Inode [Path], where the path may hold blanks
      String[] fields = line.trim().split("\\s+", 8);
      try {
        int type = Integer.parseInt(fields[4], 16);
        if (type != SOCK_STREAM && type != SOCK_DGRAM && type != SOCK_SEQPACKET) {
          continue;
        }
        found.accept(
            new OpenSocket(
                Long.parseLong(fields[6]),
                type == SOCK_STREAM ? Transport.UNIX_STREAM : Transport.UNIX_DATAGRAM,
                namespace,
                NONE,
                0,
                NONE,
                0,
                (Integer.parseInt(fields[3], 16) & UNIX_LISTENS) != 0,
                fields.length > 7 ? fields[7] : "",
                0));
      } catch (NumberFormatException | IndexOutOfBoundsException e) {
        // the head, or a line of another shape
      }
    }
  }

  private String[] lines(int pid, String table) {
    String text = proc.read(pid + "/net/" + table);
    return text == null ? new String[0] : text.split("\n", -1);
  }

  private static int port(String endpoint) {
    return Integer.parseInt(endpoint.substring(endpoint.indexOf(':') + 1), 16);
  }

  /** Words of 32 bits as the host reads them. */
  private ByteBuffer address(String endpoint) {
    int digits = endpoint.indexOf(':');
    ByteBuffer bytes = ByteBuffer.allocate(digits / 2).order(order);
    for (int at = 0; at < digits; at += 8) {
      bytes.putInt(Integer.parseUnsignedInt(endpoint, at, at + 8, 16));
    }
    return ByteBuffer.wrap(normalised(bytes.array()));
  }

  /** IPv4 mapped into IPv6 becomes IPv4, as the kernel side tells it. */
  private static byte[] normalised(byte[] address) {
    if (address.length != 16 || address[10] != -1 || address[11] != -1) {
      return address;
    }
    for (int i = 0; i < 10; i++) {
      if (address[i] != 0) {
        return address;
      }
    }
    return Arrays.copyOfRange(address, 12, 16);
  }
}
