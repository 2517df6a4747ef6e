package io.kymo.collector.process;

/** Reads the facts of one process from /proc. */
public final class ProcessReader {
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  /** USER_HZ is 100 on every architecture that Linux runs Java on. */
  private static final long NANOS_PER_TICK = NANOS_PER_SECOND / 100;

  /** proc(5): starttime is field 22 of stat; what follows the last ')' begins with field 3. */
  private static final int START_TIME = 22 - 3;

  private static final String DELETED = " (deleted)";

  private final ProcFs proc;
  private final long bootNs;

  public ProcessReader(ProcFs proc) {
    this.proc = proc;
    this.bootNs = bootNs(proc.read("stat"));
  }

  /** Returns null when the process is gone. */
  public ProcessFacts read(int pid) {
    String stat = proc.read(pid + "/stat");
    if (stat == null) {
      return null;
    }
    int open = stat.indexOf('(');
    int close = stat.lastIndexOf(')'); // a comm may hold parentheses and blanks
    if (open < 0 || close < open) {
      return null;
    }
    String[] fields = stat.substring(close + 1).trim().split(" ", -1);
    if (fields.length <= START_TIME) {
      return null;
    }
    String executable = proc.link(pid + "/exe");
    String cgroup = proc.read(pid + "/cgroup");
    ContainerCgroup container = ContainerCgroup.parse(cgroup == null ? "" : cgroup);
    return new ProcessFacts(
        pid,
        bootNs + Long.parseLong(fields[START_TIME]) * NANOS_PER_TICK,
        stat.substring(open + 1, close),
        executable == null ? "" : asCalled(pid, withoutMark(executable)),
        container.path(),
        container.containerId());
  }

  /**
   * The path by which the program was called, where it leads to the same file: people know Debian's
   * redis-server by that name, though it is a link to redis-check-rdb.
   */
  private String asCalled(int pid, String executable) {
    String commandLine = proc.read(pid + "/cmdline");
    // programs that write their own title put blanks instead of zeros between its words
    String called = commandLine == null ? "" : commandLine.split("[\0 ]", 2)[0];
    String name = called.substring(called.lastIndexOf('/') + 1);
    int directory = executable.lastIndexOf('/') + 1;
    if (name.isEmpty() || name.equals(executable.substring(directory))) {
      return executable;
    }
    String path = called.startsWith("/") ? called : executable.substring(0, directory) + name;
    return proc.sameFile(pid + "/root" + path, pid + "/exe") ? path : executable;
  }

  /** The kernel marks the path of a program that was replaced while it runs. */
  private static String withoutMark(String executable) {
    return executable.endsWith(DELETED)
        ? executable.substring(0, executable.length() - DELETED.length())
        : executable;
  }

  private static long bootNs(String stat) {
    if (stat != null) {
      for (String line : stat.split("\n", -1)) {
        if (line.startsWith("btime ")) {
          return Long.parseLong(line.substring("btime ".length()).trim()) * NANOS_PER_SECOND;
        }
      }
    }
    throw new IllegalStateException("no btime in /proc/stat");
  }
}
