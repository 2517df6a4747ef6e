package io.kymo.collector.driver.ebpf;

import io.kymo.collector.driver.DataEvent;
import io.kymo.collector.driver.DatagramEvent;
import io.kymo.collector.driver.EventHandler;
import io.kymo.collector.driver.LifeEvent;
import io.kymo.collector.driver.ProcessEvent;
import io.kymo.collector.driver.SocketEvent;
import io.kymo.schemas.ConnectionEventKind;
import io.kymo.schemas.Source;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Keeps copies of all events. */
@SuppressWarnings("ArrayRecordComponent") // never compared as a whole
final class Recorder implements EventHandler {
  /** One DATA or DATAGRAM event. */
  record Piece(
      String source,
      long position,
      int length,
      byte[] payload,
      boolean burstStart,
      boolean continued,
      int peerPort,
      long timeNanos) {}

  record Facts(
      int transport,
      int role,
      int addressLength,
      byte[] local,
      byte[] remote,
      int localPort,
      int remotePort,
      long netns,
      long ingressPosition,
      long egressPosition,
      long peerSocket,
      String path,
      String comm,
      boolean preexisting) {}

  record Happened(
      String kind, int error, long ingressPosition, long egressPosition, long timeNanos) {}

  final Map<String, List<Piece>> pieces = new LinkedHashMap<>();
  final Map<Long, List<Facts>> facts = new LinkedHashMap<>();
  final Map<Long, List<Happened>> lives = new LinkedHashMap<>();
  final List<String> processes = new ArrayList<>();
  final Set<Integer> tgids = new TreeSet<>();
  long segments;
  long segmentBytes;

  @Override
  public void onSocket(SocketEvent e) {
    tgids.add(e.tgid());
    byte[] local = new byte[e.addressLength()];
    byte[] remote = new byte[e.addressLength()];
    e.localAddress(local);
    e.remoteAddress(remote);
    facts
        .computeIfAbsent(e.socket(), k -> new ArrayList<>())
        .add(
            new Facts(
                e.transport(),
                e.role(),
                e.addressLength(),
                local,
                remote,
                e.localPort(),
                e.remotePort(),
                e.netns(),
                e.ingressPosition(),
                e.egressPosition(),
                e.peerSocket(),
                e.path(),
                e.comm(),
                e.preexisting()));
  }

  @Override
  public void onData(DataEvent e) {
    add(e, 0);
  }

  @Override
  public void onDatagram(DatagramEvent e) {
    add(e, e.peerPort());
  }

  private void add(DataEvent e, int peerPort) {
    tgids.add(e.tgid());
    segments++;
    segmentBytes += e.length();
    if (!facts.containsKey(e.socket())) {
      throw new AssertionError("data of socket " + e.socket() + " came before its facts");
    }
    byte[] payload = new byte[e.captured()];
    e.payload(payload, 0, payload.length);
    pieces
        .computeIfAbsent(
            Traffic.key(e.socket(), e.direction() == DataEvent.EGRESS), k -> new ArrayList<>())
        .add(
            new Piece(
                Source.ofWireId(e.source()).name(),
                e.position(),
                e.length(),
                payload,
                e.burstStart(),
                e.continued(),
                peerPort,
                e.timeNanos()));
  }

  @Override
  public void onLife(LifeEvent e) {
    if (e.tgid() != 0) {
      tgids.add(e.tgid());
    }
    lives
        .computeIfAbsent(e.socket(), k -> new ArrayList<>())
        .add(
            new Happened(
                ConnectionEventKind.ofWireId(e.kind()).name(),
                e.error(),
                e.ingressPosition(),
                e.egressPosition(),
                e.timeNanos()));
  }

  @Override
  public void onProcess(ProcessEvent e) {
    tgids.add(e.tgid());
    String kind =
        e.kind() == ProcessEvent.FORK ? "FORK" : e.kind() == ProcessEvent.EXEC ? "EXEC" : "EXIT";
    processes.add(kind + " " + e.tgid());
  }
}
