package io.kymo.collector.main;

import io.kymo.collector.driver.Driver;
import io.kymo.collector.metrics.CollectorCounter;
import io.kymo.collector.metrics.Counters;
import java.util.ArrayList;
import java.util.List;

/** What is to say when a driver has ended by itself and everything was delivered, or was not. */
record Ending(String summary, List<String> problems) {
  static Ending of(Driver driver, Counters counters) {
    List<String> problems = new ArrayList<>();
    if (driver.problem() != null) {
      problems.add(driver.problem());
    }
    List<String> lost = new ArrayList<>();
    for (CollectorCounter counter : CollectorCounter.values()) {
      boolean loss = counter.id().startsWith("lost_") || counter == CollectorCounter.HANDLER_ERRORS;
      if (loss && counters.get(counter) != 0) {
        lost.add(counter.id() + "=" + counters.get(counter));
      }
    }
    if (!lost.isEmpty()) {
      problems.add("lost on the way to Kafka: " + String.join(" ", lost));
    }
    return new Ending(driver.summary(), problems);
  }

  /** All that was there was seen and delivered. */
  boolean well() {
    return problems.isEmpty();
  }
}
