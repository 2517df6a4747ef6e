package io.kymo.collector.process;

import io.kymo.collector.metrics.CollectorCounter;
import io.kymo.collector.metrics.Counters;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Facts by process id, bounded: the process asked for longest ago is forgotten first. Facts stay
 * after a process exits, because its last events may come later; they are replaced when the id is
 * used again. For one thread.
 */
public final class ProcessTable {
  private final ProcessReader reader;
  private final Counters counters;
  private final int capacity;
  private final LinkedHashMap<Integer, Entry> entries;

  public ProcessTable(ProcessReader reader, Counters counters, int capacity) {
    this.reader = reader;
    this.counters = counters;
    this.capacity = capacity;
    this.entries = new LinkedHashMap<>(16, 0.75f, true);
  }

  /**
   * Facts of a process that does something now, or did a moment ago.
   *
   * @param comm as the kernel told it with the event, used when /proc no longer knows; may be empty
   */
  public ProcessFacts running(int pid, String comm) {
    Entry entry = entries.get(pid);
    if (entry != null && !entry.exited && !entry.inherited) {
      return entry.facts;
    }
    ProcessFacts facts = reader.read(pid);
    if (facts != null && (entry == null || facts.startNs() != entry.facts.startNs())) {
      return put(pid, new Entry(facts));
    }
    return entry != null ? entry.facts : put(pid, new Entry(unread(pid, comm, null)));
  }

  /** A process was forked: what its parent is, it is until it runs another program. */
  public void forked(int pid, int parent) {
    Entry of = entries.get(parent);
    if (of == null || of.exited) {
      entries.remove(pid); // whatever it was before: the id is used again
      return;
    }
    Entry entry = new Entry(of.facts.inheritedBy(pid));
    entry.inherited = true;
    put(pid, entry);
  }

  /** The process runs another program now. */
  public ProcessFacts executed(int pid, String comm) {
    ProcessFacts facts = reader.read(pid);
    Entry before = entries.get(pid);
    return put(pid, new Entry(facts != null ? facts : unread(pid, comm, before)));
  }

  public void exited(int pid) {
    Entry entry = entries.get(pid);
    if (entry != null) {
      entry.exited = true;
      entry.inherited = false;
    }
  }

  public int size() {
    return entries.size();
  }

  /**
   * Gone before /proc was read. Its container is that of the parent, when it was forked in sight.
   */
  private ProcessFacts unread(int pid, String comm, Entry before) {
    counters.increment(CollectorCounter.PROCESSES_UNREAD);
    return before == null
        ? ProcessFacts.unknown(pid, comm)
        : new ProcessFacts(pid, 0, comm, "", before.facts.cgroup(), before.facts.containerId());
  }

  private ProcessFacts put(int pid, Entry entry) {
    entries.put(pid, entry);
    if (entries.size() > capacity) {
      Map.Entry<Integer, Entry> eldest = entries.entrySet().iterator().next();
      entries.remove(eldest.getKey());
    }
    return entry.facts;
  }

  private static final class Entry {
    private final ProcessFacts facts;
    private boolean exited;

    /** Taken over from the parent, to be read when it does something. */
    private boolean inherited;

    Entry(ProcessFacts facts) {
      this.facts = facts;
    }
  }
}
