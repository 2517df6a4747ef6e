/** The eBPF driver: loads kymo.bpf.o through libbpf and reads its ring from mapped memory. */
package io.kymo.collector.driver.ebpf;
