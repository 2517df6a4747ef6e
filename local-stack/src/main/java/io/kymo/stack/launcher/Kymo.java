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
      DoctorCommand.class,
      SqlCommand.class,
      LogsCommand.class,
      TopicsCommand.class,
      ReplayCommand.class,
      DecodeHelp.class,
      TestCommand.class,
      BenchCommand.class
    })
public final class Kymo implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "which command? " + String.join(", ", spec.subcommands().keySet()));
  }

  public static void main(String[] args) {
    // the commands say themselves what a broker that does not answer means
    if (LoggerFactory.getLogger("org.apache.kafka") instanceof Logger kafka) {
      kafka.setLevel(Level.OFF);
    }
    CommandLine line = new CommandLine(new Kymo());
    line.setExecutionExceptionHandler(
        (e, cmd, parsed) -> {
          cmd.getErr().println("kymo: " + reason(e));
          return 1;
        });
    line.setParameterExceptionHandler(
        (e, unused) -> {
          CommandLine command = e.getCommandLine();
          command.getErr().println("kymo: " + e.getMessage());
          command.getErr().println("See " + usage(command) + " --help");
          return 2;
        });
    // a query may begin with a comment
    line.getSubcommands().get("sql").setUnmatchedOptionsArePositionalParams(true);
    System.exit(line.execute(args));
  }

  private static String usage(CommandLine command) {
    return "./" + command.getCommandSpec().qualifiedName();
  }

  /** One line for people; whoever sets KYMO_DEBUG sees where it came from, too. */
  private static String reason(Exception e) {
    if (System.getenv("KYMO_DEBUG") != null) {
      e.printStackTrace();
    }
    return e instanceof UserErrorException ? e.getMessage() : Reason.of(e);
  }
}
