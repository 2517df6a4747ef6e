/**
 * From frames to TCP segments and UDP datagrams: link layers, tags, tunnels, IP and its fragments.
 */
package io.kymo.collector.driver.pcap.packet;
