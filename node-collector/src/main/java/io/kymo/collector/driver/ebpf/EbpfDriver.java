package io.kymo.collector.driver.ebpf;

import io.kymo.collector.driver.Driver;
import io.kymo.collector.driver.DriverException;
import io.kymo.collector.driver.DriverSettings;
import io.kymo.collector.driver.EventHandler;
import io.kymo.collector.driver.FunctionProbes;
import io.kymo.collector.driver.KernelCounter;
import io.kymo.collector.driver.KernelCounters;
import io.kymo.collector.driver.Scope;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.Map;

/**
 * Captures with the eBPF programs of bpf/: attached as tp_btf, which is cheaper, else as raw_tp;
 * which one works is found by trying.
 */
public final class EbpfDriver implements Driver {
  private static final String RESOURCE = "kymo.bpf.o";
  // bpf/include/wire.h: struct kymo_counters
  static final int COUNTERS_BYTES = 256;
  private static final KernelCounter[] COUNTERS = KernelCounter.values();

  private final DriverSettings settings;
  private final boolean typed;
  private LibBpf library;
  private BpfObject object;
  private ScopeMaps maps;
  private EventBuffer ring;
  private Mapping countersMapping;
  private ByteBuffer counters;
  private SocketSampler sampler;
  private TcpReasons reasons;
  private String flavour = "not started";
  private int cpus;

  public EbpfDriver(DriverSettings settings) {
    this(settings, true);
  }

  /**
   * @param typed false: do not try tp_btf
   */
  EbpfDriver(DriverSettings settings, boolean typed) {
    this.settings = settings;
    this.typed = typed;
  }

  @Override
  public String name() {
    return "ebpf";
  }

  @Override
  public String describe() {
    return "ebpf ("
        + flavour
        + ") on Linux "
        + System.getProperty("os.version")
        + ", "
        + cpus
        + " CPUs, ring of "
        + settings.ringBytes() / 1024
        + " KiB"
        + (object == null || object.missing().isEmpty() ? "" : ", without " + object.missing());
  }

  @Override
  public void start() {
    library = Requirements.check();
    cpus = library.libbpf_num_possible_cpus();
    byte[] file = read();
    String refusal = typed ? tryFlavour(file, "_btf") : "not wanted";
    if (refusal == null) {
      flavour = "tp_btf";
      return;
    }
    String raw = tryFlavour(file, "_raw");
    if (raw != null) {
      throw new DriverException(
          "the eBPF programs do not load on Linux "
              + System.getProperty("os.version")
              + ": "
              + raw
              + " (as tp_btf: "
              + refusal
              + ")");
    }
    flavour = "raw_tp";
  }

  /** Returns null when everything that is needed is attached and mapped, else why not. */
  private String tryFlavour(byte[] file, String suffix) {
    Map<ProgramGroup, String> without = new EnumMap<>(ProgramGroup.class);
    while (true) {
      int left = without.size();
      String reason = tryGroups(file, suffix, without);
      if (reason == null || without.size() == left) {
        return reason;
      }
    }
  }

  /**
   * @param without groups that were refused before; the one that is refused now is added
   */
  private String tryGroups(byte[] file, String suffix, Map<ProgramGroup, String> without) {
    BpfObject candidate = new BpfObject(library, file, suffix, without);
    boolean kept = false;
    try {
      candidate.size("ring", settings.ringBytes());
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
      ring = Ring.map(candidate.mapFd("ring"), settings.ringBytes());
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
  }

  @Override
  public long backlogBytes() {
    return ring.backlog();
  }

  @Override
  public long capacityBytes() {
    return settings.ringBytes();
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

  private static byte[] read() {
    try (InputStream in = EbpfDriver.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new DriverException(
            RESOURCE
                + " is not in this jar: build it with mvn package, which needs the packages clang and libbpf-dev");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new DriverException(RESOURCE + " can not be read from the jar: " + e.getMessage(), e);
    }
  }
}
