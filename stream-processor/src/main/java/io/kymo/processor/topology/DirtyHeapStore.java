package io.kymo.processor.topology;

import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.internals.CacheFlushListener;
import org.apache.kafka.streams.state.internals.CachedStateStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Live objects on the heap, written to the changelog once a commit, and only those that changed: a
 * connection that carried a thousand segments between two commits is serialised once.
 *
 * <p>The write must be part of the commit's Kafka transaction. In Kafka Streams 4.3.1 {@code
 * StateStore.flush()} is never called and {@code commit(Map)} runs when the transaction is already
 * closed, so the one call inside it is {@link CachedStateStore#flushCache()}
 * (ProcessorStateManager.flushCache, from StreamTask.prepareCommit). DirtyHeapStoreCrashTest shows
 * on a real broker that the hook is the right one; TopologyTestDriver commits after each record and
 * could not.
 *
 * <p>Writing goes through a stock logged store of the same name, whose bytes are kept nowhere
 * ({@link ForgetfulBytesStore}); restoring fills the maps here. Not persistent: after a crash the
 * whole changelog is read again. One task's thread only.
 *
 * @param <K> with equals and hashCode
 * @param <V> mutable; after a change call {@link #touch}
 */
public final class DirtyHeapStore<K, V> implements StateStore, CachedStateStore<K, V> {
  private static final Logger LOG = LoggerFactory.getLogger(DirtyHeapStore.class);

  private final String name;
  private final KeyValueStore<Bytes, byte[]> log;
  private final Map<K, V> live = new HashMap<>();
  private final Set<K> dirty = new HashSet<>();
  // As read from the changelog, where a key can stand many times; decoded once, by open().
  private final Map<Bytes, byte[]> restored = new HashMap<>();
  private StateCodec<K, V> codec;
  private boolean open;
  private long writtenBytes;

  DirtyHeapStore(String name, Map<String, String> logConfig) {
    this.name = name;
    this.log =
        Stores.keyValueStoreBuilder(
                ForgetfulBytesStore.supplier(name, this::restore),
                Serdes.Bytes(),
                Serdes.ByteArray())
            .withLoggingEnabled(logConfig)
            .withCachingDisabled()
            .build();
  }

  /**
   * To be called by the processor's init, when all is restored and before anything else: decodes
   * what was restored. The codec is given here, because values can hang together with objects that
   * belong to the task.
   *
   * @return how many entries could not be read (another version wrote them); they are forgotten,
   *     also in the changelog
   */
  public int open(StateCodec<K, V> codec) {
    this.codec = codec;
    int unreadable = 0;
    for (Map.Entry<Bytes, byte[]> entry : restored.entrySet()) {
      K key = codec.key(entry.getKey().get());
      try {
        live.put(key, codec.value(entry.getValue()));
      } catch (RuntimeException e) {
        unreadable++;
        dirty.add(key);
        LOG.debug("{}: an entry cannot be read", name, e);
      }
    }
    restored.clear();
    return unreadable;
  }

  /** Returns null when there is none. */
  public V get(K key) {
    return live.get(key);
  }

  public void put(K key, V value) {
    live.put(key, value);
    dirty.add(key);
  }

  /** The value of this key changed: it is written with the next commit. */
  public void touch(K key) {
    dirty.add(key);
  }

  public void remove(K key) {
    if (live.remove(key) != null) {
      dirty.add(key);
    }
  }

  /** All that is live, not to be modified through this view. */
  public Map<K, V> entries() {
    return Collections.unmodifiableMap(live);
  }

  /** Bytes of values written to the changelog since the store was made. */
  public long writtenBytes() {
    return writtenBytes;
  }

  private void restore(byte[] key, byte[] value) {
    if (value == null) {
      restored.remove(Bytes.wrap(key));
    } else {
      restored.put(Bytes.wrap(key), value);
    }
  }

  /** Called inside the commit's transaction. A key without a value is a tombstone. */
  @Override
  public void flushCache() {
    for (K key : dirty) {
      V value = live.get(key);
      byte[] bytes = value == null ? null : codec.valueBytes(value);
      writtenBytes += bytes == null ? 0 : bytes.length;
      log.put(Bytes.wrap(codec.keyBytes(key)), bytes);
    }
    dirty.clear();
  }

  /** Called when a task's state is thrown away. */
  @Override
  public void clearCache() {
    clear();
  }

  private void clear() {
    live.clear();
    dirty.clear();
    restored.clear();
  }

  @Override
  public boolean setFlushListener(CacheFlushListener<K, V> listener, boolean sendOldValues) {
    return false;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void init(StateStoreContext context, StateStore root) {
    clear();
    log.init(context, root);
    open = true;
  }

  @Override
  public void close() {
    open = false;
    clear();
    log.close();
  }

  @Override
  public boolean persistent() {
    return false;
  }

  @Override
  public boolean isOpen() {
    return open;
  }
}
