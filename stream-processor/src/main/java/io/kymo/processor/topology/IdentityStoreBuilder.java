package io.kymo.processor.topology;

import java.util.Map;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.state.StoreBuilder;

/**
 * A store that keeps nothing and calls itself persistent. Kafka Streams gives a process the same id
 * over restarts only when one of its stores is persistent (StateDirectory.initializeProcessId), and
 * the id is part of the transactional id: with it, a process that was killed fences its own
 * unfinished transaction the moment it comes back; without it, everybody who reads committed
 * records waits until the broker's transaction timeout ends it.
 */
final class IdentityStoreBuilder implements StoreBuilder<StateStore> {
  private static final String NAME = "identity";

  @Override
  public StateStore build() {
    return new Identity();
  }

  @Override
  public StoreBuilder<StateStore> withCachingEnabled() {
    return this;
  }

  @Override
  public StoreBuilder<StateStore> withCachingDisabled() {
    return this;
  }

  @Override
  public StoreBuilder<StateStore> withLoggingEnabled(Map<String, String> config) {
    return this;
  }

  @Override
  public StoreBuilder<StateStore> withLoggingDisabled() {
    return this;
  }

  @Override
  public Map<String, String> logConfig() {
    return Map.of();
  }

  @Override
  public boolean loggingEnabled() {
    return false;
  }

  @Override
  public String name() {
    return NAME;
  }

  private static final class Identity implements StateStore {
    private boolean open;

    @Override
    public String name() {
      return NAME;
    }

    @Override
    public void init(StateStoreContext context, StateStore root) {
      context.register(root, (key, value) -> {});
      open = true;
    }

    @Override
    public void close() {
      open = false;
    }

    @Override
    public boolean persistent() {
      return true;
    }

    @Override
    public boolean isOpen() {
      return open;
    }
  }
}
