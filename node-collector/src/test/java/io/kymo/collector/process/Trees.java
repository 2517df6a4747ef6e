package io.kymo.collector.process;

import java.nio.file.Path;

/** Checked-in copies of /proc; outside of the resources, because links in them lead nowhere. */
public final class Trees {
  private Trees() {}

  /** Several containers, network namespaces and hosts' processes; sockets in each. */
  public static ProcFs proc() {
    return new ProcFs(Path.of("src/test/trees/proc"));
  }
}
