package io.kymo.collector.process;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Facts by process id, bounded: the process asked for longest ago is forgotten first. Facts stay
 * after a process exits, because its last events may come later; they are replaced when the id is
 * used again. For one thread.
 */
public final class ProcessTable {
  private final ProcessReader reader;
  private final int capacity;
  private final LinkedHashMap<Integer, Entry> entries;

  public ProcessTable(ProcessReader reader, int capacity) {
    this.reader = reader;
    this.capacity = capacity;
    this.entries = new LinkedHashMap<>(16, 0.75f, true);
  }

  /**
   * Facts of a process that does something now.
   *
   * @param comm as the kernel told it with the event, used when /proc no longer knows; may be empty
   */
  public ProcessFacts running(int pid, String comm) {
    Entry entry = entries.get(pid);
    if (entry != null && !entry.exited) {
      return entry.facts;
    }
    ProcessFacts facts = reader.read(pid);
    if (facts != null && (entry == null || facts.startNs() != entry.facts.startNs())) {
      return put(pid, facts);
    }
    // late event of one that exited, or gone before anyone looked
    return entry != null ? entry.facts : put(pid, ProcessFacts.unknown(pid, comm));
  }

  /** The process runs another program now. */
  public ProcessFacts executed(int pid, String comm) {
    ProcessFacts facts = reader.read(pid);
    return put(pid, facts != null ? facts : ProcessFacts.unknown(pid, comm));
  }

  public void exited(int pid) {
    Entry entry = entries.get(pid);
    if (entry != null) {
      entry.exited = true;
    }
  }

  public int size() {
    return entries.size();
  }

  private ProcessFacts put(int pid, ProcessFacts facts) {
    entries.put(pid, new Entry(facts));
    if (entries.size() > capacity) {
      Map.Entry<Integer, Entry> eldest = entries.entrySet().iterator().next();
      entries.remove(eldest.getKey());
    }
    return facts;
  }

  private static final class Entry {
    private final ProcessFacts facts;
    private boolean exited;

    Entry(ProcessFacts facts) {
      this.facts = facts;
    }
  }
}
