package io.kymo.collector.main;

import static org.assertj.core.api.Assertions.assertThat;

import io.kymo.collector.metrics.CollectorCounter;
import io.kymo.collector.metrics.Counters;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LossNoteTest {
  @TempDir Path directory;

  @Test
  void theNextRunTellsWhatThisOneLost() {
    Counters first = new Counters();
    first.add(CollectorCounter.PUBLISHED_BATCHES, 9);
    first.add(CollectorCounter.LOST_QUEUE_BATCHES, 2);
    first.add(CollectorCounter.LOST_STOP_BATCHES, 3);
    first.add(CollectorCounter.LOST_STOP_BYTES, 70);
    note(first).write();

    Counters second = run();
    assertThat(second.get(CollectorCounter.PREVIOUS_RUN_LOST_BATCHES)).isEqualTo(5);
    assertThat(second.get(CollectorCounter.PREVIOUS_RUN_LOST_BYTES)).isEqualTo(70);

    // it reached nobody: the third is told of both
    second.add(CollectorCounter.LOST_STOP_BATCHES, 1);
    note(second).write();
    Counters third = run();
    assertThat(third.get(CollectorCounter.PREVIOUS_RUN_LOST_BATCHES)).isEqualTo(6);

    third.add(CollectorCounter.PUBLISHED_BATCHES, 1);
    note(third).write();
    assertThat(run().get(CollectorCounter.PREVIOUS_RUN_LOST_BATCHES)).isZero();
  }

  private Counters run() {
    Counters counters = new Counters();
    note(counters).read();
    return counters;
  }

  private LossNote note(Counters counters) {
    return LossNote.in(directory.resolve("new").toString(), counters);
  }
}
