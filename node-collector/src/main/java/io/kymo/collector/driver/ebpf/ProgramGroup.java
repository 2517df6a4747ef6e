package io.kymo.collector.driver.ebpf;

/**
 * Programs and maps that the capture can do without, told by how their names begin. A kernel that
 * lacks the tracepoint of one goes without that program; one that refuses a program (a helper or a
 * map type is missing) goes without the whole group. All other programs are needed.
 */
enum ProgramGroup {
  /** Telemetry of TCP, attached by libbpf as their sections say. */
  TCP("tcp_", true),

  /** Figures of open TCP connections, run at an interval. */
  SAMPLE("sample_", false),

  /** Functions of TLS libraries, attached to each library as it is found. */
  TLS("tls_", false);

  private final String prefix;
  private final boolean attachedAtStart;

  ProgramGroup(String prefix, boolean attachedAtStart) {
    this.prefix = prefix;
    this.attachedAtStart = attachedAtStart;
  }

  /** The group of a program or map, null when it is needed. */
  static ProgramGroup of(String name) {
    for (ProgramGroup group : values()) {
      if (name.startsWith(group.prefix)) {
        return group;
      }
    }
    return null;
  }

  /** False: whoever uses them attaches them, see {@link BpfObject#program}. */
  boolean attachedAtStart() {
    return attachedAtStart;
  }
}
