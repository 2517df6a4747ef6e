package io.kymo.processor.topology;

/** A connection's id is unique per node and boot. */
record ConversationKey(String node, String bootId, long connection) {}
