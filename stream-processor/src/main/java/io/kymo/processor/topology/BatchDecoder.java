package io.kymo.processor.topology;

import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import io.kymo.schemas.SegmentBatch;
import io.kymo.schemas.wire.AvroReader;
import io.kymo.schemas.wire.UnreadableRecordException;
import java.io.IOException;
import java.time.Duration;
import org.apache.kafka.streams.errors.StreamsException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Batches of segments from bytes. A registry that is away is waited for: it is no fault of the
 * record. One thread.
 */
final class BatchDecoder {
  private static final Logger LOG = LoggerFactory.getLogger(BatchDecoder.class);
  // Less than max.poll.interval.ms, so that the thread is not taken for dead.
  private static final long PATIENCE_NS = Duration.ofMinutes(3).toNanos();
  private static final long PAUSE_MS = 500;

  private final AvroReader<SegmentBatch> reader;

  BatchDecoder(SchemaRegistryClient registry) {
    reader = new AvroReader<>(registry, SegmentBatch.getClassSchema());
  }

  SegmentBatch decode(byte[] value) throws DeadLetterException {
    long since = System.nanoTime();
    boolean told = false;
    while (true) {
      try {
        return reader.read(value, null);
      } catch (UnreadableRecordException e) {
        throw new DeadLetterException(e.reason(), String.valueOf(e.getMessage()), e);
      } catch (IOException e) {
        if (!told) {
          LOG.warn("a schema is needed: waiting for the schema registry: {}", e.getMessage());
          told = true;
        }
        if (System.nanoTime() - since > PATIENCE_NS) {
          throw new StreamsException("the schema registry did not answer", e);
        }
        pause();
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StreamsException("interrupted while waiting for the schema registry", e);
    }
  }
}
