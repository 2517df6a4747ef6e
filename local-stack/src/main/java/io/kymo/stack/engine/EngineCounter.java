package io.kymo.stack.engine;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** What this process counts; shown at /metrics as {@code kymo_<id>_total}. */
enum EngineCounter {
  QUERIES("statements", "statements that came in"),
  INSERTS("statements", "statements whose data came with the request"),
  ERRORS("statements", "statements answered with an error"),
  CANCELLED("statements", "statements ended because their client had gone"),
  ROWS_WRITTEN("rows", "rows written by inserts, those of their views included"),
  RESULT_BYTES("bytes", "result bytes before compression");

  private static final Map<EngineCounter, LongAdder> SUMS = new EnumMap<>(EngineCounter.class);

  static {
    for (EngineCounter counter : values()) {
      SUMS.put(counter, new LongAdder());
    }
  }

  private final String unit;
  private final String meaning;

  EngineCounter(String unit, String meaning) {
    this.unit = unit;
    this.meaning = meaning;
  }

  void add(long n) {
    SUMS.get(this).add(n);
  }

  /** In Prometheus's text format. */
  static String prometheus() {
    StringBuilder out = new StringBuilder();
    for (EngineCounter counter : values()) {
      String name = "kymo_clickhouse_" + counter.name().toLowerCase(Locale.ROOT) + "_total";
      out.append("# HELP ").append(name).append(' ').append(counter.meaning);
      out.append(" (").append(counter.unit).append(")\n# TYPE ").append(name).append(" counter\n");
      out.append(name).append(' ').append(SUMS.get(counter).sum()).append('\n');
    }
    return out.toString();
  }
}
