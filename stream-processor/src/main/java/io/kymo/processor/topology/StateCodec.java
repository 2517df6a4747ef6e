package io.kymo.processor.topology;

/**
 * Bytes of a {@link DirtyHeapStore}'s keys and values in its changelog. Both directions must be
 * exact inverses: state that survives a crash is what went through here.
 */
public interface StateCodec<K, V> {
  byte[] keyBytes(K key);

  K key(byte[] bytes);

  byte[] valueBytes(V value);

  /**
   * @throws RuntimeException when the bytes were written by a version that this one cannot read:
   *     the entry is given up
   */
  V value(byte[] bytes);
}
