package io.kymo.collector.driver.ebpf;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What user space writes into the maps lies where bpf/include/wire.h says. */
class WireSettingsTest {
  @Test
  void offsetsAndBits() throws IOException {
    Map<String, Integer> wire = new HashMap<>();
    for (String line : Files.readAllLines(Path.of("../bpf/wire.golden"))) {
      int space = line.indexOf(' ');
      wire.put(line.substring(0, space), (int) Long.parseLong(line.substring(space + 1)));
    }
    Map<String, Integer> expected = new HashMap<>();
    expected.put("sizeof.kymo_settings", ScopeMaps.SETTINGS_BYTES);
    expected.put("kymo_settings.version", ScopeMaps.VERSION_OFFSET);
    expected.put("kymo_settings.filters", ScopeMaps.FILTERS_OFFSET);
    expected.put("kymo_settings.own_tgid", ScopeMaps.OWN_TGID_OFFSET);
    expected.put("kymo_settings.cgroups", ScopeMaps.CGROUPS_OFFSET);
    expected.put("kymo_settings.burst_bytes", ScopeMaps.BURST_BYTES_OFFSET);
    expected.put("kymo_settings.segment_bytes", ScopeMaps.SEGMENT_BYTES_OFFSET);
    expected.put("kymo_settings.burst_pause_ns", ScopeMaps.BURST_PAUSE_OFFSET);
    expected.put("KYMO_WIRE_VERSION", ScopeMaps.WIRE_VERSION);
    expected.put("KYMO_CGROUPS_MAX", ScopeMaps.CGROUPS_MAX);
    expected.put("KYMO_FILTER_NETNS", ScopeMaps.FILTER_NETNS);
    expected.put("KYMO_FILTER_CGROUP", ScopeMaps.FILTER_CGROUP);
    expected.put("KYMO_FILTER_PID", ScopeMaps.FILTER_PID);
    expected.put("KYMO_FILTER_COMM", ScopeMaps.FILTER_COMM);
    expected.put("KYMO_FILTER_PORT", ScopeMaps.FILTER_PORT);
    expected.put("KYMO_FILTER_EXCLUDED_PORT", ScopeMaps.FILTER_EXCLUDED_PORT);
    expected.put("KYMO_FILTER_EXCLUDED_PID", ScopeMaps.FILTER_EXCLUDED_PID);
    expected.put("KYMO_PORT_ONLY", ScopeMaps.PORT_ONLY);
    expected.put("KYMO_PORT_EXCLUDED", ScopeMaps.PORT_EXCLUDED);
    expected.put("KYMO_PORT_OWN", ScopeMaps.PORT_OWN);
    expected.put("KYMO_NETNS_ONLY", ScopeMaps.NETNS_ONLY);
    expected.put("KYMO_NETNS_OWN", ScopeMaps.NETNS_OWN);
    expected.put("sizeof.kymo_go_layout", Uprobes.GO_LAYOUT_BYTES);
    expected.put("kymo_go_layout.tcp_type", Uprobes.GO_TCP_TYPE_OFFSET);
    expected.put("kymo_go_layout.conn", Uprobes.GO_CONN_OFFSET);
    expected.put("kymo_go_layout.net_fd", Uprobes.GO_NET_FD_OFFSET);
    expected.put("kymo_go_layout.descriptor", Uprobes.GO_DESCRIPTOR_OFFSET);
    expected.put("sizeof.kymo_counters", EbpfDriver.COUNTERS_BYTES);
    assertThat(wire).containsAllEntriesOf(expected);
  }
}
