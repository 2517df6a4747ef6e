package io.kymo.collector.driver;

import java.util.Map;

/**
 * A source of kernel events. Life: constructed with settings, {@link #start}, then {@link #poll}
 * again and again on one thread, {@link #stop} (nothing new is captured, poll goes on until it
 * returns 0), {@link #close}.
 *
 * <p>The kernel never wakes the reader: the caller decides how long to idle when poll returns 0
 * (1–10 ms is right).
 */
public interface Driver extends AutoCloseable {
  /** ebpf, kmod, pcap or interface: goes into each batch. */
  String name();

  /** One line for people: kernel, way of attaching, ring size, scope. */
  String describe();

  /** What it looks at, for people: this host, an interface, files. */
  default String watches() {
    return "this host";
  }

  /**
   * Loads and attaches.
   *
   * @throws DriverException in one line, what is missing and what to do about it
   */
  void start();

  /**
   * Hands up to limit events to the handler; allocates nothing.
   *
   * @return how many events were consumed; 0: nothing was there
   */
  int poll(EventHandler handler, int limit);

  /**
   * Has the figures of open TCP connections told, as far as something changed since the last call
   * (see {@link TcpEvent}); to be called by the polling thread at an interval.
   */
  default void sampleTcp() {}

  /**
   * The kernel's name for a reason that {@link TcpEvent} carries.
   *
   * @param kind wire id of io.kymo.schemas.TcpReportKind
   * @return empty when it has none
   */
  default String reason(int kind, int code) {
    return "";
  }

  /**
   * Does it observe packets, not sockets of this host? Then times are ns since the epoch, and
   * nothing is known of processes.
   */
  default boolean packets() {
    return false;
  }

  /** Nothing more will ever come: the file that is played has ended, or the interface has gone. */
  default boolean finished() {
    return false;
  }

  /** Once finished, one line: what it had. */
  default String summary() {
    return "";
  }

  /** Once finished, one line: what could not be observed, and why; null when all could. */
  default String problem() {
    return null;
  }

  /** Does what was not polled yet stay where it is, however long that takes, as in a file? */
  default boolean canWait() {
    return false;
  }

  /** How many CPUs the counters have. */
  int cpus();

  /** Reads the kernel's counters; allocates nothing and may be called from any thread. */
  void counters(KernelCounters into);

  /** Of KernelCounter#LOST_NESTED, how many each program did not see; any thread may ask. */
  default Map<String, Long> nested() {
    return Map.of();
  }

  /** Bytes that wait in the ring, and how many it can hold. */
  long backlogBytes();

  long capacityBytes();

  /** Leaves processes out (or, when leaveOut is false, takes them in again), effective at once. */
  void excludeProcess(int tgid, boolean leaveOut);

  /** Replaces the scope while running; own process and excluded processes stay left out. */
  void scope(Scope scope);

  /**
   * Attaches to functions of programs.
   *
   * @return null when this driver can not
   */
  default FunctionProbes functionProbes() {
    return null;
  }

  /** Detaches: nothing new is captured; what is in the ring can still be polled. */
  void stop();

  /** Detaches and unmaps; idempotent. */
  @Override
  void close();
}
