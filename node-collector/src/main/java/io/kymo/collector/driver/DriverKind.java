package io.kymo.collector.driver;

import java.util.List;
import java.util.Set;

/** One way of observing: says whether it can work here, and makes its driver. */
public interface DriverKind {
  /** ebpf, kmod, pcap or interface. */
  String name();

  /**
   * Looks whether it can work here: at what the machine offers, never at version numbers. Leaves
   * nothing behind and throws nothing.
   *
   * @param argument what stood behind the colon: a file, an interface; else empty
   */
  Probe probe(String argument);

  /**
   * The same, where the scope says where to look.
   *
   * @param scope that the driver is to have
   */
  default Probe probe(String argument, Scope scope) {
    return probe(argument);
  }

  /** A scope that its driver takes and that nothing is in. */
  default Scope nothing() {
    // a process of Kymo is never captured
    return Scope.parse(List.of("pid:" + ProcessHandle.current().pid()), Set.of());
  }

  /**
   * @param argument as for {@link #probe}
   * @return not started
   */
  Driver create(String argument, DriverSettings settings);

  /**
   * @param why one line: what was found, or what is missing and what to do about it
   */
  record Probe(boolean usable, String why) {
    public static Probe usable(String found) {
      return new Probe(true, found);
    }

    public static Probe unusable(String missing) {
      return new Probe(false, missing);
    }
  }
}
