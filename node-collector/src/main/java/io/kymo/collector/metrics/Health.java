package io.kymo.collector.metrics;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** Whether the collector does its work: every part answers with its problem, or null. */
public final class Health {
  private final Map<String, Supplier<String>> parts = new LinkedHashMap<>();

  /**
   * @param problem answers one line, or null when all is well; asked from any thread
   */
  public Health with(String part, Supplier<String> problem) {
    parts.put(part, problem);
    return this;
  }

  /** Returns "part: problem" of the first part that has one, or null when up. */
  public String problem() {
    for (Map.Entry<String, Supplier<String>> part : parts.entrySet()) {
      String problem = part.getValue().get();
      if (problem != null) {
        return part.getKey() + ": " + problem;
      }
    }
    return null;
  }
}
