package io.kymo.processor.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * The process's counters and gauges. Thread-safe; adding is cheap, but meant for once a batch
 * rather than once a segment.
 */
public final class Metrics {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Map<ProcessorCounter, LongAdder> plain = new EnumMap<>(ProcessorCounter.class);
  private final Map<ProcessorCounter, Map<String, LongAdder>> labelled =
      new EnumMap<>(ProcessorCounter.class);
  private final Map<ProcessorGauge, LongAdder> gauges = new EnumMap<>(ProcessorGauge.class);

  public Metrics() {
    for (ProcessorCounter counter : ProcessorCounter.values()) {
      if (counter.label() == null) {
        plain.put(counter, register(counter, null));
      } else {
        labelled.put(counter, new ConcurrentHashMap<>());
      }
    }
    for (ProcessorGauge gauge : ProcessorGauge.values()) {
      LongAdder adder = new LongAdder();
      gauges.put(gauge, adder);
      Gauge.builder("kymo." + gauge.id(), adder, LongAdder::sum)
          .description(gauge.meaning())
          .register(registry);
    }
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
  }

  private LongAdder register(ProcessorCounter counter, String value) {
    LongAdder adder = new LongAdder();
    FunctionCounter.Builder<LongAdder> builder =
        FunctionCounter.builder("kymo." + counter.id(), adder, LongAdder::sum)
            .description(counter.meaning());
    if (value != null) {
      builder.tag(counter.label(), value);
    }
    builder.register(registry);
    return adder;
  }

  /** Adds to a counter without a label. */
  public void add(ProcessorCounter counter, long n) {
    if (n != 0) {
      plain.get(counter).add(n);
    }
  }

  /**
   * @param value of the counter's label; of low cardinality
   */
  public void add(ProcessorCounter counter, String value, long n) {
    labelled.get(counter).computeIfAbsent(value, v -> register(counter, v)).add(n);
  }

  /** Moves a gauge by this much, up or down. */
  public void move(ProcessorGauge gauge, long by) {
    if (by != 0) {
      gauges.get(gauge).add(by);
    }
  }

  /** Sum over all values of its label, when it has one. */
  public long total(ProcessorCounter counter) {
    return counter.label() == null
        ? plain.get(counter).sum()
        : labelled.get(counter).values().stream().mapToLong(LongAdder::sum).sum();
  }

  public long value(ProcessorGauge gauge) {
    return gauges.get(gauge).sum();
  }

  /** Prometheus' text format. */
  public String prometheus() {
    return registry.scrape();
  }
}
