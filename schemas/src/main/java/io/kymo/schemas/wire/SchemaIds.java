package io.kymo.schemas.wire;

import io.confluent.kafka.schemaregistry.avro.AvroSchema;
import io.confluent.kafka.schemaregistry.client.CachedSchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import java.io.IOException;
import java.util.Map;
import org.apache.avro.Schema;

/**
 * Registers schemas: subject is the topic's name with {@code -value}, compatibility full and
 * transitive.
 */
public final class SchemaIds {
  private static final int CONFLICT = 409;
  private static final int UNPROCESSABLE = 422;

  private SchemaIds() {}

  /** The genuine client, with a cache of 1,000 schemas. */
  public static SchemaRegistryClient client(String url) {
    return new CachedSchemaRegistryClient(url, 1_000, Map.of());
  }

  /**
   * @return the schema's id
   * @throws SchemaRefusedException when the registry refuses the schema as incompatible (its
   *     message says which field)
   * @throws IOException when the registry does not answer as it should: try again
   */
  public static int register(SchemaRegistryClient registry, String topic, Schema schema)
      throws IOException {
    String subject = topic + "-value";
    int id;
    try {
      id = registry.register(subject, new AvroSchema(schema));
    } catch (RestClientException e) {
      if (e.getStatus() == CONFLICT || e.getStatus() == UNPROCESSABLE) {
        throw new SchemaRefusedException(message(subject, e), e);
      }
      throw new IOException(message(subject, e), e);
    }
    try {
      registry.updateCompatibility(subject, "FULL_TRANSITIVE");
      return id;
    } catch (RestClientException e) { // also when another process does the same just now
      throw new IOException(message(subject, e), e);
    }
  }

  private static String message(String subject, RestClientException e) {
    return "schema registry, subject " + subject + ": " + e.getMessage();
  }
}
