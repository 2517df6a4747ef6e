package io.kymo.stack.launcher;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Entry point. Exit codes: 0 done, 1 it failed, 2 wrong use. */
@Command(
    name = "kymo",
    mixinStandardHelpOptions = true,
    version = "kymo 0.1.0",
    description =
        "Every request on this host as a row in ClickHouse, without touching the applications.",
    subcommands = {
      UpCommand.class,
      DownCommand.class,
      StatusCommand.class,
      SqlCommand.class,
      LogsCommand.class,
      TopicsCommand.class,
      TestCommand.class,
      BenchCommand.class
    })
public final class Kymo implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "which command? See the list below");
  }

  public static void main(String[] args) {
    // the commands say themselves what a broker that does not answer means
    if (LoggerFactory.getLogger("org.apache.kafka") instanceof Logger kafka) {
      kafka.setLevel(Level.OFF);
    }
    CommandLine line = new CommandLine(new Kymo());
    line.setExecutionExceptionHandler(
        (e, cmd, parsed) -> {
          if (e instanceof UserErrorException) {
            cmd.getErr().println("kymo: " + e.getMessage());
          } else {
            e.printStackTrace(cmd.getErr());
          }
          return 1;
        });
    System.exit(line.execute(args));
  }
}
