package io.kymo.processor.pairing;

/** Receives exchanges as they complete. */
@FunctionalInterface
public interface ExchangeListener {
  /**
   * @param exchange a flyweight: valid until this method returns, its messages too
   */
  void exchange(CompletedExchange exchange);
}
