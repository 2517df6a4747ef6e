package io.kymo.collector.publish;

import io.confluent.kafka.schemaregistry.client.MockSchemaRegistryClient;
import io.kymo.schemas.SegmentBatch;
import io.kymo.schemas.Topics;
import io.kymo.schemas.wire.AvroReader;
import io.kymo.schemas.wire.SchemaIds;
import java.util.ArrayList;
import java.util.List;

/** A sink that keeps batches, and reads them as the stream-processor does. */
public final class Batches implements BatchSink {
  private final MockSchemaRegistryClient registry = new MockSchemaRegistryClient();
  private final List<Batch> batches = new ArrayList<>();
  private int partitions;

  public Batches(int partitions) {
    this.partitions = partitions;
  }

  public void partitions(int number) {
    partitions = number;
  }

  @Override
  public int partitions() {
    return partitions;
  }

  @Override
  public void offer(Batch batch) {
    batches.add(
        new Batch(
            batch.partition(), batch.value(), batch.length(), batch.segments(), batch.bytes()));
  }

  public List<Batch> raw() {
    return batches;
  }

  /** All that came so far; forgets them. */
  public List<SegmentBatch> take() {
    List<SegmentBatch> read = batches.stream().map(this::read).toList();
    batches.clear();
    return read;
  }

  SegmentBatch read(Batch batch) {
    try {
      int id = SchemaIds.register(registry, Topics.SEGMENTS, SegmentBatch.getClassSchema());
      batch.array()[4] = (byte) id;
      return new AvroReader<SegmentBatch>(registry, SegmentBatch.getClassSchema())
          .read(batch.value(), null);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
