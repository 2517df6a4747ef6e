package io.kymo.processor.metrics;

/** docs/counters-processor.md, from {@link ProcessorCounter} and {@link ProcessorGauge}. */
public final class CountersPage {
  private CountersPage() {}

  public static String markdown() {
    StringBuilder page = new StringBuilder(8 << 10);
    page.append("# Counters of the stream-processor\n\n")
        .append(
            "Generated from `ProcessorCounter` and `ProcessorGauge`: do not edit. At `GET /metrics` in Prometheus' text format,\n")
        .append(
            "where a counter is called `kymo_<id>_total` and a gauge `kymo_<id>`. Counters begin at 0 when the process starts; what\n")
        .append(
            "must survive its end stands in the rows of `connections` and `collector_stats`.\n\n")
        .append("## Counters\n\n| id | unit | by | meaning |\n|---|---|---|---|\n");
    for (ProcessorCounter c : ProcessorCounter.values()) {
      page.append(
          "| `%s` | %s | %s | %s |\n"
              .formatted(c.id(), c.unit(), c.label() == null ? "" : c.label(), c.meaning()));
    }
    page.append("\n## Gauges\n\n| id | unit | meaning |\n|---|---|---|\n");
    for (ProcessorGauge g : ProcessorGauge.values()) {
      page.append("| `%s` | %s | %s |\n".formatted(g.id(), g.unit(), g.meaning()));
    }
    return page.toString();
  }
}
