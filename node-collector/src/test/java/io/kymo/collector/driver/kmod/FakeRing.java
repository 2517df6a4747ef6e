package io.kymo.collector.driver.kmod;

import io.kymo.collector.driver.Event;
import io.kymo.collector.driver.ProcessEvent;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Writes a ring as the module does. */
final class FakeRing {
  static final int START = 4096;
  static final int CAPACITY = 1024;
  final ByteBuffer region =
      ByteBuffer.allocateDirect(START + CAPACITY).order(ByteOrder.LITTLE_ENDIAN);
  final CpuRing ring = new CpuRing(region, START, CAPACITY);
  private static final int RECORD =
      (CpuRing.RECORD_BYTES + ProcessEvent.LENGTH + CpuRing.RECORD_BYTES - 1)
          / CpuRing.RECORD_BYTES
          * CpuRing.RECORD_BYTES;

  /** Puts the end of a process; false when there is no room. */
  boolean put(long timeNanos, int tgid) {
    long produced = region.getLong(0);
    int at = (int) (produced & (CAPACITY - 1));
    int padding = CAPACITY - at < RECORD ? CAPACITY - at : 0;
    if (produced - region.getLong(CpuRing.CONSUMED_OFFSET) + padding + RECORD > CAPACITY) {
      return false;
    }
    if (padding > 0) {
      record(at, padding, CpuRing.PADDING, timeNanos);
      produced += padding;
    }
    int record = (int) (produced & (CAPACITY - 1));
    record(record, RECORD, 0, timeNanos);
    int event = START + record + CpuRing.RECORD_BYTES;
    region.putInt(event + Event.SIZE_OFFSET, ProcessEvent.LENGTH);
    region.putShort(event + Event.TYPE_OFFSET, (short) ProcessEvent.TYPE);
    region.putInt(event + Event.TGID_OFFSET, tgid);
    region.putLong(0, produced + RECORD);
    return true;
  }

  private void record(int at, int bytes, int kind, long timeNanos) {
    region.putInt(START + at, bytes);
    region.putInt(START + at + CpuRing.KIND_OFFSET, kind);
    region.putLong(START + at + CpuRing.TIME_OFFSET, timeNanos);
  }

  /** Damages the length of the record that would be read next. */
  void damage(int bytes) {
    region.putInt(START + (int) (region.getLong(CpuRing.CONSUMED_OFFSET) & (CAPACITY - 1)), bytes);
  }
}
