package io.kymo.collector.driver.pcap.live;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * A program of the classic packet filter (Documentation/networking/filter.rst) that admits TCP and
 * UDP of certain ports. Looks at packets from their network header on. What shows no ports there is
 * admitted, to be judged later: fragments, extension headers, tunnels.
 */
final class PortFilter {
  static final int ADMIT = -1;
  static final int REFUSE = 0;

  // classes, sizes and modes: linux/bpf_common.h
  static final int LD_B = 0x30;
  static final int LD_H = 0x28;
  static final int LD_H_X = 0x48;
  static final int LD_M = 0x60;
  static final int LDX_IP_HEADER = 0xb1;
  static final int ST = 0x02;
  static final int JEQ = 0x15;
  static final int JSET = 0x45;
  static final int JA = 0x05;
  static final int RSH = 0x74;
  static final int RET = 0x06;

  private static final int TCP = 6;
  private static final int UDP = 17;
  private static final int[] MAY_HIDE_PORTS_V4 = {4, 41, 47};
  private static final int[] MAY_HIDE_PORTS_V6 = {0, 4, 41, 43, 44, 47, 51, 60};
  private static final int[] VXLAN = {4789, 8472};

  /** code | jump if true, jump if false | operand: struct sock_filter. */
  record Instruction(int code, int whenTrue, int whenFalse, int operand) {}

  private final List<Instruction> program = new ArrayList<>();

  private PortFilter() {}

  /** Admits nothing. */
  static List<Instruction> nothing() {
    return List.of(new Instruction(RET, 0, 0, REFUSE));
  }

  /**
   * @param ports of which one must be the packet's; empty: any
   * @param excluded of which none may be the packet's
   */
  static List<Instruction> of(Collection<Integer> ports, Collection<Integer> excluded) {
    PortFilter filter = new PortFilter();
    filter.build(ports, excluded);
    return filter.program;
  }

  private void build(Collection<Integer> ports, Collection<Integer> excluded) {
    List<Instruction> check = check(ports, excluded);
    List<Instruction> four = new ArrayList<>();
    four.add(load(LD_B, 9));
    transports(four, MAY_HIDE_PORTS_V4);
    four.add(load(LD_H, 6));
    four.add(new Instruction(JSET, 0, 1, 0x1fff)); // not the first fragment
    four.add(returns(ADMIT));
    four.add(load(LDX_IP_HEADER, 0));
    four.add(load(LD_H_X, 0));
    four.add(new Instruction(ST, 0, 0, 0));
    four.add(load(LD_H_X, 2));
    four.add(new Instruction(ST, 0, 0, 1));
    List<Instruction> six = new ArrayList<>();
    six.add(load(LD_B, 6));
    transports(six, MAY_HIDE_PORTS_V6);
    six.add(load(LD_H, 40));
    six.add(new Instruction(ST, 0, 0, 0));
    six.add(load(LD_H, 42));
    six.add(new Instruction(ST, 0, 0, 1));
    four.add(new Instruction(JA, 0, 0, six.size()));

    program.add(load(LD_B, 0));
    program.add(new Instruction(RSH, 0, 0, 4));
    program.add(new Instruction(JEQ, 3, 0, 4));
    program.add(new Instruction(JEQ, 1, 0, 6));
    program.add(returns(REFUSE));
    program.add(new Instruction(JA, 0, 0, four.size()));
    program.addAll(four);
    program.addAll(six);
    program.addAll(check);
  }

  /** Goes on with TCP and UDP only. */
  private static void transports(List<Instruction> to, int[] mayHidePorts) {
    for (int protocol : mayHidePorts) {
      to.add(new Instruction(JEQ, 0, 1, protocol));
      to.add(returns(ADMIT));
    }
    to.add(new Instruction(JEQ, 2, 0, TCP));
    to.add(new Instruction(JEQ, 1, 0, UDP));
    to.add(returns(REFUSE));
  }

  /** Judges the ports that were put into the two scratch words. */
  private static List<Instruction> check(Collection<Integer> ports, Collection<Integer> excluded) {
    List<Instruction> check = new ArrayList<>();
    for (int word = 0; word < 2; word++) {
      check.add(load(LD_M, word));
      answer(check, excluded, REFUSE);
    }
    if (!ports.isEmpty()) {
      for (int word = 0; word < 2; word++) {
        check.add(load(LD_M, word));
        answer(check, ports, ADMIT);
      }
      for (int port : VXLAN) { // the port of the outer packet's target
        check.add(new Instruction(JEQ, 0, 1, port));
        check.add(returns(ADMIT));
      }
    }
    check.add(returns(ports.isEmpty() ? ADMIT : REFUSE));
    return check;
  }

  private static void answer(List<Instruction> to, Collection<Integer> ports, int with) {
    for (int port : ports) {
      to.add(new Instruction(JEQ, 0, 1, port));
      to.add(returns(with));
    }
  }

  private static Instruction load(int how, int operand) {
    return new Instruction(how, 0, 0, operand);
  }

  private static Instruction returns(int what) {
    return new Instruction(RET, 0, 0, what);
  }
}
