/**
 * What crosses a boundary between Kymo's processes: Avro records, topics, and the ids that they
 * carry.
 */
package io.kymo.schemas;
