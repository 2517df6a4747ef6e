package io.kymo.benchmarks;

import io.kymo.acceptance.Nginx;
import io.kymo.acceptance.Stack;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What the collector costs the observed: nginx under wrk with and without it, in turns. The
 * stream-processor and ClickHouse are ended meanwhile (in production they are on other machines);
 * wrk and nginx are both observed, so each request is captured twice.
 */
final class OverheadBenchmark implements Benchmark {
  private static final int ROUNDS = 5;
  private static final int SECONDS = 4;
  private static final int CONNECTIONS = 16;

  @Override
  public String name() {
    return "overhead";
  }

  @Override
  public String description() {
    return "nginx requests/s with and without the collector; its CPU and memory per request";
  }

  @Override
  public List<Figure> run(Stack stack) {
    List<Double> with = new ArrayList<>();
    List<Double> without = new ArrayList<>();
    List<Double> cpu = new ArrayList<>();
    List<Double> rss = new ArrayList<>();
    try (Nginx nginx = new Nginx(stack.lab, 18070)) {
      Wrk.run(stack.lab, nginx.url("/index.html"), CONNECTIONS, 2); // warms up
      for (int i = 0; i < ROUNDS; i++) {
        stack.up();
        stack.kill("stream-processor");
        stack.kill("clickhouse");
        long pid = stack.pid("collector");
        double before = ProcessFigures.cpuSeconds(pid);
        Wrk.Result observed = Wrk.run(stack.lab, nginx.url("/index.html"), CONNECTIONS, SECONDS);
        Stack.pause(500);
        cpu.add((ProcessFigures.cpuSeconds(pid) - before) * 1e6 / observed.requests());
        rss.add(ProcessFigures.rssMegabytes(pid));
        with.add(observed.rate());
        stack.kill("collector");
        without.add(Wrk.run(stack.lab, nginx.url("/index.html"), CONNECTIONS, SECONDS).rate());
      }
    } finally {
      stack.up();
    }
    double base = median(without);
    return List.of(
        Figure.of(
            name(),
            "nginx requests",
            median(with),
            "1/s",
            base,
            "with the collector (client and server observed) against without"),
        Figure.of(
            name(),
            "collector CPU",
            median(cpu),
            "us/request",
            1e6 / base,
            "against the time that nginx and wrk take for a request"),
        Figure.of(
            name(),
            "collector RSS",
            Collections.max(rss),
            "MB",
            200,
            "against the mark of 200 MB"));
  }

  static double median(List<Double> values) {
    List<Double> sorted = new ArrayList<>(values);
    Collections.sort(sorted);
    return sorted.get(sorted.size() / 2);
  }
}
