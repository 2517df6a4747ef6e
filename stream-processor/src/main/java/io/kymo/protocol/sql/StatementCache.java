package io.kymo.protocol.sql;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Raw text to statement: two places a hash, the later of the two goes out first. Entries are
 * immutable and published by one volatile write, so that readers need no lock; two threads that
 * miss at once do the work twice, nothing worse. Equality is by bytes, never by hash alone.
 */
final class StatementCache {
  /** Longer texts (bulk inserts) hardly ever come twice; 2 × 1,024 × 2 KiB bounds the heap. */
  static final int MAX_BYTES = 2 * 1024;

  private static final class Entry {
    final int hash;
    final int kind;
    final byte[] raw;
    final SqlStatement statement;

    Entry(int hash, int kind, byte[] raw, SqlStatement statement) {
      this.hash = hash;
      this.kind = kind;
      this.raw = raw;
      this.statement = statement;
    }
  }

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final AtomicReferenceArray<Entry> entries;
  private final int mask;

  /** Of at most twice {@code sets} texts; {@code sets} is a power of two. */
  StatementCache(int sets) {
    entries = new AtomicReferenceArray<>(2 * sets);
    mask = sets - 1;
  }

  /** Eight bytes at a time: a text of 100 bytes takes about 10 ns. */
  static int hash(byte[] b, int from, int to, int seed) {
    long h = seed * 0x9E3779B97F4A7C15L + (to - from);
    int i = from;
    for (; i + 8 <= to; i += 8) {
      h = (h ^ (long) LONGS.get(b, i)) * 0xFF51AFD7ED558CCDL;
      h ^= h >>> 32;
    }
    for (; i < to; i++) {
      h = (h ^ (b[i] & 0xff)) * 0xC4CEB9FE1A85EC53L;
    }
    h ^= h >>> 29;
    return (int) (h ^ h >>> 32);
  }

  SqlStatement get(int hash, int kind, byte[] b, int from, int to) {
    int set = (hash & mask) << 1;
    Entry e = entries.getAcquire(set);
    if (is(e, hash, kind, b, from, to)) {
      return e.statement;
    }
    e = entries.getAcquire(set + 1);
    if (!is(e, hash, kind, b, from, to)) {
      return null;
    }
    entries.setRelease(set + 1, entries.getAcquire(set));
    entries.setRelease(set, e);
    return e.statement;
  }

  void put(int hash, int kind, byte[] b, int from, int to, SqlStatement statement) {
    if (to - from > MAX_BYTES) {
      return;
    }
    int set = (hash & mask) << 1;
    entries.setRelease(set + 1, entries.getAcquire(set));
    entries.setRelease(set, new Entry(hash, kind, Arrays.copyOfRange(b, from, to), statement));
  }

  private static boolean is(Entry e, int hash, int kind, byte[] b, int from, int to) {
    return e != null
        && e.hash == hash
        && e.kind == kind
        && Arrays.equals(e.raw, 0, e.raw.length, b, from, to);
  }
}
