package io.kymo.collector.driver.pcap.packet;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * IP datagrams of which not all fragments have come. Few, not for long, and of bounded size; what
 * overlaps is taken from the fragment that came first.
 */
final class Fragments {
  private static final int MOST = 256;
  private static final int MOST_PIECES = 64;
  private static final int LARGEST = 65_535;
  private static final long LONGEST_NS = 30_000_000_000L; // as Linux's ipfrag_time

  private record Key(
      long sourceHigh, long sourceLow, long targetHigh, long targetLow, int id, int protocol) {}

  private record Piece(int place, byte[] bytes) {}

  private static final class Datagram {
    final long since;
    final List<Piece> pieces = new ArrayList<>();
    int total = -1;

    Datagram(long since) {
      this.since = since;
    }
  }

  private final Map<Key, Datagram> waiting = new LinkedHashMap<>();
  private final PacketCounters counters;

  Fragments(PacketCounters counters) {
    this.counters = counters;
  }

  /**
   * Adds a fragment.
   *
   * @param packet whose addresses are known
   * @param place of its first byte in the datagram
   * @return the whole datagram when this was what was missing, else null
   */
  byte[] add(
      Packet packet, int id, int protocol, int place, boolean more, byte[] from, int at, int size) {
    expire(packet.timeNs);
    if (place + size > LARGEST || more && size == 0) {
      counters.add(PacketCounter.MALFORMED_PACKETS, 1);
      return null;
    }
    Key key =
        new Key(
            packet.sourceHigh,
            packet.sourceLow,
            packet.targetHigh,
            packet.targetLow,
            id,
            packet.v6 ? 0 : protocol);
    Datagram datagram = waiting.computeIfAbsent(key, unseen -> new Datagram(packet.timeNs));
    byte[] bytes = new byte[size];
    System.arraycopy(from, at, bytes, 0, size);
    insert(datagram, new Piece(place, bytes));
    if (!more) {
      datagram.total = place + size;
    }
    byte[] whole = whole(datagram);
    if (whole != null) {
      waiting.remove(key);
    } else if (datagram.pieces.size() > MOST_PIECES) {
      waiting.remove(key);
      lost(datagram);
    } else if (waiting.size() > MOST) {
      dropOldest();
    }
    return whole;
  }

  private static void insert(Datagram datagram, Piece piece) {
    int i = datagram.pieces.size();
    while (i > 0 && datagram.pieces.get(i - 1).place > piece.place) {
      i--;
    }
    datagram.pieces.add(i, piece);
  }

  /** Null while something is missing. */
  private static byte[] whole(Datagram datagram) {
    int next = 0;
    for (Piece piece : datagram.pieces) {
      if (piece.place > next) {
        return null;
      }
      next = Math.max(next, piece.place + piece.bytes.length);
    }
    if (datagram.total < 0 || next < datagram.total) {
      return null;
    }
    byte[] whole = new byte[datagram.total];
    int filled = 0;
    for (Piece piece : datagram.pieces) {
      int known = filled - piece.place;
      int count = Math.min(piece.bytes.length - known, whole.length - filled);
      if (count > 0) {
        System.arraycopy(piece.bytes, known, whole, filled, count);
        filled += count;
      }
    }
    return whole;
  }

  private void expire(long now) {
    while (!waiting.isEmpty() && now - waiting.values().iterator().next().since > LONGEST_NS) {
      dropOldest();
    }
  }

  private void dropOldest() {
    Iterator<Datagram> oldest = waiting.values().iterator();
    lost(oldest.next());
    oldest.remove();
  }

  private void lost(Datagram datagram) {
    counters.add(PacketCounter.FRAGMENTS_LOST, datagram.pieces.size());
  }

  /** Gives all up. */
  void forgetAll() {
    while (!waiting.isEmpty()) {
      dropOldest();
    }
  }
}
