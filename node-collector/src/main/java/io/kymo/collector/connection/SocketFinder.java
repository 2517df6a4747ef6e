package io.kymo.collector.connection;

import io.kymo.collector.driver.Scope;
import io.kymo.collector.process.ProcFs;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at /proc for the capturing thread, on another thread; the answer is picked up later. */
public final class SocketFinder {
  private static final Logger LOG = LoggerFactory.getLogger(SocketFinder.class);

  private final SocketScan scan;
  private final Scope scope;
  private final Executor executor;
  private final AtomicBoolean looking = new AtomicBoolean();
  private final AtomicReference<List<OpenSocket>> found = new AtomicReference<>();
  private final ConcurrentLinkedQueue<Set<Long>> abandoned = new ConcurrentLinkedQueue<>();

  private SocketFinder() {
    this.scan = null;
    this.scope = Scope.ALL;
    this.executor = task -> {};
  }

  /** For connections that are not of this host: never finds anything. */
  public static SocketFinder none() {
    return new SocketFinder();
  }

  /**
   * @param ownPid process whose sockets are not looked at
   */
  public SocketFinder(ProcFs proc, Scope scope, int ownPid, Executor executor) {
    this.scan = new SocketScan(proc, ByteOrder.nativeOrder(), ownPid);
    this.scope = scope;
    this.executor = executor;
  }

  /** Looks for open sockets unless that is being done already. */
  public void look() {
    if (scan != null && looking.compareAndSet(false, true)) {
      run(
          () -> {
            try {
              found.set(scan.open(scope));
            } finally {
              looking.set(false);
            }
          });
    }
  }

  /** True from {@link #look} until its answer was picked up. */
  boolean looking() {
    return looking.get() || found.get() != null;
  }

  /** The answer to {@link #look}, once; null when there is none yet. */
  List<OpenSocket> found() {
    return found.get() == null ? null : found.getAndSet(null);
  }

  /** Asks which of these sockets no process holds any more. */
  void check(Set<Long> inodes) {
    if (scan == null) {
      return;
    }
    run(() -> abandoned.add(scan.abandoned(inodes)));
  }

  /** An answer to {@link #check}, once; null when there is none yet. */
  Set<Long> abandoned() {
    return abandoned.poll();
  }

  private void run(Runnable task) {
    executor.execute(
        () -> {
          try {
            task.run();
          } catch (RuntimeException e) {
            LOG.warn("looking at /proc failed", e);
          }
        });
  }
}
