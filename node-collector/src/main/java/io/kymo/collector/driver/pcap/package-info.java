/**
 * Observes packets instead of system calls: files of them, or an interface ({@code live}).
 *
 * <pre>
 *   file → Frame → packet → Packet → flow → (told to a FlowListener) → flyweight events
 * </pre>
 */
package io.kymo.collector.driver.pcap;
