package io.kymo.processor.sink;

/** ClickHouse holds a schema that this program does not know. Not to be tried again. */
public final class NewerSchemaException extends Exception {
  NewerSchemaException(String message) {
    super(message);
  }
}
