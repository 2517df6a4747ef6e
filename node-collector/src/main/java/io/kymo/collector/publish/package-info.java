/** Batches: from segments and events to Avro records in Kafka. */
package io.kymo.collector.publish;
