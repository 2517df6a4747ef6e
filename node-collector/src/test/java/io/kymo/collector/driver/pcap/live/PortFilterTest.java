package io.kymo.collector.driver.pcap.live;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class PortFilterTest {
  private static final int TCP = 6;
  private static final int UDP = 17;

  /** Runs a program as the kernel does (kernel/bpf, classic instructions); true: admitted. */
  private static boolean admits(List<PortFilter.Instruction> program, byte[] packet) {
    ByteBuffer bytes = ByteBuffer.wrap(packet);
    int a = 0;
    int x = 0;
    int[] scratch = new int[16];
    for (int at = 0; ; at++) {
      PortFilter.Instruction i = program.get(at);
      int k = i.operand();
      switch (i.code()) {
        case PortFilter.LD_B -> a = bytes.get(k) & 0xff;
        case PortFilter.LD_H -> a = bytes.getShort(k) & 0xffff;
        case PortFilter.LD_H_X -> a = bytes.getShort(x + k) & 0xffff;
        case PortFilter.LD_M -> a = scratch[k];
        case PortFilter.LDX_IP_HEADER -> x = (bytes.get(k) & 15) * 4;
        case PortFilter.ST -> scratch[k] = a;
        case PortFilter.RSH -> a >>>= k;
        case PortFilter.JA -> at += k;
        case PortFilter.JEQ -> at += a == k ? i.whenTrue() : i.whenFalse();
        case PortFilter.JSET -> at += (a & k) != 0 ? i.whenTrue() : i.whenFalse();
        case PortFilter.RET -> {
          assertThat(k == PortFilter.ADMIT || k == PortFilter.REFUSE).isTrue();
          return k == PortFilter.ADMIT;
        }
        default -> throw new AssertionError("unknown instruction " + i);
      }
    }
  }

  private static byte[] four(int protocol, int from, int to, int fragment, int options) {
    ByteBuffer packet = ByteBuffer.allocate(20 + options * 4 + 8);
    packet.put((byte) (0x45 + options)).position(6);
    packet.putShort((short) fragment).put((byte) 64).put((byte) protocol);
    packet.position(20 + options * 4);
    return packet.putShort((short) from).putShort((short) to).array();
  }

  private static byte[] six(int next, int from, int to) {
    ByteBuffer packet = ByteBuffer.allocate(48).put((byte) 0x60);
    packet.put(6, (byte) next).position(40);
    return packet.putShort((short) from).putShort((short) to).array();
  }

  @Test
  void onlyTheWantedPorts() {
    List<PortFilter.Instruction> program = PortFilter.of(List.of(80, 5432), List.of());
    for (int protocol : new int[] {TCP, UDP}) {
      assertThat(admits(program, four(protocol, 4_000, 80, 0, 0))).isTrue();
      assertThat(admits(program, four(protocol, 5_432, 4_000, 0x2000, 3))).isTrue();
      assertThat(admits(program, four(protocol, 4_000, 81, 0, 0))).isFalse();
      assertThat(admits(program, six(protocol, 4_000, 5_432))).isTrue();
      assertThat(admits(program, six(protocol, 80, 4_000))).isTrue();
      assertThat(admits(program, six(protocol, 4_000, 4_001))).isFalse();
    }
  }

  @Test
  void allButTheExcludedPorts() {
    List<PortFilter.Instruction> program = PortFilter.of(List.of(), List.of(9092, 8081));
    assertThat(admits(program, four(TCP, 4_000, 80, 0, 0))).isTrue();
    assertThat(admits(program, four(TCP, 9_092, 4_000, 0, 0))).isFalse();
    assertThat(admits(program, six(TCP, 4_000, 8_081))).isFalse();
    List<PortFilter.Instruction> both = PortFilter.of(List.of(80), List.of(81));
    assertThat(admits(both, four(TCP, 81, 80, 0, 0))).isFalse();
  }

  @Test
  void whatShowsNoPortsIsJudgedLater() {
    List<PortFilter.Instruction> program = PortFilter.of(List.of(80), List.of());
    assertThat(admits(program, four(TCP, 1, 2, 5, 0))).isTrue();
    assertThat(admits(program, four(47, 1, 2, 0, 0))).isTrue();
    assertThat(admits(program, four(UDP, 1, 4_789, 0, 0))).isTrue();
    assertThat(admits(program, six(44, 1, 2))).isTrue();
    assertThat(admits(program, four(1, 1, 80, 0, 0))).isFalse();
    assertThat(admits(program, HexFormat.of().parseHex("0001"))).isFalse();
  }

  @Test
  void manyPorts() {
    List<Integer> many = java.util.stream.IntStream.range(1_000, 1_700).boxed().toList();
    List<PortFilter.Instruction> program = PortFilter.of(many, List.of());
    assertThat(program).hasSizeLessThan(4_096); // BPF_MAXINSNS
    assertThat(admits(program, four(TCP, 1, 1_699, 0, 0))).isTrue();
    assertThat(admits(program, four(TCP, 1, 1_700, 0, 0))).isFalse();
    assertThat(admits(PortFilter.nothing(), four(TCP, 1, 1_699, 0, 0))).isFalse();
  }
}
