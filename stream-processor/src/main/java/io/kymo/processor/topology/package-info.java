/**
 * The Kafka Streams topology: reassemble, recognise, pair, enrich, write; and the state that it
 * keeps.
 */
package io.kymo.processor.topology;
