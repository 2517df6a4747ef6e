package io.kymo.benchmarks;

import io.kymo.acceptance.Stack;
import io.kymo.benchmarks.hot.AvroHotPath;
import io.kymo.benchmarks.hot.CollectorHotPath;
import io.kymo.benchmarks.hot.PairingHotPath;
import io.kymo.benchmarks.hot.ParserHotPath;
import io.kymo.benchmarks.hot.WindowHotPath;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * The hot paths alone, by JMH in processes of their own: time and allocations of one unit, beside a
 * baseline over the same bytes. Short runs: take the ratios and the allocations.
 */
final class HotPathBenchmark implements Benchmark {
  private static final String ALLOCATED = "gc.alloc.rate.norm";

  @Override
  public String name() {
    return "jmh";
  }

  @Override
  public String description() {
    return "hot paths alone: ns and bytes allocated a unit, against a plain pass over the same bytes";
  }

  @Override
  public boolean needsStack() {
    return false;
  }

  @Override
  public List<Figure> run(Stack stack) {
    Options options =
        new OptionsBuilder()
            .include("io\\.kymo\\.benchmarks\\.hot\\..*")
            .mode(Mode.AverageTime)
            .timeUnit(TimeUnit.NANOSECONDS)
            .forks(1)
            .jvmArgs("-Xmx512m", "-Dkymo.root=" + System.getProperty("kymo.root"))
            .warmupIterations(3)
            .warmupTime(TimeValue.milliseconds(300))
            .measurementIterations(4)
            .measurementTime(TimeValue.milliseconds(300))
            .addProfiler(GCProfiler.class)
            .shouldFailOnError(true)
            .verbosity(VerboseMode.SILENT)
            .build();
    Map<String, RunResult> measured = new TreeMap<>();
    Map<String, RunResult> baselines = new TreeMap<>();
    try {
      Collection<RunResult> results = new Runner(options).run();
      for (RunResult result : results) {
        boolean baseline = result.getParams().getBenchmark().endsWith(".baseline");
        (baseline ? baselines : measured).put(figure(result), result);
      }
    } catch (RunnerException e) {
      throw new IllegalStateException(e);
    }
    List<Figure> figures = new ArrayList<>();
    measured.forEach((figure, result) -> add(figures, figure, result, baselines.get(figure)));
    return figures;
  }

  /** Such as parser.http. */
  private static String figure(RunResult result) {
    String[] path = result.getParams().getBenchmark().split("\\.");
    String type = path[path.length - 2].replace("HotPath", "").toLowerCase(Locale.ROOT);
    String parameter = parameter(result);
    return parameter.isEmpty() ? type : type + "." + parameter;
  }

  private static String parameter(RunResult result) {
    return result.getParams().getParamsKeys().stream()
        .map(result.getParams()::getParam)
        .findFirst()
        .orElse("");
  }

  /** Units of one operation, and what they are. */
  private record Unit(double count, String name) {
    static Unit of(String figure, String parameter) {
      return switch (figure.split("\\.")[0]) {
        case "parser" -> new Unit(ParserHotPath.bytes(parameter) / 1024.0, "KiB");
        case "window" -> new Unit(WindowHotPath.SEGMENTS, "segment");
        case "pairing" -> new Unit(PairingHotPath.PAIRS, "pair");
        case "collector" -> new Unit(CollectorHotPath.EVENTS, "event");
        case "avro" ->
            parameter.equals("batch_decode")
                ? new Unit((double) AvroHotPath.RECORDS * AvroHotPath.SEGMENTS, "segment")
                : new Unit(AvroHotPath.RECORDS, "row");
        default -> throw new IllegalArgumentException(figure);
      };
    }
  }

  private void add(List<Figure> figures, String figure, RunResult result, RunResult baseline) {
    Unit unit = Unit.of(figure, parameter(result));
    double ns = result.getPrimaryResult().getScore() / unit.count;
    double baseNs = baseline.getPrimaryResult().getScore() / unit.count;
    figures.add(
        Figure.of(
            name(),
            figure,
            ns,
            "ns/" + unit.name,
            baseNs,
            "time of one " + unit.name + ", against a plain pass over the same"));
    double bytes = result.getSecondaryResults().get(ALLOCATED).getScore() / unit.count;
    figures.add(
        Figure.of(
            name(),
            figure + ".allocated",
            bytes,
            "B/" + unit.name,
            Double.NaN, // a plain pass allocates nothing
            "bytes allocated for one " + unit.name));
  }
}
