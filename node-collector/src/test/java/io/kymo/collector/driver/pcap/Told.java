package io.kymo.collector.driver.pcap;

import io.kymo.collector.driver.DataEvent;
import io.kymo.collector.driver.DatagramEvent;
import io.kymo.collector.driver.EventHandler;
import io.kymo.collector.driver.LifeEvent;
import io.kymo.collector.driver.ProcessEvent;
import io.kymo.collector.driver.SocketEvent;
import io.kymo.schemas.ConnectionEventKind;
import io.kymo.schemas.Role;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Writes events down, one line each. */
final class Told implements EventHandler {
  final List<String> lines = new ArrayList<>();

  @Override
  public void onSocket(SocketEvent e) {
    byte[] address = new byte[16];
    e.localAddress(address);
    lines.add(
        "socket %s %d.%d.%d.%d:%d from :%d%s"
            .formatted(
                Role.ofWireId(e.role()),
                address[0],
                address[1],
                address[2],
                address[3],
                e.localPort(),
                e.remotePort(),
                e.preexisting() ? " preexisting" : ""));
  }

  @Override
  public void onData(DataEvent e) {
    byte[] payload = new byte[e.captured()];
    e.payload(payload, 0, payload.length);
    String text = new String(payload, StandardCharsets.ISO_8859_1);
    lines.add(
        (e.direction() == DataEvent.INGRESS ? "in " : "out ")
            + e.position()
            + (e.burstStart() ? " burst " : e.continued() ? " continued " : " ")
            + (text.length() > 20 ? text.length() + " bytes" : text)
            + (e.length() > e.captured() ? " of " + e.length() : ""));
  }

  @Override
  public void onDatagram(DatagramEvent e) {
    onData(e);
  }

  @Override
  public void onLife(LifeEvent e) {
    lines.add(
        ConnectionEventKind.ofWireId(e.kind())
            + " "
            + e.ingressPosition()
            + " "
            + e.egressPosition()
            + (e.error() == 0 ? "" : " error " + e.error()));
  }

  @Override
  public void onProcess(ProcessEvent e) {
    throw new AssertionError("packets know no processes");
  }

  @Override
  public void onMalformed() {
    throw new AssertionError("malformed");
  }
}
