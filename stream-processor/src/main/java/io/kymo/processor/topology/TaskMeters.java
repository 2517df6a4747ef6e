package io.kymo.processor.topology;

import io.kymo.processor.metrics.Metrics;
import io.kymo.processor.metrics.ProcessorCounter;
import io.kymo.processor.metrics.ProcessorGauge;
import io.kymo.processor.reassembly.Accounting;
import io.kymo.processor.reassembly.Counters;
import io.kymo.processor.reassembly.Reassembly;
import java.util.EnumMap;
import java.util.Map;

/**
 * Carries one task's sums, which only its thread may read, over to the process's metrics: by how
 * much they grew, once a batch.
 */
final class TaskMeters {
  private final Metrics metrics;
  private final Map<ProcessorCounter, long[]> published = new EnumMap<>(ProcessorCounter.class);
  private final Map<ProcessorGauge, long[]> held = new EnumMap<>(ProcessorGauge.class);

  TaskMeters(Metrics metrics) {
    this.metrics = metrics;
  }

  void publish(Reassembly reassembly, int conversations, long stateBytes) {
    Accounting bytes = reassembly.accounting();
    grown(ProcessorCounter.CAPTURED_BYTES, bytes.captured());
    grown(ProcessorCounter.DECODED_BYTES, bytes.decoded());
    grown(ProcessorCounter.SKIPPED_BYTES, bytes.skipped());
    grown(ProcessorCounter.GAP_BYTES, bytes.gaps());
    grown(ProcessorCounter.TRUNCATED_BYTES, bytes.truncated());
    grown(ProcessorCounter.OPAQUE_BYTES, bytes.opaque());
    grown(ProcessorCounter.DUPLICATE_BYTES, bytes.duplicates());
    Counters counters = reassembly.counters();
    grown(ProcessorCounter.SEGMENTS, counters.segments);
    grown(ProcessorCounter.MESSAGES, counters.messages);
    grown(ProcessorCounter.MESSAGES_TRUNCATED, counters.truncatedMessages);
    grown(ProcessorCounter.MALFORMED, counters.malformed);
    grown(ProcessorCounter.GAPS, counters.gaps);
    grown(ProcessorCounter.RESPONSES_UNPAIRED, counters.unpaired);
    grown(ProcessorCounter.RESPONSES_AWAITED_IN_VAIN, counters.awaitedInVain);
    grown(ProcessorCounter.TIMEOUTS, counters.timeouts);
    grown(ProcessorCounter.PARSER_FAULTS, counters.parserFaults);
    grown(ProcessorCounter.STATE_BYTES, stateBytes);
    holds(ProcessorGauge.PENDING_BYTES, bytes.pending());
    holds(ProcessorGauge.MEMORY_BYTES, reassembly.memoryUsed());
    holds(ProcessorGauge.CONVERSATIONS, conversations);
  }

  /**
   * The task ends here: what it held is held elsewhere, or given up. Pending bytes leave captured
   * too.
   */
  void retire() {
    long[] pending = held.get(ProcessorGauge.PENDING_BYTES);
    if (pending != null) {
      metrics.add(ProcessorCounter.CAPTURED_BYTES, -pending[0]);
    }
    held.forEach((gauge, value) -> metrics.move(gauge, -value[0]));
    held.clear();
    published.clear();
  }

  private void grown(ProcessorCounter counter, long to) {
    long[] before = published.computeIfAbsent(counter, c -> new long[1]);
    metrics.add(counter, to - before[0]);
    before[0] = to;
  }

  private void holds(ProcessorGauge gauge, long to) {
    long[] before = held.computeIfAbsent(gauge, g -> new long[1]);
    metrics.move(gauge, to - before[0]);
    before[0] = to;
  }
}
