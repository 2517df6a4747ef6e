package io.kymo.stack.launcher;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(
    name = "down",
    mixinStandardHelpOptions = true,
    description = "Ends all processes; data stay.")
final class DownCommand implements Callable<Integer> {
  @Override
  public Integer call() {
    Home home = Home.fromEnvironment();
    StackState state = StackState.load(home.state());
    Console console = new Console();
    boolean any = StackPlan.NAMES.stream().anyMatch(n -> state.running(n).isPresent());
    List<String> killed = Shutdown.end(state, home, StackPlan.NAMES, console);
    if (!killed.isEmpty()) {
      console.line("did not end in time and were killed: " + String.join(", ", killed));
    }
    console.line(any ? "Kymo is down. Data stay in " + state.data : "nothing was running");
    return 0;
  }
}
