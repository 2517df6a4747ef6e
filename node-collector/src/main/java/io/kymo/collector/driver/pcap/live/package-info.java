/** Packets of an interface, through a memory-mapped packet socket (packet(7), TPACKET_V3). */
package io.kymo.collector.driver.pcap.live;
