package io.kymo.acceptance.kernels;

import io.kymo.acceptance.Await;
import io.kymo.acceptance.Shell;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A machine with another kernel: QEMU without hardware's help (TCG), one CPU, this host's root
 * directory read-only below a layer in memory, and one shared directory at the same path on both
 * sides. It runs the program {@code run} of the shared directory, then powers off. Over its network
 * it reaches this host's loopback as 10.0.2.2, and nothing reaches it.
 */
public final class Guest {
  private static final int MEMORY_MB = 1280;
  private final Kernel kernel;
  private final Path share;

  /**
   * @param share has {@code run}, and takes what it leaves
   */
  public Guest(Kernel kernel, Path share) {
    this.kernel = kernel;
    this.share = share;
  }

  /**
   * Boots, runs to the end, and returns the exit code of {@code run}.
   *
   * @throws AssertionError when it does not end within the limit, or ends before {@code run} did
   */
  public int run(int limitSeconds) throws IOException, InterruptedException {
    Files.writeString(share.resolve("modules"), kernel.modules().toString());
    Path console = share.resolve("console");
    List<Process> helpers = new ArrayList<>();
    try {
      helpers.add(files("root", Path.of("/"), "always"));
      helpers.add(files("share", share, "auto"));
      Process machine = Shell.start(console, machine());
      helpers.add(machine);
      if (!machine.waitFor(limitSeconds, TimeUnit.SECONDS)) {
        throw new AssertionError(
            kernel + " does not end within " + limitSeconds + " s:\n" + tail(console));
      }
    } finally {
      for (Process helper : helpers) {
        helper.destroyForcibly();
      }
    }
    Path exit = share.resolve("exit");
    if (!Files.exists(exit)) {
      throw new AssertionError(kernel + " ended early:\n" + tail(console));
    }
    return Integer.parseInt(Files.readString(exit).strip());
  }

  /** The last lines that the guest said. */
  public String console() {
    return tail(share.resolve("console"));
  }

  /** Serves a directory to the guest. */
  private Process files(String tag, Path source, String cache) {
    Path socket = socket(tag);
    Process process =
        Shell.start(
            share.resolve("virtiofsd-" + tag + ".log"),
            List.of(
                "/usr/lib/qemu/virtiofsd",
                "--socket-path=" + socket,
                "-o",
                "source=" + source,
                "-o",
                "cache=" + cache,
                "-o",
                "sandbox=chroot"));
    Await.that("virtiofsd listens on " + socket, () -> Files.exists(socket));
    return process;
  }

  private Path socket(String tag) {
    return share.resolve(tag + ".socket");
  }

  private List<String> machine() {
    List<String> line =
        new ArrayList<>(
            List.of(
                "qemu-system-x86_64",
                "-M",
                "q35",
                "-accel",
                "tcg,tb-size=512",
                "-cpu",
                "max",
                // Debian 12's QEMU with more than one corrupts code that the kernel patches
                "-smp",
                "1",
                "-m",
                "" + MEMORY_MB,
                "-object",
                "memory-backend-memfd,id=memory,size=" + MEMORY_MB + "M,share=on",
                "-numa",
                "node,memdev=memory",
                "-netdev",
                "user,id=net",
                "-device",
                "virtio-net-pci,netdev=net,romfile=",
                "-nographic",
                "-no-reboot",
                "-monitor",
                "none",
                "-serial",
                "stdio"));
    for (String tag : List.of("root", "share")) {
      line.addAll(
          List.of(
              "-chardev",
              "socket,id=" + tag + ",path=" + socket(tag),
              "-device",
              "vhost-user-fs-pci,chardev=" + tag + ",queue-size=1024,tag=" + tag));
    }
    line.addAll(
        List.of(
            "-kernel",
            kernel.directory().resolve("vmlinuz").toString(),
            "-initrd",
            kernel.directory().resolve("initrd.gz").toString(),
            "-append",
            "console=ttyS0 quiet loglevel=4 panic=-1 no_timer_check rcupdate.rcu_cpu_stall_timeout=300 mitigations=off random.trust_cpu=on kymo.share="
                + share));
    return line;
  }

  private static String tail(Path file) {
    try {
      List<String> lines =
          new String(Files.readAllBytes(file), StandardCharsets.UTF_8).lines().toList();
      return String.join("\n", lines.subList(Math.max(0, lines.size() - 40), lines.size()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
