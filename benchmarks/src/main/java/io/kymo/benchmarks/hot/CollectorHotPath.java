package io.kymo.benchmarks.hot;

import io.kymo.collector.connection.Connection;
import io.kymo.collector.connection.ConnectionTable;
import io.kymo.collector.driver.DataEvent;
import io.kymo.collector.driver.DatagramEvent;
import io.kymo.collector.driver.Dispatcher;
import io.kymo.collector.driver.Event;
import io.kymo.collector.driver.EventHandler;
import io.kymo.collector.driver.LifeEvent;
import io.kymo.collector.driver.ProcessEvent;
import io.kymo.collector.driver.SocketEvent;
import io.kymo.collector.metrics.Counters;
import io.kymo.collector.publish.Batch;
import io.kymo.collector.publish.BatchSink;
import io.kymo.collector.publish.Batcher;
import io.kymo.collector.publish.ClockOffset;
import io.kymo.collector.publish.Origin;
import io.kymo.schemas.Transport;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Clock;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * From events in the ring's memory to encoded batches: flyweights, connection table, Avro. The
 * baseline copies the same payload once.
 */
@State(Scope.Thread)
public class CollectorHotPath implements EventHandler, BatchSink {
  /** Events of one operation. */
  public static final int EVENTS = 1_000;

  /** Captured bytes of each. */
  public static final int PAYLOAD = 300;

  private static final int CONNECTIONS = 64;
  private static final int SIZE = DataEvent.PAYLOAD_OFFSET + PAYLOAD & ~7;

  private final ByteBuffer ring =
      ByteBuffer.allocateDirect(EVENTS * SIZE).order(ByteOrder.LITTLE_ENDIAN);
  private final ByteBuffer target = ByteBuffer.allocate(EVENTS * SIZE);
  private final ConnectionTable table = new ConnectionTable(CONNECTIONS * 2);
  private final Dispatcher dispatcher = new Dispatcher();
  private final Batcher batcher =
      new Batcher(
          new Origin("node", "boot", 1, "benchmark"),
          this,
          new Counters(),
          new ClockOffset(Clock.systemUTC(), System::nanoTime),
          512 << 10,
          Long.MAX_VALUE,
          Long.MAX_VALUE);
  private long bytes;

  @Setup
  public void fill() {
    for (int i = 0; i < CONNECTIONS; i++) {
      Connection connection = table.create(i + 1, Transport.TCP.wireId(), false, 0);
      connection.facts().setLocalAddress(ByteBuffer.wrap(new byte[] {10, 0, 0, 1}));
      connection.facts().setRemoteAddress(ByteBuffer.wrap(new byte[] {10, 0, 0, 2}));
      connection.facts().setLocalPort(40_000 + i);
      connection.facts().setRemotePort(80);
    }
    for (int i = 0; i < EVENTS; i++) {
      int at = i * SIZE;
      int length = SIZE - DataEvent.PAYLOAD_OFFSET;
      ring.putInt(at + Event.SIZE_OFFSET, SIZE);
      ring.putShort(at + Event.TYPE_OFFSET, (short) DataEvent.TYPE);
      ring.putLong(at + Event.TIME_OFFSET, 1_000_000_000L + i * 1_000L);
      ring.putLong(at + Event.SOCKET_OFFSET, 1 + i % CONNECTIONS);
      ring.putLong(at + DataEvent.POSITION_OFFSET, i * 300L);
      ring.putInt(at + DataEvent.LENGTH_OFFSET, length);
      ring.putInt(at + DataEvent.CAPTURED_OFFSET, length);
      ring.put(at + DataEvent.DIRECTION_OFFSET, (byte) (i & 1));
      ring.put(at + DataEvent.TRANSPORT_OFFSET, (byte) Transport.TCP.wireId());
    }
  }

  @Benchmark
  public long measured() {
    for (int i = 0; i < EVENTS; i++) {
      dispatcher.dispatch(ring, i * SIZE, SIZE, this);
    }
    batcher.flushAll(0);
    return bytes;
  }

  @Benchmark
  public ByteBuffer baseline() {
    for (int i = 0; i < EVENTS; i++) {
      int payload = i * SIZE + DataEvent.PAYLOAD_OFFSET;
      target.put(i * PAYLOAD, ring, payload, SIZE - DataEvent.PAYLOAD_OFFSET);
    }
    return target;
  }

  @Override
  public void onData(DataEvent event) {
    batcher.segment(table.get(event.socket()), event, event.position(), 0);
  }

  @Override
  public int partitions() {
    return 4;
  }

  @Override
  public void offer(Batch batch) {
    bytes += batch.length();
  }

  @Override
  public void onMalformed() {
    throw new IllegalStateException("the events are sound");
  }

  @Override
  public void onSocket(SocketEvent event) {}

  @Override
  public void onDatagram(DatagramEvent event) {}

  @Override
  public void onLife(LifeEvent event) {}

  @Override
  public void onProcess(ProcessEvent event) {}
}
