package io.kymo.collector.driver.ebpf;

import io.kymo.collector.driver.EventHandler;

/** Memory through which the kernel hands events over. One thread polls. */
interface EventBuffer {
  /** Hands up to limit events over; allocates nothing. Returns how many. */
  int poll(EventHandler handler, int limit);

  /** The kernel writes nothing more: events need not wait for earlier ones. Any thread. */
  default void settle() {}

  /** Bytes that wait; may be asked from any thread. */
  long backlog();

  /** Bytes that it can hold. */
  long capacity();

  /** No other method may be called afterwards. */
  void unmap();
}
