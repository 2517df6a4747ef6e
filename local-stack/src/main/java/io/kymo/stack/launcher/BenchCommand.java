package io.kymo.stack.launcher;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description = "Measures, each figure beside its baseline of the same run.")
final class BenchCommand implements Callable<Integer> {
  @Parameters(
      arity = "0..1",
      paramLabel = "NAME",
      description = "One benchmark; all when left out. --list names them.")
  private String name;

  @Option(names = "--json", description = "One JSON object a line.")
  private boolean json;

  @Option(names = "--list", description = "Names the benchmarks.")
  private boolean list;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Home home = Home.fromEnvironment();
    List<String> build =
        List.of("mvn", "-q", "-B", "-Dfast", "-DskipTests", "-pl", "benchmarks", "-am", "package");
    if (new ProcessBuilder(build).directory(home.root().toFile()).inheritIO().start().waitFor()
        != 0) {
      throw new UserErrorException("building the benchmarks failed, see above");
    }
    List<String> command = new ArrayList<>();
    command.add(StackPlan.javaHome().resolve("bin/java").toString());
    command.addAll(
        List.of(
            "-Xmx1g",
            "-Dkymo.root=" + home.root(),
            "-cp",
            home.root().resolve("benchmarks/target/dist/lib") + "/*",
            "io.kymo.benchmarks.Bench"));
    if (list) {
      command.add("--list");
    }
    if (json) {
      command.add("--json");
    }
    if (name != null) {
      command.add(name);
    }
    return new ProcessBuilder(command)
        .directory(home.root().toFile())
        .inheritIO()
        .start()
        .waitFor();
  }
}
