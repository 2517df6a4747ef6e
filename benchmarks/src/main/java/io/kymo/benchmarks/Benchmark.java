package io.kymo.benchmarks;

import io.kymo.acceptance.Stack;
import java.util.List;

/** One benchmark over the running stack. */
interface Benchmark {
  String name();

  String description();

  List<Figure> run(Stack stack);
}
