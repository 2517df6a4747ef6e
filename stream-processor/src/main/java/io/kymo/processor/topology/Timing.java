package io.kymo.processor.topology;

/**
 * When connections are looked at again. ns of stream time.
 *
 * @param streamIdleNs a stream connection on which nothing happens for so long is given up
 * @param datagramIdleNs … a datagram socket
 * @param connectionIntervalNs between two rows of an open connection
 * @param statsIntervalNs between two rows of a collector's counters
 */
public record Timing(
    long streamIdleNs, long datagramIdleNs, long connectionIntervalNs, long statsIntervalNs) {}
