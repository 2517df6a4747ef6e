/**
 * Kafka to ClickHouse, exactly once: every row carries its Kafka partition and offset, a block
 * holds rows of one partition and goes in under the token {@code topic:partition:first-last}, and
 * reading resumes behind the highest offset that ClickHouse holds.
 */
package io.kymo.processor.sink;
