package io.kymo.stack.launcher;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Ends processes in the reverse of the order in which they start: whoever reads goes before whom it
 * reads from.
 */
final class Shutdown {
  private static final int PATIENCE_S = 25;

  private Shutdown() {}

  /** Returns the names of those that had to be killed. */
  static List<String> end(StackState state, Home home, Collection<String> names, Console console) {
    List<String> killed = new ArrayList<>();
    List<String> order = new ArrayList<>(StackPlan.NAMES);
    Collections.reverse(order);
    for (String name : order) {
      Optional<ProcessHandle> handle =
          names.contains(name) ? state.running(name) : Optional.empty();
      if (handle.isPresent()) {
        console.progress("ending " + name);
        if (!end(handle.get())) {
          killed.add(name);
        }
      }
      if (names.contains(name)) {
        state.processes.remove(name);
        state.save(home.state());
      }
    }
    return killed;
  }

  private static boolean end(ProcessHandle process) {
    process.destroy();
    try {
      process.onExit().get(PATIENCE_S, TimeUnit.SECONDS);
      return true;
    } catch (TimeoutException e) {
      process.destroyForcibly();
      process.onExit().join();
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UserErrorException("interrupted");
    }
  }
}
