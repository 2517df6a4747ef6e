package io.kymo.stack.launcher;

import java.io.PrintStream;

/**
 * Progress for people: a line that renews itself on a terminal, plain lines elsewhere. Goes to
 * standard error.
 */
final class Console {
  private final PrintStream err = System.err;
  private final boolean terminal = "1".equals(System.getenv("KYMO_TTY"));
  private final long startNs = System.nanoTime();
  private String last = "";

  void progress(String text) {
    if (text.equals(last)) {
      return;
    }
    last = text;
    String line = String.format("[%5.1f s] %s", (System.nanoTime() - startNs) / 1e9, text);
    if (terminal) {
      err.print("\r\033[K" + line);
      err.flush();
    } else {
      err.println(line);
    }
  }

  void line(String text) {
    if (terminal && !last.isEmpty()) {
      err.print("\r\033[K");
    }
    last = "";
    err.println(text);
  }
}
