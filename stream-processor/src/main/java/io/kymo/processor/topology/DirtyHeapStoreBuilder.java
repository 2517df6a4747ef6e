package io.kymo.processor.topology;

import java.util.Map;
import org.apache.kafka.streams.state.StoreBuilder;

/**
 * Makes a {@link DirtyHeapStore} for each task. Always logged, never cached: it is both by its
 * nature.
 */
public final class DirtyHeapStoreBuilder<K, V> implements StoreBuilder<DirtyHeapStore<K, V>> {
  private final String name;
  private Map<String, String> logConfig;

  /**
   * @param logConfig settings of the changelog topic
   */
  public DirtyHeapStoreBuilder(String name, Map<String, String> logConfig) {
    this.name = name;
    this.logConfig = Map.copyOf(logConfig);
  }

  @Override
  public DirtyHeapStore<K, V> build() {
    return new DirtyHeapStore<>(name, logConfig);
  }

  @Override
  public StoreBuilder<DirtyHeapStore<K, V>> withLoggingEnabled(Map<String, String> config) {
    logConfig = Map.copyOf(config);
    return this;
  }

  @Override
  public StoreBuilder<DirtyHeapStore<K, V>> withLoggingDisabled() {
    return this;
  }

  @Override
  public StoreBuilder<DirtyHeapStore<K, V>> withCachingEnabled() {
    return this;
  }

  @Override
  public StoreBuilder<DirtyHeapStore<K, V>> withCachingDisabled() {
    return this;
  }

  @Override
  public Map<String, String> logConfig() {
    return logConfig;
  }

  @Override
  public boolean loggingEnabled() {
    return true;
  }

  @Override
  public String name() {
    return name;
  }
}
