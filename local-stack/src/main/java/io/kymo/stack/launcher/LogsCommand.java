package io.kymo.stack.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "logs",
    mixinStandardHelpOptions = true,
    description = "Shows the end of the processes' logs.")
final class LogsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      arity = "0..1",
      paramLabel = "NAME",
      description =
          "broker, registry, clickhouse, stream-processor or collector; all when left out.")
  private String name;

  @Option(
      names = {"-f", "--follow"},
      description = "Goes on as the logs grow.")
  private boolean follow;

  @Option(
      names = {"-n", "--lines"},
      paramLabel = "N",
      defaultValue = "50",
      description = "So many lines of each (default 50).")
  private int lines;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (name != null && !StackPlan.NAMES.contains(name)) {
      throw new ParameterException(
          spec.commandLine(), "no process " + name + ": " + String.join(", ", StackPlan.NAMES));
    }
    if (lines < 0) {
      throw new ParameterException(
          spec.commandLine(), "--lines " + lines + ": how many lines? 0 or more");
    }
    Home home = Home.fromEnvironment();
    List<String> command = new ArrayList<>(List.of("tail", "-n", String.valueOf(lines)));
    if (follow) {
      command.add("-F");
    }
    int options = command.size();
    for (String process : name == null ? StackPlan.NAMES : List.of(name)) {
      Path log = home.log(process);
      if (Files.exists(log)) {
        command.add(log.toString());
      }
    }
    if (command.size() == options) {
      throw new UserErrorException("no logs yet: start the stack with ./kymo up");
    }
    return new ProcessBuilder(command).inheritIO().start().waitFor();
  }
}
