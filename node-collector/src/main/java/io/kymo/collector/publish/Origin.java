package io.kymo.collector.publish;

/**
 * Who speaks in a batch.
 *
 * @param node name of the node
 * @param bootId the kernel's boot id
 * @param collectorStart ns since the epoch
 * @param driver name of the driver
 */
public record Origin(String node, String bootId, long collectorStart, String driver) {}
