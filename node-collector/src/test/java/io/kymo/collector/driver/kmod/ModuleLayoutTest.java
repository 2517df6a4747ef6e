package io.kymo.collector.driver.kmod;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The device's structs and calls, as bpf/wire.golden has them. */
class ModuleLayoutTest {
  private final Map<String, Long> wire = new HashMap<>();

  ModuleLayoutTest() throws IOException {
    for (String line : Files.readAllLines(Path.of("../bpf/wire.golden"))) {
      String[] words = line.split(" ");
      wire.put(words[0], Long.parseLong(words[1]));
    }
  }

  private void is(long ours, String theirs) {
    assertThat(ours).as(theirs).isEqualTo(wire.get(theirs));
  }

  @Test
  void device() {
    is(Device.WIRE_VERSION, "KYMO_WIRE_VERSION");
    is(Device.SETUP, "KYMO_IOCTL_SETUP");
    is(Device.SETTINGS, "KYMO_IOCTL_SETTINGS");
    is(Device.ADD, "KYMO_IOCTL_ADD");
    is(Device.REMOVE, "KYMO_IOCTL_REMOVE");
    is(Device.CLEAR, "KYMO_IOCTL_CLEAR");
    is(Device.SAMPLE, "KYMO_IOCTL_SAMPLE");
    is(Device.REASON, "KYMO_IOCTL_REASON");
    is(0, "kymo_setup.version");
    is(Device.SETUP_BYTES, "sizeof.kymo_setup");
    is(Device.SETUP_MAX_SOCKETS_OFFSET, "kymo_setup.max_sockets");
    is(Device.SETUP_RING_BYTES_OFFSET, "kymo_setup.ring_bytes");
    is(Device.SETUP_REGION_BYTES_OFFSET, "kymo_setup.region_bytes");
    is(Device.SETUP_CPUS_OFFSET, "kymo_setup.cpus");
    is(Device.COUNTERS_BYTES, "sizeof.kymo_counters");
  }

  @Test
  void reasons() {
    is(ModuleReasons.REASON_BYTES, "sizeof.kymo_reason");
    is(0, "kymo_reason.kind");
    is(ModuleReasons.CODE_OFFSET, "kymo_reason.code");
    is(ModuleReasons.NAME_OFFSET, "kymo_reason.name");
    is(ModuleReasons.NAME_OFFSET + ModuleReasons.NAME_BYTES, "sizeof.kymo_reason");
  }

  @Test
  void rings() {
    is(0, "kymo_ring.produced");
    is(CpuRing.CONSUMED_OFFSET, "kymo_ring.consumed");
    is(0, "kymo_record.bytes");
    is(CpuRing.KIND_OFFSET, "kymo_record.kind");
    is(CpuRing.TIME_OFFSET, "kymo_record.time_ns");
    is(CpuRing.RECORD_BYTES, "sizeof.kymo_record");
    is(Integer.toUnsignedLong(CpuRing.PADDING), "KYMO_RECORD_PADDING");
  }

  @Test
  void scope() {
    is(ModuleScope.NETNS, "KYMO_FILTER_NETNS");
    is(ModuleScope.CGROUP, "KYMO_FILTER_CGROUP");
    is(ModuleScope.PID, "KYMO_FILTER_PID");
    is(ModuleScope.COMM, "KYMO_FILTER_COMM");
    is(ModuleScope.PORT, "KYMO_FILTER_PORT");
    is(ModuleScope.EXCLUDED_PORT, "KYMO_FILTER_EXCLUDED_PORT");
    is(ModuleScope.EXCLUDED_PID, "KYMO_FILTER_EXCLUDED_PID");
    is(ModuleScope.OWN_PORT, "KYMO_SET_OWN_PORT");
    is(0, "kymo_settings.version");
    is(ModuleScope.SETTINGS_BYTES, "sizeof.kymo_settings");
    is(ModuleScope.FILTERS_OFFSET, "kymo_settings.filters");
    is(ModuleScope.BURST_BYTES_OFFSET, "kymo_settings.burst_bytes");
    is(ModuleScope.SEGMENT_BYTES_OFFSET, "kymo_settings.segment_bytes");
    is(ModuleScope.BURST_PAUSE_OFFSET, "kymo_settings.burst_pause_ns");
    is(0, "kymo_member.set");
    is(ModuleScope.MEMBER_BYTES, "sizeof.kymo_member");
    is(ModuleScope.NUMBER_OFFSET, "kymo_member.number");
    is(ModuleScope.CGROUP_OFFSET, "kymo_member.cgroup");
    is(ModuleScope.TEXT_OFFSET, "kymo_member.text");
  }
}
