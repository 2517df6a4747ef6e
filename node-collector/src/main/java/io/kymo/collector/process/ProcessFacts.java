package io.kymo.collector.process;

/**
 * What is known of a process. Immutable: an exec makes new facts.
 *
 * @param pid thread group id as the collector's pid namespace sees it
 * @param startNs start of the process, ns since the epoch, 0 when unknown
 * @param comm name as the kernel has it, up to 15 bytes
 * @param executable path of the executable, by the name by which it was called where that is a link
 *     to it; empty when unknown
 * @param cgroup path of its cgroup, empty when unknown
 * @param containerId 64 hex digits, empty outside containers
 */
public record ProcessFacts(
    int pid, long startNs, String comm, String executable, String cgroup, String containerId) {
  /** Facts of a process that was gone before anyone looked. */
  public static ProcessFacts unknown(int pid, String comm) {
    return new ProcessFacts(pid, 0, comm, "", "", "");
  }

  /** Facts of a child that has not run a program of its own yet; its start is not known. */
  ProcessFacts inheritedBy(int child) {
    return new ProcessFacts(child, 0, comm, executable, cgroup, containerId);
  }

  /** True when /proc answered. */
  public boolean known() {
    return startNs != 0;
  }
}
