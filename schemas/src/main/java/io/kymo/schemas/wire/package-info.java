/**
 * Avro in the Confluent wire format: 0x00, four bytes schema id (big endian), Avro's binary
 * encoding.
 */
package io.kymo.schemas.wire;
