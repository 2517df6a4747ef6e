package io.kymo.collector.driver.ebpf;

import io.kymo.collector.driver.DataEvent;
import io.kymo.collector.driver.DatagramEvent;
import io.kymo.collector.driver.EventHandler;
import io.kymo.collector.driver.LifeEvent;
import io.kymo.collector.driver.ProcessEvent;
import io.kymo.collector.driver.SocketEvent;

/** Counts events and looks at nothing. */
final class Counter implements EventHandler {
  long events;

  @Override
  public void onSocket(SocketEvent event) {
    events++;
  }

  @Override
  public void onData(DataEvent event) {
    events++;
  }

  @Override
  public void onDatagram(DatagramEvent event) {
    events++;
  }

  @Override
  public void onLife(LifeEvent event) {
    events++;
  }

  @Override
  public void onProcess(ProcessEvent event) {
    events++;
  }
}
