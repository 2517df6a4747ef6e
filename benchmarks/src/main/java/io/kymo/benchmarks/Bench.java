package io.kymo.benchmarks;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kymo.acceptance.Stack;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "kymo bench",
    mixinStandardHelpOptions = true,
    description = "Measures hot paths and the whole pipeline on this machine.")
public final class Bench implements Callable<Integer> {
  private static final List<Benchmark> ALL =
      List.of(
          new HotPathBenchmark(),
          new OverheadBenchmark(),
          new PipelineBenchmark(),
          new FreshnessBenchmark(),
          new DecodeBenchmark());

  @Spec private CommandSpec spec;

  @Parameters(arity = "0..1", paramLabel = "NAME")
  private String name;

  @Option(names = "--json")
  private boolean json;

  @Option(names = "--list")
  private boolean list;

  public static void main(String[] args) {
    System.exit(new CommandLine(new Bench()).execute(args));
  }

  @Override
  public Integer call() throws JsonProcessingException {
    if (list) {
      ALL.forEach(b -> System.out.printf("%-12s %s%n", b.name(), b.description()));
      return 0;
    }
    List<Benchmark> chosen =
        ALL.stream().filter(b -> name == null || b.name().equals(name)).toList();
    if (chosen.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "no benchmark " + name + ": --list names them");
    }
    Stack stack = null;
    ObjectMapper mapper = new ObjectMapper();
    for (Benchmark benchmark : chosen) {
      if (stack == null && benchmark.needsStack()) {
        System.err.println("starting the stack, confined to two network namespaces of its own");
        stack = Stack.get();
      }
      System.err.println(benchmark.name() + ": " + benchmark.description());
      for (Figure figure : benchmark.run(stack)) {
        System.out.println(
            json
                ? mapper.writeValueAsString(figure)
                : String.format(
                    "%-12s %-28s %,14.3f %-14s baseline %,14.3f  ratio %.3f   %s",
                    figure.benchmark(),
                    figure.figure(),
                    figure.value(),
                    figure.unit(),
                    figure.baseline(),
                    figure.ratio(),
                    figure.what()));
      }
    }
    return 0;
  }
}
