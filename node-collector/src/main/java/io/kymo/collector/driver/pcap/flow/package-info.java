/**
 * From segments and datagrams to connections: who speaks with whom, bytes in order, beginnings and
 * ends.
 */
package io.kymo.collector.driver.pcap.flow;
