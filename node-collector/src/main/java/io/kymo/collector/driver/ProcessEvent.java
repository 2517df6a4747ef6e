package io.kymo.collector.driver;

/**
 * Flyweight over a process's fork, exec or exit (struct kymo_process); {@link #tgid} is the
 * process, at a fork the child.
 *
 * <pre>
 *  32 u64 cgroup | 40 u64 start_ns | 48 u32 parent | 52 u32 netns | 56 s32 exit_code or u32 device | 60 u8 kind | 64 comm[16]
 * </pre>
 */
public final class ProcessEvent extends Event {
  public static final int TYPE = 5;
  public static final int CGROUP_OFFSET = 32;
  public static final int START_OFFSET = 40;
  public static final int PARENT_OFFSET = 48;
  public static final int NETNS_OFFSET = 52;
  public static final int EXIT_CODE_OFFSET = 56;
  public static final int DEVICE_OFFSET = 56;
  public static final int KIND_OFFSET = 60;
  public static final int COMM_OFFSET = 64;
  public static final int COMM_LENGTH = 16;
  public static final int LENGTH = 80;

  /** Values of {@link #kind}. */
  public static final int FORK = 1;

  public static final int EXEC = 2;

  /** The last thread has gone; events of its sockets may still follow. */
  public static final int EXIT = 3;

  /** It mapped a file to run what is in it; {@link #socket} is the file's inode. */
  public static final int MAP = 4;

  @Override
  boolean sound(int available) {
    return holds(LENGTH, available);
  }

  /** Inode of its cgroup v2 directory. */
  public long cgroup() {
    return buffer.getLong(offset + CGROUP_OFFSET);
  }

  /**
   * When it was forked, in ns since boot (CLOCK_BOOTTIME, the clock of field 22 of /proc/pid/stat).
   */
  public long startNanos() {
    return buffer.getLong(offset + START_OFFSET);
  }

  /** Process id of its parent. */
  public int parent() {
    return buffer.getInt(offset + PARENT_OFFSET);
  }

  /** Inode of its network namespace, unsigned. */
  public long netns() {
    return buffer.getInt(offset + NETNS_OFFSET) & 0xFFFFFFFFL;
  }

  /** EXIT: as wait(2) would report it. */
  public int exitCode() {
    return buffer.getInt(offset + EXIT_CODE_OFFSET);
  }

  /** MAP: of the file, the major number above 20 bits of the minor one. */
  public int device() {
    return buffer.getInt(offset + DEVICE_OFFSET);
  }

  /** {@link #FORK}, {@link #EXEC}, {@link #EXIT} or {@link #MAP}. */
  public int kind() {
    return buffer.get(offset + KIND_OFFSET);
  }

  /** The process's name. Allocates. */
  public String comm() {
    return text(COMM_OFFSET, COMM_LENGTH);
  }
}
