package io.kymo.stack.launcher;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    description =
        "Says what this kernel offers, which driver is used, what is missing and what to do. Exit code 0: usable.")
final class DoctorCommand implements Callable<Integer> {
  @Option(names = "--json", description = "One JSON object.")
  private boolean json;

  @Option(
      names = "--driver",
      paramLabel = "DRIVER",
      defaultValue = "auto",
      description = "As for up.")
  private String driver;

  @Option(names = "--btf", paramLabel = "FILE", description = "As for up.")
  private Path btf;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Home home = Home.fromEnvironment();
    List<String> command =
        new ArrayList<>(
            List.of(
                StackPlan.javaHome().resolve("bin/java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx64m",
                "-cp",
                home.jars() + "/*",
                "io.kymo.collector.main.NodeCollector",
                "--doctor",
                "capture.driver=" + driver));
    if (btf != null) {
      command.add("capture.btf=" + btf.toAbsolutePath().normalize());
    }
    if (json) {
      command.add("--json");
    }
    return new ProcessBuilder(command).inheritIO().start().waitFor();
  }
}
