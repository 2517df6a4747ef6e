package io.kymo.collector.driver;

/**
 * What the kernel side counts, on each CPU, since the driver started. Ordinals are the indexes of
 * enum kymo_counter in bpf/include/wire.h (append-only). What was seen is what arrives plus what is
 * lost:
 *
 * <pre>
 *   SEEN_SEGMENTS = events received by onData and onDatagram + LOST_RING_SEGMENTS
 *   SEEN_BYTES    = their lengths, received                  + LOST_RING_BYTES
 * </pre>
 */
public enum KernelCounter {
  EVENTS("kernel_events", "events", "Events of any type that the kernel put into the ring."),
  SEEN_SEGMENTS(
      "kernel_seen_segments",
      "segments",
      "Segments and datagrams seen in scope, whether or not the ring had room."),
  SEEN_BYTES(
      "kernel_seen_bytes", "bytes", "True length of the segments and datagrams seen in scope."),
  PAYLOAD_BYTES("kernel_payload_bytes", "bytes", "Payload that the kernel put into the ring."),
  LOST_RING_EVENTS(
      "kernel_lost_ring_events", "events", "Events of any type lost because the ring was full."),
  LOST_RING_SEGMENTS(
      "kernel_lost_ring_segments",
      "segments",
      "Segments and datagrams lost because the ring was full."),
  LOST_RING_BYTES(
      "kernel_lost_ring_bytes",
      "bytes",
      "True length of the segments and datagrams lost because the ring was full."),
  LOST_SOCKET_MAP(
      "kernel_lost_socket_map", "calls", "Calls whose socket found no place in the kernel's map."),
  LOST_PID_MAP(
      "kernel_lost_pid_map",
      "processes",
      "Children of filtered processes that found no place in the kernel's map."),
  FAULT_BYTES("kernel_fault_bytes", "bytes", "Payload that could not be read from user memory."),
  IOVEC_BYTES(
      "kernel_iovec_bytes",
      "bytes",
      "Payload beyond the number of buffers that are looked at in one call."),
  BUDGET_BYTES("kernel_budget_bytes", "bytes", "Bytes beyond the payload budget of a burst."),
  UNREADABLE_CALLS(
      "kernel_unreadable_calls",
      "calls",
      "Calls lost because their message headers could not be read."),
  COMPAT_CALLS(
      "kernel_compat_calls",
      "calls",
      "System calls of 32-bit programs in scope, which are not captured."),
  EXIT_FDS(
      "kernel_exit_fds",
      "processes",
      "Processes that ended with more open files than are looked at."),
  SIZE_ONLY_BYTES(
      "kernel_size_only_bytes",
      "bytes",
      "Bytes of sendfile and splice, which have no payload in user memory."),
  TLS_UNTIED_BYTES(
      "kernel_tls_untied_bytes",
      "bytes",
      "Plaintext of TLS whose socket is not known: it is not told."),
  SOCKETS_KEPT("kernel_sockets_kept", "sockets", "Sockets of which the kernel side kept state."),
  SOCKETS_FORGOTTEN(
      "kernel_sockets_forgotten", "sockets", "Of these, forgotten because they ended."),
  LOST_SOCKETS(
      "kernel_lost_sockets",
      "sockets",
      "Of these, forgotten for want of room, at least so many: when they speak again, they count as"
          + " open before."),
  LOST_NESTED(
      "kernel_lost_nested",
      "calls",
      "Calls, packets and processes of any scope that a program did not see, because it was"
          + " interrupted by itself on that CPU.");

  private final String id;
  private final String unit;
  private final String meaning;

  KernelCounter(String id, String unit, String meaning) {
    this.id = id;
    this.unit = unit;
    this.meaning = meaning;
  }

  public String id() {
    return id;
  }

  public String unit() {
    return unit;
  }

  public String meaning() {
    return meaning;
  }
}
