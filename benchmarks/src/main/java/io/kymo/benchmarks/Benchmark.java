package io.kymo.benchmarks;

import io.kymo.acceptance.Stack;
import java.util.List;

/** One benchmark. */
interface Benchmark {
  String name();

  String description();

  /** Is it measured over the running stack? */
  default boolean needsStack() {
    return true;
  }

  /**
   * @param stack null when none is needed
   */
  List<Figure> run(Stack stack);
}
