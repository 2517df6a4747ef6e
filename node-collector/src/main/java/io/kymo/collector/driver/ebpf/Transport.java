package io.kymo.collector.driver.ebpf;

/** How events come out of the kernel. */
public enum Transport {
  /** The ring buffer if the kernel has it (from 5.8 on), else perf buffers. */
  AUTO,

  /** One ring for all CPUs: events come in the order in which they happened. */
  RINGBUF,

  /** One buffer a CPU, put in order by time. */
  PERFBUF
}
