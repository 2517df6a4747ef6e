package io.kymo.stack.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * CityHash128 in version 1.0.2, which ClickHouse keeps for the checksums of compressed blocks
 * (contrib/cityhash102/src/city.cc); later versions give other hashes. Results are {low, high}.
 */
final class CityHash {
  private static final long K0 = 0xc3a5c85c97cb3127L;
  private static final long K1 = 0xb492b66fbe98f273L;
  private static final long K2 = 0x9ae16a3b2f90404fL;
  private static final long K3 = 0xc949d7c7509e6557L;
  private static final long MUL = 0x9ddfea08eb382d69L;

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private CityHash() {}

  static long[] hash128(byte[] s, int offset, int length) {
    if (length >= 16) {
      return seeded(s, offset + 16, length - 16, fetch64(s, offset) ^ K3, fetch64(s, offset + 8));
    }
    if (length >= 8) {
      return seeded(
          s, offset, 0, fetch64(s, offset) ^ (length * K0), fetch64(s, offset + length - 8) ^ K1);
    }
    return seeded(s, offset, length, K0, K1);
  }

  private static long[] seeded(byte[] s, int offset, int length, long low, long high) {
    if (length < 128) {
      return murmur(s, offset, length, low, high);
    }
    int at = offset;
    int left = length;
    long x = low;
    long y = high;
    long z = left * K1;
    long v0 = Long.rotateRight(y ^ K1, 49) * K1 + fetch64(s, at);
    long v1 = Long.rotateRight(v0, 42) * K1 + fetch64(s, at + 8);
    long w0 = Long.rotateRight(y + z, 35) * K1 + x;
    long w1 = Long.rotateRight(x + fetch64(s, at + 88), 53) * K1;
    do {
      for (int half = 0; half < 2; half++) {
        x = Long.rotateRight(x + y + v0 + fetch64(s, at + 16), 37) * K1;
        y = Long.rotateRight(y + v1 + fetch64(s, at + 48), 42) * K1;
        x ^= w1;
        y ^= v0;
        z = Long.rotateRight(z ^ w0, 33);
        long a = v1 * K1;
        long b = x + w0;
        v0 = weakLow(s, at, a);
        v1 = weakHigh(s, at, a, b);
        a = z + w1;
        w0 = weakLow(s, at + 32, a);
        w1 = weakHigh(s, at + 32, a, y);
        long swap = z;
        z = x;
        x = swap;
        at += 64;
      }
      left -= 128;
    } while (left >= 128);
    y += Long.rotateRight(w0, 37) * K0 + z;
    x += Long.rotateRight(v0 + z, 49) * K0;
    for (int done = 0; done < left; ) {
      done += 32;
      int chunk = at + left - done;
      y = Long.rotateRight(y - x, 42) * K0 + v1;
      w0 += fetch64(s, chunk + 16);
      x = Long.rotateRight(x, 49) * K0 + w0;
      w0 += v0;
      long a = v0;
      v0 = weakLow(s, chunk, a);
      v1 = weakHigh(s, chunk, a, v1);
    }
    x = hash16(x, v0);
    y = hash16(y, w0);
    return new long[] {hash16(x + v1, w1) + y, hash16(x + w1, y + v1)};
  }

  private static long[] murmur(byte[] s, int offset, int length, long low, long high) {
    long a = low;
    long b = high;
    long c;
    long d;
    if (length <= 16) {
      a = shiftMix(a * K1) * K1;
      c = b * K1 + hash0to16(s, offset, length);
      d = shiftMix(a + (length >= 8 ? fetch64(s, offset) : c));
    } else {
      c = hash16(fetch64(s, offset + length - 8) + K1, a);
      d = hash16(b + length, c + fetch64(s, offset + length - 16));
      a += d;
      int at = offset;
      for (int left = length - 16; left > 0; left -= 16) {
        a ^= shiftMix(fetch64(s, at) * K1) * K1;
        a *= K1;
        b ^= a;
        c ^= shiftMix(fetch64(s, at + 8) * K1) * K1;
        c *= K1;
        d ^= c;
        at += 16;
      }
    }
    a = hash16(a, c);
    b = hash16(d, b);
    return new long[] {a ^ b, hash16(b, a)};
  }

  private static long hash0to16(byte[] s, int offset, int length) {
    if (length > 8) {
      long a = fetch64(s, offset);
      long b = fetch64(s, offset + length - 8);
      return hash16(a, Long.rotateRight(b + length, length)) ^ b;
    }
    if (length >= 4) {
      return hash16(length + (fetch32(s, offset) << 3), fetch32(s, offset + length - 4));
    }
    if (length > 0) {
      int y = (s[offset] & 0xff) + ((s[offset + (length >> 1)] & 0xff) << 8);
      int z = length + ((s[offset + length - 1] & 0xff) << 2);
      return shiftMix(y * K2 ^ z * K3) * K2;
    }
    return K2;
  }

  /** First half of WeakHashLen32WithSeeds: all four words and the first seed. */
  private static long weakLow(byte[] s, int at, long seed) {
    return seed + fetch64(s, at) + fetch64(s, at + 8) + fetch64(s, at + 16) + fetch64(s, at + 24);
  }

  private static long weakHigh(byte[] s, int at, long seedA, long seedB) {
    long z = fetch64(s, at + 24);
    long a = seedA + fetch64(s, at);
    long b = Long.rotateRight(seedB + a + z, 21);
    long c = a;
    a += fetch64(s, at + 8) + fetch64(s, at + 16);
    b += Long.rotateRight(a, 44);
    return b + c;
  }

  private static long hash16(long u, long v) {
    long a = (u ^ v) * MUL;
    a ^= a >>> 47;
    long b = (v ^ a) * MUL;
    b ^= b >>> 47;
    return b * MUL;
  }

  private static long shiftMix(long value) {
    return value ^ (value >>> 47);
  }

  private static long fetch64(byte[] s, int at) {
    return (long) LONG.get(s, at);
  }

  private static long fetch32(byte[] s, int at) {
    return (int) INT.get(s, at) & 0xffffffffL;
  }
}
