/**
 * Files of packets: pcap and pcapng, read as a stream. What cannot be read is passed over, named
 * and counted.
 */
package io.kymo.collector.driver.pcap.file;
