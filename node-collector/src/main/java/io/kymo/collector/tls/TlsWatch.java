package io.kymo.collector.tls;

import io.kymo.collector.connection.ScopeOfProcesses;
import io.kymo.collector.driver.DriverException;
import io.kymo.collector.driver.FunctionProbes;
import io.kymo.collector.driver.Scope;
import io.kymo.collector.metrics.CollectorCounter;
import io.kymo.collector.metrics.Counters;
import io.kymo.collector.process.ProcFs;
import io.kymo.collector.process.ProcessReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds TLS in the programs and libraries that processes of the scope run, and has it watched: at
 * the start in what runs already, then whenever a process runs or maps another file. What nobody
 * has used for a while is let go.
 */
public final class TlsWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TlsWatch.class);
  private static final long ROUND_MS = 5_000;

  /** Short-lived programs come again: probes wait for them. */
  private static final long UNUSED_MS = 60_000;

  private final ProcFs proc;
  private final Path procPath;
  private final Scope scope;
  private final int ownPid;
  private final FunctionProbes probes;
  private final Counters counters;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread made = new Thread(task, "kymo-tls");
            made.setDaemon(true);
            return made;
          });
  private final Map<MappedFile.Key, TlsFile> files = new HashMap<>();
  private final Queue<TlsFile> leaving = new ConcurrentLinkedQueue<>();
  private final Set<MappedFile.Key> known = ConcurrentHashMap.newKeySet();
  private volatile List<String> report = List.of();
  private volatile long attached;
  private Future<?> rounds;

  /**
   * @param procPath where the host's proc file system is
   */
  public TlsWatch(
      Path procPath, Scope scope, int ownPid, FunctionProbes probes, Counters counters) {
    this.procPath = procPath;
    this.proc = new ProcFs(procPath);
    this.scope = scope;
    this.ownPid = ownPid;
    this.probes = probes;
    this.counters = counters;
  }

  /** Begins with what runs now. */
  public void start() {
    probes.tellMappings();
    rounds =
        thread.scheduleWithFixedDelay(
            guarded(() -> round(System.currentTimeMillis())), 0, ROUND_MS, TimeUnit.MILLISECONDS);
  }

  /** A process of the scope runs another program now; from any thread. */
  public void executed(int pid) {
    look(pid, null);
  }

  /**
   * A process of the scope has mapped a file to run it; from any thread.
   *
   * @param device as {@link io.kymo.collector.driver.ProcessEvent#device} tells it
   */
  public void mapped(int pid, int device, long inode) {
    MappedFile.Key told = new MappedFile.Key(device, inode);
    if (!known.contains(told)) {
      look(pid, told);
    }
  }

  /** What is watched, and what can not be, one line for each file; from any thread. */
  public List<String> report() {
    return report;
  }

  /** Files whose functions are watched now. */
  public long attached() {
    return attached;
  }

  private void look(int pid, MappedFile.Key told) {
    if (pid == ownPid) {
      return;
    }
    execute(() -> lookAt(pid, System.currentTimeMillis(), told));
  }

  private void execute(Runnable task) {
    try {
      thread.execute(guarded(task));
    } catch (RejectedExecutionException e) {
      LOG.trace("closed", e);
    }
  }

  private Runnable guarded(Runnable task) {
    return () -> {
      try {
        task.run();
      } catch (RuntimeException e) {
        LOG.warn("looking for TLS failed", e);
      }
    };
  }

  /** Looks at every process of the scope, and lets go of what none has used for a while. */
  void round(long now) {
    ScopeOfProcesses processes = new ScopeOfProcesses(proc, new ProcessReader(proc), scope);
    for (int pid : proc.pids()) {
      long namespace = pid == ownPid ? 0 : proc.networkNamespace(pid);
      if (namespace != 0 && processes.admits(pid, namespace)) {
        lookAt(pid, now, null);
      }
    }
    files
        .entrySet()
        .removeIf(
            entry -> {
              boolean unused = now - entry.getValue().usedMs() > UNUSED_MS;
              if (unused) {
                letGo(entry.getValue());
                known.removeAll(entry.getValue().names());
              }
              return unused;
            });
    publish();
  }

  /** Step by step, so that a process that comes meanwhile does not wait for long. */
  private void letGo(TlsFile file) {
    if (!file.attached()) {
      return;
    }
    LOG.info("no longer watches TLS: {}", file.describe());
    boolean busy = !leaving.isEmpty();
    leaving.add(file);
    if (!busy) {
      execute(this::release);
    }
  }

  private void release() {
    TlsFile file = leaving.peek();
    if (file != null && !file.release()) {
      leaving.remove();
    }
    if (!leaving.isEmpty()) {
      execute(this::release);
    }
  }

  /**
   * Looks at the files that a process has mapped to run them.
   *
   * @param told what the kernel has told of one of them; null when it has not. Of an overlay's file
   *     it tells the overlay's device, where /proc on older kernels has that of the file below
   */
  private void lookAt(int pid, long now, MappedFile.Key told) {
    String maps = proc.read(pid + "/maps");
    if (maps == null) {
      return; // gone
    }
    boolean changed = false;
    List<MappedFile> all = MappedFile.parse(maps);
    boolean overlaid = told != null && all.stream().noneMatch(f -> f.key().equals(told));
    for (MappedFile mapped : all) {
      TlsFile file = files.get(mapped.key());
      if (file == null) {
        file = examine(pid, mapped);
        changed |= file != null && file.notable();
      }
      if (file != null) {
        file.used(now);
        if (overlaid && mapped.inode() == told.inode()) {
          file.alsoKnownAs(told);
          known.add(told);
        }
      }
    }
    if (changed) {
      publish();
    }
  }

  /**
   * Returns null when the process was gone meanwhile: the file is looked at when it comes again.
   */
  private TlsFile examine(int pid, MappedFile mapped) {
    Path path = procPath.resolve(pid + "/map_files/" + mapped.range());
    TlsFile file;
    TlsCode code = null;
    try {
      code = TlsCode.in(path);
      file = new TlsFile(mapped, code);
      if (code != null && code.problem() != null) {
        counters.increment(CollectorCounter.TLS_FILES_UNKNOWN);
        LOG.warn(
            "TLS of {} is not watched: {} {}: {}",
            mapped.path(),
            code.library(),
            code.version(),
            code.problem());
      } else if (code != null) {
        file.attach(path, probes);
        counters.increment(CollectorCounter.TLS_FILES_ATTACHED);
        LOG.info("watches TLS: {}", file.describe());
      }
    } catch (DriverException e) {
      if (proc.read(pid + "/maps") == null) {
        return null;
      }
      counters.increment(CollectorCounter.TLS_FILES_REFUSED);
      LOG.warn("TLS of {} can not be watched: {}", mapped.path(), e.getMessage());
      file = new TlsFile(mapped, code);
    } catch (IOException e) {
      if (proc.read(pid + "/maps") == null) {
        return null;
      }
      LOG.debug("{} is not looked into: {}", mapped.path(), e.getMessage());
      file = new TlsFile(mapped, null);
    }
    files.put(mapped.key(), file);
    known.add(mapped.key());
    return file;
  }

  private void publish() {
    List<String> lines = new ArrayList<>();
    for (TlsFile file : files.values()) {
      if (file.notable()) {
        lines.add(file.describe());
      }
    }
    lines.sort(null);
    report = List.copyOf(lines);
    attached = files.values().stream().filter(TlsFile::attached).count();
  }

  /** Lets go of everything. */
  @Override
  public void close() {
    if (thread.isShutdown()) {
      return;
    }
    if (rounds != null) {
      rounds.cancel(false);
    }
    try {
      thread.execute(
          () -> {
            leaving.forEach(TlsFile::close);
            files.values().forEach(TlsFile::close);
          });
      thread.shutdown();
      if (!thread.awaitTermination(5, TimeUnit.SECONDS)) {
        thread.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
