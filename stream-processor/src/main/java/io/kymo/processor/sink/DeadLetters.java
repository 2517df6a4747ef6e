package io.kymo.processor.sink;

import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import io.kymo.schemas.DeadLetter;
import io.kymo.schemas.Topics;
import io.kymo.schemas.wire.AvroWriter;
import io.kymo.schemas.wire.SchemaIds;
import io.kymo.schemas.wire.UnreadableRecordException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Records that can not be read, with the reason, into kymo.dead-letters. */
final class DeadLetters implements AutoCloseable {
  private final KafkaProducer<byte[], byte[]> producer;
  private final SchemaRegistryClient registry;
  private AvroWriter<DeadLetter> writer;

  DeadLetters(String bootstrapServers, SchemaRegistryClient registry) {
    this.registry = registry;
    this.producer =
        new KafkaProducer<>(
            Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers),
            new ByteArraySerializer(),
            new ByteArraySerializer());
  }

  /**
   * Returns when Kafka has it: letters are rare, and must not be lost.
   *
   * @throws IOException when Kafka or the registry did not take it: try again
   */
  void send(ConsumerRecord<byte[], byte[]> record, UnreadableRecordException why)
      throws IOException {
    if (writer == null) {
      writer =
          new AvroWriter<>(
              DeadLetter.class,
              SchemaIds.register(registry, Topics.DEAD_LETTERS, DeadLetter.getClassSchema()));
    }
    try {
      producer
          .send(new ProducerRecord<>(Topics.DEAD_LETTERS, writer.write(letter(record, why))))
          .get();
    } catch (ExecutionException e) {
      throw new IOException(String.valueOf(e.getCause()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private static DeadLetter letter(
      ConsumerRecord<byte[], byte[]> record, UnreadableRecordException why) {
    return DeadLetter.newBuilder()
        .setTime(TimeUnit.MILLISECONDS.toNanos(record.timestamp()))
        .setTopic(record.topic())
        .setPartition(record.partition())
        .setOffset(record.offset())
        .setReason(why.reason())
        .setDetail(String.valueOf(why.getMessage()))
        .setValue(ByteBuffer.wrap(record.value() == null ? new byte[0] : record.value()))
        .build();
  }

  @Override
  public void close() {
    producer.close();
  }
}
