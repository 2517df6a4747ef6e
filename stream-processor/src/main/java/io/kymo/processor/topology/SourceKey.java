package io.kymo.processor.topology;

/** Where batches come from: the collectors of one boot of a node, one after the other. */
record SourceKey(String node, String bootId) {}
