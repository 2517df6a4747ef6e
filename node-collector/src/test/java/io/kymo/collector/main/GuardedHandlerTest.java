package io.kymo.collector.main;

import static org.assertj.core.api.Assertions.assertThat;

import io.kymo.collector.driver.EventHandler;
import io.kymo.collector.metrics.CollectorCounter;
import io.kymo.collector.metrics.Counters;
import java.lang.reflect.Proxy;
import org.junit.jupiter.api.Test;

class GuardedHandlerTest {
  @Test
  void aHandlerThatFailsIsCountedAndStopsNothing() {
    Counters counters = new Counters();
    EventHandler failing =
        (EventHandler)
            Proxy.newProxyInstance(
                EventHandler.class.getClassLoader(),
                new Class<?>[] {EventHandler.class},
                (proxy, method, arguments) -> {
                  throw new IllegalStateException("a bug");
                });
    GuardedHandler guarded = new GuardedHandler(failing, counters);

    guarded.onSocket(null);
    guarded.onData(null);
    guarded.onDatagram(null);
    guarded.onLife(null);
    guarded.onProcess(null);

    assertThat(counters.get(CollectorCounter.HANDLER_ERRORS)).isEqualTo(5);
  }
}
