package io.kymo.collector.connection;

import io.kymo.collector.driver.DatagramEvent;
import io.kymo.schemas.ConnectionFacts;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Datagram sockets have one connection for each peer that they speak with. */
final class Conversations {
  /** Set in ids that are hashes, so that they never equal an inode. */
  private static final long HASHED = 1L << 63;

  private final Connections connections;
  private final byte[] address = new byte[16];

  Conversations(Connections connections) {
    this.connections = connections;
  }

  /** The conversation of a socket with the datagram's peer. */
  Connection of(Connection socket, DatagramEvent event, long nowNanos) {
    Connection conversation = unnamed(socket, event) ? socket.next() : null;
    if (conversation == null) {
      long id = id(socket, event);
      conversation = connections.get(id);
      if (conversation == null) {
        conversation = create(id, socket, event, nowNanos);
      }
    }
    conversation.seen(nowNanos);
    conversation.moveToFront();
    return conversation;
  }

  /** The socket's facts changed. */
  void socketTold(Connection socket) {
    for (Connection peer = socket.next(); peer != null; peer = peer.next()) {
      takeOver(socket.facts(), peer.facts());
      peer.changed();
    }
  }

  /** A call that did not ask for the peer's address: taken for the one spoken with last. */
  private static boolean unnamed(Connection socket, DatagramEvent event) {
    return event.peerAddressLength() == 0
        && event.peerSocket() == 0
        && socket.facts().getRemotePort() == 0
        && socket.facts().getPeerId() == 0;
  }

  private Connection create(long id, Connection socket, DatagramEvent event, long nowNanos) {
    Connection conversation = connections.create(id, event.transport(), false, socket, nowNanos);
    conversation.linkTo(socket);
    ConnectionFacts facts = conversation.facts();
    takeOver(socket.facts(), facts);
    facts.setOpenedNs(socket.facts().getOpenedNs() == 0 ? 0 : event.timeNanos());
    if (event.peerSocket() != 0) {
      facts.setPeerId(event.peerSocket());
    }
    if (event.peerAddressLength() > 0) {
      event.peerAddress(address);
      facts.setRemoteAddress(ByteBuffer.wrap(Arrays.copyOf(address, event.peerAddressLength())));
      facts.setRemotePort(event.peerPort());
    }
    return conversation;
  }

  private static void takeOver(ConnectionFacts from, ConnectionFacts to) {
    to.setRole(from.getRole());
    to.setLocalAddress(from.getLocalAddress());
    to.setLocalPort(from.getLocalPort());
    if (to.getRemotePort() == 0 && to.getPeerId() == 0) { // connected, no datagram named another
      to.setRemoteAddress(from.getRemoteAddress());
      to.setRemotePort(from.getRemotePort());
      to.setPeerId(from.getPeerId());
    }
    to.setPath(from.getPath());
    to.setNetworkNamespace(from.getNetworkNamespace());
    to.setPid(from.getPid());
    to.setProcessStartNs(from.getProcessStartNs());
    to.setComm(from.getComm());
    to.setExecutable(from.getExecutable());
    to.setCgroup(from.getCgroup());
    to.setContainerId(from.getContainerId());
  }

  private long id(Connection socket, DatagramEvent event) {
    long hash = mix(event.socket());
    if (event.peerAddressLength() > 0) {
      event.peerAddress(address);
      for (int i = 0; i < event.peerAddressLength(); i++) {
        hash = hash * 31 + address[i];
      }
      hash = mix(hash ^ (long) event.peerPort() << 32);
    } else if (event.peerSocket() != 0) {
      hash = mix(hash ^ event.peerSocket());
    } else {
      hash = mix(hash ^ socket.facts().getRemotePort()); // connected, or never told
    }
    return hash | HASHED;
  }

  /** The 64-bit finaliser of SplittableRandom (Stafford's variant 13). */
  private static long mix(long value) {
    long z = value + 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
