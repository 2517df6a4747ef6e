package io.kymo.collector.driver.ebpf;

import io.kymo.collector.driver.Driver;
import io.kymo.collector.driver.DriverException;
import io.kymo.collector.driver.DriverSettings;
import io.kymo.collector.driver.EventHandler;
import io.kymo.collector.driver.FunctionProbes;
import io.kymo.collector.driver.KernelCounter;
import io.kymo.collector.driver.KernelCounters;
import io.kymo.collector.driver.Scope;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

/**
 * Captures with the eBPF programs of bpf/: attached as tp_btf, which is cheaper, else as raw_tp;
 * which one works is found by trying.
 */
public final class EbpfDriver implements Driver {
  // bpf/include/wire.h: struct kymo_counters
  static final int COUNTERS_BYTES = 256;
  // bpf/transport.h
  private static final int BOX_LEVELS = 2;
  // bpf/tls_tell.h
  private static final int TLS_BOXES = 4;
  private static final KernelCounter[] COUNTERS = KernelCounter.values();

  private final DriverSettings settings;
  private final Flavour only;
  private final EbpfOptions options;
  private boolean perf;
  private SocketCensus census;
  private LibBpf library;
  private BpfObject object;
  private ScopeMaps maps;
  private EventBuffer ring;
  private Mapping countersMapping;
  private ByteBuffer counters;
  private SocketSampler sampler;
  private TcpReasons reasons;
  private Flavour flavour;
  private int cpus;

  public EbpfDriver(DriverSettings settings) {
    this(settings, EbpfOptions.DEFAULT);
  }

  public EbpfDriver(DriverSettings settings, EbpfOptions options) {
    this(settings, options, null);
  }

  /**
   * @param only how the programs are loaded; null: as this kernel takes them
   */
  EbpfDriver(DriverSettings settings, EbpfOptions options, Flavour only) {
    this.settings = settings;
    this.options = options;
    this.only = only;
  }

  @Override
  public String name() {
    return "ebpf";
  }

  @Override
  public String describe() {
    return "ebpf ("
        + (flavour == null ? "not started" : flavour.word())
        + ") on Linux "
        + System.getProperty("os.version")
        + ", "
        + cpus
        + " CPUs, "
        + (perf ? "perf buffers of " : "ring of ")
        + capacityBytes() / 1024
        + " KiB"
        + (options.btf() == null ? "" : ", types of " + options.btf())
        + (object == null || object.missing().isEmpty() ? "" : ", without " + object.missing());
  }

  @Override
  public void start() {
    library = Requirements.check(options);
    perf = Requirements.perf(library, options.transport());
    cpus = library.libbpf_num_possible_cpus();
    StringJoiner refusals = new StringJoiner("; ");
    List<Flavour> candidates = only == null ? Flavour.of(library, options.btf()) : List.of(only);
    for (Flavour candidate : candidates) {
      String refusal = tryFlavour(candidate);
      if (refusal == null) {
        flavour = candidate;
        return;
      }
      refusals.add(candidate.word() + ": " + refusal);
    }
    throw new DriverException(
        "the eBPF programs do not load on Linux "
            + System.getProperty("os.version")
            + " as "
            + refusals);
  }

  /** Returns null when everything that is needed is attached and mapped, else why not. */
  private String tryFlavour(Flavour candidate) {
    byte[] file = candidate.file();
    Map<ProgramGroup, String> without = new EnumMap<>(ProgramGroup.class);
    String faulty = perf ? PerfFromFunctions.refusal() : null;
    if (faulty == null) {
      faulty = candidate.refusesFunctions(library);
    }
    if (faulty != null) {
      without.put(ProgramGroup.TLS, faulty);
    }
    while (true) {
      int left = without.size();
      String reason = tryGroups(file, candidate, without);
      if (reason == null || without.size() == left) {
        return reason;
      }
    }
  }

  /**
   * @param without groups that were refused before; the one that is refused now is added
   */
  private String tryGroups(byte[] file, Flavour wanted, Map<ProgramGroup, String> without) {
    BpfObject candidate = new BpfObject(library, file, wanted.without(), without, options.btf());
    boolean kept = false;
    try {
      transport(candidate);
      candidate.size("sockets", settings.maxSockets());
      candidate.size("counters", cpus);
      candidate.size("works", cpus);
      String reason = candidate.load();
      if (reason == null) {
        reason = candidate.attach();
      } else if (candidate.refused() != null) {
        without.put(candidate.refused(), reason);
      }
      if (reason != null) {
        return reason;
      }
      object = candidate;
      kept = true;
      int page = LibC.INSTANCE.getpagesize();
      long bytes = ((long) cpus * COUNTERS_BYTES + page - 1) / page * page;
      countersMapping = Mapping.of(candidate.mapFd("counters"), bytes, 0, false);
      counters = countersMapping.buffer();
      ring =
          perf
              ? PerfBuffers.map(library, candidate.mapFd("perf"), cpus, settings.ringBytes())
              : Ring.map(candidate.mapFd("ring"), settings.ringBytes());
      census = new SocketCensus(library, candidate, settings.maxSockets());
      sampler = new SocketSampler(library, candidate);
      reasons = new TcpReasons(library);
      maps = new ScopeMaps(library, candidate, settings);
      maps.apply(settings.scope());
      return null;
    } catch (DriverException e) {
      close();
      throw e;
    } finally {
      if (!kept) {
        candidate.close();
      }
    }
  }

  /** Maps of the transport that is not used are not made: the kernel may not know their type. */
  private void transport(BpfObject candidate) {
    candidate.constant(".rodata.transport", perf);
    if (perf) {
      candidate.leaveOut("ring");
      candidate.size("boxes", cpus * BOX_LEVELS);
      candidate.size("levels", cpus);
      candidate.size("tls_boxes", cpus * TLS_BOXES);
    } else {
      candidate.size("ring", settings.ringBytes());
      candidate.leaveOut("perf");
      candidate.leaveOut("boxes");
      candidate.leaveOut("levels");
      candidate.leaveOut("tls_boxes");
    }
  }

  @Override
  public int poll(EventHandler handler, int limit) {
    return ring.poll(handler, limit);
  }

  @Override
  public void sampleTcp() {
    sampler.sample();
  }

  @Override
  public String reason(int kind, int code) {
    return reasons.name(kind, code);
  }

  @Override
  public int cpus() {
    return cpus;
  }

  @Override
  public void counters(KernelCounters into) {
    for (int cpu = 0; cpu < cpus; cpu++) {
      for (int i = 0; i < COUNTERS.length; i++) {
        into.set(cpu, COUNTERS[i], counters.getLong(cpu * COUNTERS_BYTES + i * Long.BYTES));
      }
    }
    long kept = into.total(KernelCounter.SOCKETS_KEPT);
    long forgotten = into.total(KernelCounter.SOCKETS_FORGOTTEN);
    into.set(0, KernelCounter.LOST_SOCKETS, census.evicted(kept, forgotten, System.nanoTime()));
    into.set(0, KernelCounter.LOST_NESTED, object.misses());
  }

  @Override
  public Map<String, Long> nested() {
    return object.missesByProgram();
  }

  @Override
  public long backlogBytes() {
    return ring.backlog();
  }

  @Override
  public long capacityBytes() {
    return ring == null ? settings.ringBytes() : ring.capacity();
  }

  @Override
  public void excludeProcess(int tgid, boolean leaveOut) {
    maps.exclude(tgid, leaveOut);
  }

  @Override
  public void scope(Scope scope) {
    maps.apply(scope);
  }

  @Override
  public FunctionProbes functionProbes() {
    return object.program("tls_read") == null ? null : new Uprobes(library, object);
  }

  @Override
  public void stop() {
    if (object != null) {
      if (maps != null) {
        maps.pause();
      }
      object.detach();
    }
    if (ring != null) {
      ring.settle();
    }
  }

  @Override
  public void close() {
    if (ring != null) {
      ring.unmap();
      ring = null;
    }
    if (countersMapping != null) {
      countersMapping.unmap();
      countersMapping = null;
      counters = null;
    }
    if (sampler != null) {
      sampler.close();
      sampler = null;
    }
    if (object != null) {
      object.close();
      object = null;
    }
  }
}
