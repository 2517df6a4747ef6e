package io.kymo.collector.driver;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What the files of /proc, /sys and /lib/modules tell of this machine. */
public final class MachineFindings {
  // include/uapi/linux/capability.h
  private static final String[] CAPABILITIES = {
    "CAP_NET_RAW", "CAP_SYS_MODULE", "CAP_SYS_PTRACE", "CAP_SYS_ADMIN", "CAP_PERFMON", "CAP_BPF"
  };
  private static final int[] CAPABILITY_BITS = {13, 16, 19, 21, 38, 39};

  private final Path root;

  /**
   * @param root where proc, sys and lib lie: / on a machine
   */
  public MachineFindings(Path root) {
    this.root = root;
  }

  public List<Finding> all() {
    List<Finding> found = new ArrayList<>();
    String release = text("proc/sys/kernel/osrelease");
    found.add(Finding.there("kernel", "Linux " + release + " on " + System.getProperty("os.arch")));
    found.add(capabilities());
    found.add(lockdown());
    found.add(memlock());
    found.add(
        file(
            "btf",
            "sys/kernel/btf/vmlinux",
            "a kernel built with CONFIG_DEBUG_INFO_BTF=y, or --btf FILE"));
    found.add(
        file(
            "uprobes",
            "sys/bus/event_source/devices/uprobe/type",
            "a kernel built with CONFIG_UPROBE_EVENTS=y; without it TLS is not seen in plaintext"));
    found.add(
        file(
            "tracefs",
            "sys/kernel/tracing/events",
            "mount -t tracefs nodev /sys/kernel/tracing; the drivers do without it"));
    found.add(cgroups());
    found.add(
        file("af-packet", "proc/net/packet", "a kernel with CONFIG_PACKET; for interface:NAME"));
    found.add(modules());
    found.add(headers(release));
    return found;
  }

  private Finding capabilities() {
    long effective = 0;
    for (String line : text("proc/self/status").split("\n", -1)) {
      if (line.startsWith("CapEff:")) {
        effective = Long.parseUnsignedLong(line.substring(7).strip(), 16);
      }
    }
    List<String> lacking = new ArrayList<>();
    for (int i = 0; i < CAPABILITIES.length; i++) {
      if ((effective >>> CAPABILITY_BITS[i] & 1) == 0) {
        lacking.add(CAPABILITIES[i]);
      }
    }
    return lacking.isEmpty()
        ? Finding.there("capabilities", String.join(", ", CAPABILITIES))
        : Finding.missing(
            "capabilities",
            "without " + String.join(", ", lacking),
            "run as root; eBPF needs CAP_BPF and CAP_PERFMON at least");
  }

  private Finding lockdown() {
    String modes = text("sys/kernel/security/lockdown");
    return modes.isEmpty() || modes.contains("[none]")
        ? Finding.there("lockdown", "off")
        : Finding.missing(
            "lockdown", "on: " + modes, "boot without lockdown=, else eBPF can not read memory");
  }

  private Finding memlock() {
    for (String line : text("proc/self/limits").split("\n", -1)) {
      if (line.startsWith("Max locked memory")) {
        String[] words = line.substring("Max locked memory".length()).strip().split(" +", -1);
        return Finding.there("memlock", words[0] + " (counts for eBPF up to Linux 5.10 only)");
      }
    }
    return Finding.missing("memlock", "not known", "mount /proc");
  }

  private Finding cgroups() {
    if (Files.exists(root.resolve("sys/fs/cgroup/cgroup.controllers"))) {
      return Finding.there("cgroup", "version 2");
    }
    boolean hybrid = Files.exists(root.resolve("sys/fs/cgroup/unified/cgroup.controllers"));
    return hybrid
        ? Finding.there("cgroup", "version 1, with version 2 under /sys/fs/cgroup/unified")
        : Finding.missing(
            "cgroup",
            "version 1 only",
            "boot with systemd.unified_cgroup_hierarchy=1 for filters cgroup:PATH");
  }

  private Finding modules() {
    if (!Files.exists(root.resolve("proc/modules"))) {
      return Finding.missing(
          "modules", "the kernel takes no modules", "a kernel with CONFIG_MODULES, for kmod only");
    }
    return text("sys/module/module/parameters/sig_enforce").equals("Y")
        ? Finding.missing(
            "modules", "signed ones only", "sign the module with a key that the kernel trusts")
        : Finding.there("modules", "also unsigned ones");
  }

  private Finding headers(String release) {
    return file(
        "kernel-headers",
        "lib/modules/" + release + "/build/Makefile",
        "install linux-headers-" + release + " to build the module, for kmod only");
  }

  private Finding file(String name, String path, String remedy) {
    Path file = root.resolve(path);
    return Files.exists(file)
        ? Finding.there(name, "/" + path)
        : Finding.missing(name, "no /" + path, remedy);
  }

  /** Empty when there is no such file. */
  private String text(String path) {
    try {
      return Files.readString(root.resolve(path)).strip();
    } catch (IOException e) {
      return "";
    }
  }
}
