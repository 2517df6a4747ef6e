package io.kymo.processor.topology;

import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.StateRestoreCallback;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.query.Position;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * The innermost layer of a logged store that keeps nothing: what is put reaches the changelog only,
 * and comes back by restoring.
 */
final class ForgetfulBytesStore implements KeyValueStore<Bytes, byte[]> {
  private final String name;
  private final StateRestoreCallback restore;
  private final Position position = Position.emptyPosition();
  private boolean open;

  private ForgetfulBytesStore(String name, StateRestoreCallback restore) {
    this.name = name;
    this.restore = restore;
  }

  static KeyValueBytesStoreSupplier supplier(String name, StateRestoreCallback restore) {
    return new KeyValueBytesStoreSupplier() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public KeyValueStore<Bytes, byte[]> get() {
        return new ForgetfulBytesStore(name, restore);
      }

      @Override
      public String metricsScope() {
        return "heap";
      }
    };
  }

  @Override
  public void init(StateStoreContext context, StateStore root) {
    context.register(root, restore);
    open = true;
  }

  @Override
  public void put(Bytes key, byte[] value) {
    // the layer above logs it
  }

  @Override
  public byte[] putIfAbsent(Bytes key, byte[] value) {
    return null;
  }

  @Override
  public void putAll(List<KeyValue<Bytes, byte[]>> entries) {
    // the layer above logs them
  }

  @Override
  public byte[] delete(Bytes key) {
    return null;
  }

  @Override
  public byte[] get(Bytes key) {
    return null;
  }

  @Override
  public KeyValueIterator<Bytes, byte[]> range(Bytes from, Bytes to) {
    return new Nothing();
  }

  @Override
  public KeyValueIterator<Bytes, byte[]> all() {
    return new Nothing();
  }

  @Override
  public long approximateNumEntries() {
    return 0;
  }

  /** Asked for by the layer that logs, of whatever it wraps. */
  @Override
  public Position getPosition() {
    return position;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void close() {
    open = false;
  }

  @Override
  public boolean persistent() {
    return false;
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  private static final class Nothing implements KeyValueIterator<Bytes, byte[]> {
    private final Iterator<KeyValue<Bytes, byte[]>> nothing = Collections.emptyIterator();

    @Override
    public boolean hasNext() {
      return nothing.hasNext();
    }

    @Override
    public KeyValue<Bytes, byte[]> next() {
      return nothing.next();
    }

    @Override
    public Bytes peekNextKey() {
      throw new NoSuchElementException();
    }

    @Override
    public void close() {
      // holds nothing
    }
  }
}
