package io.kymo.collector.driver;

import static org.assertj.core.api.Assertions.assertThat;

import io.kymo.schemas.ConnectionEventKind;
import io.kymo.schemas.Role;
import io.kymo.schemas.Source;
import io.kymo.schemas.TcpReportKind;
import io.kymo.schemas.Transport;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Flyweights and enums say the same as bpf/include/wire.h, by the golden file that its Makefile
 * prints and compares.
 */
class WireLayoutTest {
  private final Map<String, Integer> wire = new TreeMap<>();

  WireLayoutTest() throws IOException {
    for (String line : Files.readAllLines(Path.of("../bpf/wire.golden"))) {
      int space = line.indexOf(' ');
      wire.put(line.substring(0, space), (int) Long.parseLong(line.substring(space + 1)));
    }
  }

  /**
   * Every constant X_OFFSET of the flyweight is a field of the struct; and every field has one,
   * except those named.
   */
  private void layout(
      Class<?> flyweight,
      String struct,
      Map<String, String> renamed,
      int payload,
      String... unread) {
    Map<String, Integer> fields = new TreeMap<>();
    wire.forEach(
        (name, offset) -> {
          if (name.startsWith(struct + ".")
              && !name.endsWith(".header")
              && !name.endsWith(".data")
              && !name.contains(".reserved")) {
            fields.put(name.substring(struct.length() + 1), offset);
          }
        });
    fields.keySet().removeAll(java.util.Set.of(unread));
    Map<String, Integer> constants = new TreeMap<>();
    for (Field field : flyweight.getDeclaredFields()) {
      if (Modifier.isStatic(field.getModifiers())
          && field.getName().endsWith("_OFFSET")
          && !field.getName().equals("PAYLOAD_OFFSET")) {
        String name =
            field.getName().substring(0, field.getName().length() - 7).toLowerCase(Locale.ROOT);
        constants.put(renamed.getOrDefault(name, name), constant(field));
      }
    }
    assertThat(constants).isEqualTo(fields);
    assertThat(payload).isEqualTo(wire.get("sizeof." + struct));
  }

  private static int constant(Field field) {
    try {
      return field.getInt(null);
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void flyweights() {
    layout(Event.class, "kymo_header", Map.of("time", "time_ns"), Event.HEADER_LENGTH);
    layout(DataEvent.class, "kymo_data", Map.of(), DataEvent.PAYLOAD_OFFSET);
    layout(DatagramEvent.class, "kymo_datagram", Map.of(), DatagramEvent.PAYLOAD_OFFSET);
    layout(SocketEvent.class, "kymo_socket", Map.of(), SocketEvent.LENGTH);
    layout(LifeEvent.class, "kymo_life", Map.of(), LifeEvent.LENGTH);
    layout(ProcessEvent.class, "kymo_process", Map.of("start", "start_ns"), ProcessEvent.LENGTH);
    layout(TcpEvent.class, "kymo_tcp", Map.of(), TcpEvent.LENGTH);
  }

  @Test
  void types() {
    assertThat(DataEvent.TYPE).isEqualTo(wire.get("KYMO_TYPE_DATA"));
    assertThat(DatagramEvent.TYPE).isEqualTo(wire.get("KYMO_TYPE_DATAGRAM"));
    assertThat(SocketEvent.TYPE).isEqualTo(wire.get("KYMO_TYPE_SOCKET"));
    assertThat(LifeEvent.TYPE).isEqualTo(wire.get("KYMO_TYPE_LIFE"));
    assertThat(ProcessEvent.TYPE).isEqualTo(wire.get("KYMO_TYPE_PROCESS"));
    assertThat(TcpEvent.TYPE).isEqualTo(wire.get("KYMO_TYPE_TCP"));
    assertThat(wire.keySet().stream().filter(name -> name.startsWith("KYMO_TYPE_"))).hasSize(6);
  }

  @Test
  void flagsAndKinds() {
    assertThat(Event.FLAG_BURST_START).isEqualTo(wire.get("KYMO_FLAG_BURST_START"));
    assertThat(Event.FLAG_CONTINUED).isEqualTo(wire.get("KYMO_FLAG_CONTINUED"));
    assertThat(Event.FLAG_FAULT).isEqualTo(wire.get("KYMO_FLAG_FAULT"));
    assertThat(Event.FLAG_PREEXISTING).isEqualTo(wire.get("KYMO_FLAG_PREEXISTING"));
    assertThat(Event.FLAG_COUNTED).isEqualTo(wire.get("KYMO_FLAG_COUNTED"));
    assertThat(Event.FLAG_INFERRED).isEqualTo(wire.get("KYMO_FLAG_INFERRED"));
    assertThat(Event.FLAG_PLAINTEXT).isEqualTo(wire.get("KYMO_FLAG_PLAINTEXT"));
    assertThat(Event.FLAG_LINGERS).isEqualTo(wire.get("KYMO_FLAG_LINGERS"));
    assertThat(DataEvent.INGRESS).isEqualTo(wire.get("KYMO_INGRESS"));
    assertThat(DataEvent.EGRESS).isEqualTo(wire.get("KYMO_EGRESS"));
    assertThat(ProcessEvent.FORK).isEqualTo(wire.get("KYMO_PROCESS_FORK"));
    assertThat(ProcessEvent.EXEC).isEqualTo(wire.get("KYMO_PROCESS_EXEC"));
    assertThat(ProcessEvent.EXIT).isEqualTo(wire.get("KYMO_PROCESS_EXIT"));
    assertThat(ProcessEvent.MAP).isEqualTo(wire.get("KYMO_PROCESS_MAP"));
    assertThat(DriverSettings.SEGMENT_BYTES_MAX).isEqualTo(wire.get("KYMO_PAYLOAD_MAX"));
  }

  @Test
  void enums() {
    for (Transport value : Transport.values()) {
      assertThat(value.wireId()).isEqualTo(wire.get("KYMO_TRANSPORT_" + value.name()));
    }
    for (Role value : Role.values()) {
      assertThat(value.wireId()).isEqualTo(wire.get("KYMO_ROLE_" + value.name()));
    }
    for (Source value : Source.values()) {
      assertThat(value.wireId()).isEqualTo(wire.get("KYMO_SOURCE_" + value.name()));
      assertThat(Source.ofWireId(value.wireId())).isEqualTo(value);
    }
    for (ConnectionEventKind value : ConnectionEventKind.values()) {
      assertThat(value.wireId()).isEqualTo(wire.get("KYMO_LIFE_" + value.name()));
    }
    for (TcpReportKind value : TcpReportKind.values()) {
      assertThat(value.wireId()).isEqualTo(wire.get("KYMO_TCP_" + value.name()));
      assertThat(TcpReportKind.ofWireId(value.wireId())).isEqualTo(value);
    }
    assertThat(KernelCounter.values()).hasSize(wire.get("KYMO_COUNTERS"));
    for (KernelCounter value : KernelCounter.values()) {
      assertThat(value.ordinal()).isEqualTo(wire.get("KYMO_COUNT_" + value.name()));
    }
  }
}
