package io.kymo.collector.main;

import io.kymo.collector.driver.DataEvent;
import io.kymo.collector.driver.DatagramEvent;
import io.kymo.collector.driver.EventHandler;
import io.kymo.collector.driver.LifeEvent;
import io.kymo.collector.driver.ProcessEvent;
import io.kymo.collector.driver.SocketEvent;
import io.kymo.collector.driver.TcpEvent;
import io.kymo.collector.metrics.CollectorCounter;
import io.kymo.collector.metrics.Counters;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A bug in handling one event must not stop the capture: it is counted, and logged once. */
final class GuardedHandler implements EventHandler {
  private static final Logger LOG = LoggerFactory.getLogger(GuardedHandler.class);

  private final EventHandler handler;
  private final Counters counters;

  GuardedHandler(EventHandler handler, Counters counters) {
    this.handler = handler;
    this.counters = counters;
  }

  @Override
  public void onSocket(SocketEvent event) {
    try {
      handler.onSocket(event);
    } catch (RuntimeException e) {
      failed(e);
    }
  }

  @Override
  public void onData(DataEvent event) {
    try {
      handler.onData(event);
    } catch (RuntimeException e) {
      failed(e);
    }
  }

  @Override
  public void onDatagram(DatagramEvent event) {
    try {
      handler.onDatagram(event);
    } catch (RuntimeException e) {
      failed(e);
    }
  }

  @Override
  public void onLife(LifeEvent event) {
    try {
      handler.onLife(event);
    } catch (RuntimeException e) {
      failed(e);
    }
  }

  @Override
  public void onProcess(ProcessEvent event) {
    try {
      handler.onProcess(event);
    } catch (RuntimeException e) {
      failed(e);
    }
  }

  @Override
  public void onMalformed() {
    handler.onMalformed();
  }

  @Override
  public void onTcp(TcpEvent event) {
    try {
      handler.onTcp(event);
    } catch (RuntimeException e) {
      failed(e);
    }
  }

  private void failed(RuntimeException e) {
    if (counters.get(CollectorCounter.HANDLER_ERRORS) == 0) {
      LOG.error("an event could not be handled; further ones are only counted", e);
    }
    counters.increment(CollectorCounter.HANDLER_ERRORS);
  }
}
