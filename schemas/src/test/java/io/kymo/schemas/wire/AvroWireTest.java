package io.kymo.schemas.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.confluent.kafka.schemaregistry.avro.AvroSchema;
import io.confluent.kafka.schemaregistry.client.MockSchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import io.confluent.kafka.serializers.KafkaAvroDeserializer;
import io.kymo.schemas.CollectorStats;
import io.kymo.schemas.DeadLetter;
import io.kymo.schemas.Topics;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;

class AvroWireTest {
  private final MockSchemaRegistryClient client = new MockSchemaRegistryClient();
  private final int id = register();
  private final AvroWriter<DeadLetter> encoder = new AvroWriter<>(DeadLetter.class, id);
  private final AvroReader<DeadLetter> decoder =
      new AvroReader<>(client, DeadLetter.getClassSchema());

  private static DeadLetter letter(String detail) {
    return DeadLetter.newBuilder()
        .setTime(7)
        .setTopic("t")
        .setPartition(3)
        .setOffset(9)
        .setReason("r")
        .setDetail(detail)
        .setValue(ByteBuffer.wrap(new byte[] {1, 2, 3}))
        .build();
  }

  @Test
  void whatIsEncodedIsDecodedAgain() throws Exception {
    for (String detail : new String[] {"a", "long ".repeat(1000), ""}) {
      assertThat(decoder.read(encoder.write(letter(detail)), null)).isEqualTo(letter(detail));
    }
  }

  @Test
  void theGenuineDeserializerReadsIt() {
    try (KafkaAvroDeserializer genuine = new KafkaAvroDeserializer(client)) {
      genuine.configure(Map.of("schema.registry.url", "mock://x"), false);
      GenericRecord read =
          (GenericRecord) genuine.deserialize(Topics.DEAD_LETTERS, encoder.write(letter("d")));
      assertThat(read.get("detail")).hasToString("d");
    }
  }

  @Test
  void subjectsAreFullTransitive() throws Exception {
    assertThat(client.getCompatibility(Topics.DEAD_LETTERS + "-value"))
        .isEqualTo("FULL_TRANSITIVE");
  }

  @Test
  void anOlderWritersSchemaIsResolved() throws Exception {
    Schema older =
        new Schema.Parser()
            .parse(DeadLetter.getClassSchema().toString().replace("\"detail\"", "\"detail_then\""));
    byte[] value = encoder.write(letter("d"));
    assertThat(reasonOf(under(older, value))).isEqualTo("incompatible_schema");

    Schema wider =
        new Schema.Parser()
            .parse(
                DeadLetter.getClassSchema()
                    .toString()
                    .replace(
                        "{\"name\":\"time\"",
                        "{\"name\":\"removed_later\",\"type\":\"long\",\"default\":0},{\"name\":\"time\""));
    byte[] written = new byte[value.length + 1];
    System.arraycopy(value, 0, written, 0, 5);
    written[5] = 84; // removed_later = 42
    System.arraycopy(value, 5, written, 6, value.length - 5);
    assertThat(decoder.read(under(wider, written), null)).isEqualTo(letter("d"));
  }

  @Test
  void whatCannotBeReadHasAReason() {
    byte[] good = encoder.write(letter("d"));
    byte[] unknown = good.clone();
    unknown[4] = (byte) (unknown[4] + 77);
    byte[] longer = Arrays.copyOf(good, good.length + 1);
    byte[] magic = good.clone();
    magic[0] = 1;
    assertThat(reasonOf(null)).isEqualTo("not_framed");
    assertThat(reasonOf(new byte[] {0, 0, 0})).isEqualTo("not_framed");
    assertThat(reasonOf(magic)).isEqualTo("not_framed");
    assertThat(reasonOf(longer)).isEqualTo("malformed");
    for (int n = 5; n < good.length; n++) {
      assertThat(reasonOf(Arrays.copyOf(good, n))).as("cut at %d", n).isEqualTo("malformed");
    }
    assertThat(reasonOf(unknown)).isEqualTo("unknown_schema");
  }

  @Test
  void aSchemaOfAnotherRecordIsRefused() throws Exception {
    byte[] value = encoder.write(letter("d"));
    assertThat(reasonOf(under(CollectorStats.getClassSchema(), value)))
        .isEqualTo("incompatible_schema");
  }

  @Test
  void aRegistryThatDoesNotAnswerIsNoReasonToGiveUpARecord() {
    byte[] value = encoder.write(letter("d"));
    AvroReader<DeadLetter> cut =
        new AvroReader<>(SchemaIds.client("http://127.0.0.1:1"), DeadLetter.getClassSchema());
    assertThatThrownBy(() -> cut.read(value, null)).isInstanceOf(IOException.class);
  }

  /** Two processes that start at once set it at once: the registry refuses one of them. */
  @Test
  void whoLosesARaceForTheCompatibilityMayTryAgain() throws Exception {
    Schema schema = CollectorStats.getClassSchema();
    SchemaRegistryClient busy =
        new MockSchemaRegistryClient() {
          private boolean raced;

          @Override
          public String updateCompatibility(String subject, String level)
              throws IOException, RestClientException {
            if (!raced) {
              raced = true;
              throw new RestClientException("A rule named 'COMPATIBILITY' already exists.", 409, 0);
            }
            return super.updateCompatibility(subject, level);
          }
        };
    assertThatThrownBy(() -> SchemaIds.register(busy, Topics.COLLECTOR_STATS, schema))
        .isInstanceOf(IOException.class)
        .isNotInstanceOf(SchemaRefusedException.class);
    assertThat(SchemaIds.register(busy, Topics.COLLECTOR_STATS, schema)).isPositive();
    assertThat(busy.getCompatibility(Topics.COLLECTOR_STATS + "-value"))
        .isEqualTo("FULL_TRANSITIVE");
  }

  /** The same bytes as if written with another schema. */
  private byte[] under(Schema schema, byte[] value) throws Exception {
    int other = client.register("another-value", new AvroSchema(schema));
    byte[] changed = value.clone();
    ByteBuffer.wrap(changed).putInt(1, other);
    return changed;
  }

  private int register() {
    try {
      return SchemaIds.register(client, Topics.DEAD_LETTERS, DeadLetter.getClassSchema());
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private String reasonOf(byte[] value) {
    try {
      decoder.read(value, null);
      return null;
    } catch (UnreadableRecordException e) {
      return e.reason();
    } catch (IOException e) {
      return "registry away";
    }
  }
}
