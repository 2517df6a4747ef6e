package io.kymo.benchmarks;

import io.kymo.acceptance.Nginx;
import io.kymo.acceptance.Stack;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Time from a request to its visible row, at a steady rate, and whether all of them arrive. */
final class FreshnessBenchmark implements Benchmark {
  private static final int SECONDS = 15;

  @Override
  public String name() {
    return "freshness";
  }

  @Override
  public String description() {
    return "time from request to visible row at 1,000 and 5,000 requests/s; rows against nginx's log";
  }

  @Override
  public List<Figure> run(Stack stack) {
    stack.up();
    List<Figure> figures = new ArrayList<>();
    figures.addAll(atRate(stack, 1_000, 18_060));
    figures.addAll(atRate(stack, 5_000, 18_061));
    return figures;
  }

  private List<Figure> atRate(Stack stack, int rate, int port) {
    List<Double> ages = new ArrayList<>();
    long rows;
    long log;
    try (Nginx nginx = new Nginx(stack.lab, port)) {
      Process load = nginx.steadyLoad(rate, SECONDS, stack.lab.work.resolve("never"));
      Map<Integer, Long> seen = new HashMap<>();
      long end = System.currentTimeMillis() + SECONDS * 1_000L + 10_000;
      while (load.isAlive() && System.currentTimeMillis() < end) {
        observe(stack, nginx, seen, ages);
        Stack.pause(25);
      }
      load.destroy();
      log = nginx.accessLog().size();
      rows = stack.awaitCount(nginx.rows("server"), log);
    }
    Collections.sort(ages);
    String at = " at " + rate + "/s";
    return List.of(
        Figure.of(
            name(),
            "p50" + at,
            percentile(ages, 0.50),
            "ms",
            2_000,
            "request to visible row, against the mark of 2 s"),
        Figure.of(
            name(),
            "p99" + at,
            percentile(ages, 0.99),
            "ms",
            2_000,
            "request to visible row, against the mark of 2 s"),
        Figure.of(
            name(),
            "rows" + at,
            (double) rows,
            "rows",
            (double) log,
            "server's rows against lines of nginx's log (1 = nothing lost, nothing doubled)"));
  }

  /** Takes the age of every row that was not visible a moment ago. */
  private static void observe(
      Stack stack, Nginx nginx, Map<Integer, Long> seen, List<Double> ages) {
    StringBuilder newer = new StringBuilder("(");
    for (int p = 0; p < 64; p++) {
      if (seen.containsKey(p)) {
        newer
            .append(newer.length() > 1 ? " OR " : "")
            .append("(kafka_partition = ")
            .append(p)
            .append(" AND kafka_offset > ")
            .append(seen.get(p))
            .append(')');
      }
    }
    String unseen =
        seen.isEmpty()
            ? "1"
            : newer
                + " OR kafka_partition NOT IN "
                + seen.keySet().toString().replace('[', '(').replace(']', ')')
                + ")";
    List<List<String>> rows =
        stack.sql(
            "SELECT kafka_partition, kafka_offset, toUnixTimestamp64Milli(time) FROM requests WHERE "
                + nginx.rows("server")
                + " AND "
                + unseen);
    long now = System.currentTimeMillis();
    for (List<String> row : rows) {
      seen.merge(Integer.valueOf(row.get(0)), Long.valueOf(row.get(1)), Math::max);
      ages.add((double) (now - Long.parseLong(row.get(2))));
    }
  }

  private static double percentile(List<Double> sorted, double p) {
    return sorted.isEmpty()
        ? Double.NaN
        : sorted.get((int) Math.min(sorted.size() - 1, Math.floor(sorted.size() * p)));
  }
}
