package io.kymo.schemas;

import java.util.Arrays;
import java.util.function.ToIntFunction;

/** The constants of an enum by their wire ids, which are small and never negative. */
final class WireIds<E extends Enum<E>> {
  private final E[] byId;

  WireIds(E[] constants, ToIntFunction<E> wireId) {
    int largest = Arrays.stream(constants).mapToInt(wireId).max().orElse(-1);
    byId = Arrays.copyOf(constants, largest + 1);
    Arrays.fill(byId, null);
    for (E constant : constants) {
      byId[wireId.applyAsInt(constant)] = constant;
    }
  }

  /** Returns null for an id that no constant has. */
  E of(int id) {
    return id >= 0 && id < byId.length ? byId[id] : null;
  }
}
