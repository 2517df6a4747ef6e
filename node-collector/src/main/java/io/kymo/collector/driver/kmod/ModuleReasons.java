package io.kymo.collector.driver.kmod;

import com.sun.jna.Memory;
import io.kymo.schemas.TcpReportKind;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * The kernel's names for why it sent a reset or dropped a packet, as the module was built with
 * them: each is asked for once.
 */
final class ModuleReasons {
  // bpf/include/wire.h: struct kymo_reason
  static final int REASON_BYTES = 64;
  static final int CODE_OFFSET = 4;
  static final int NAME_OFFSET = 8;
  static final int NAME_BYTES = 56;

  private final Device device;
  private final Memory question = new Memory(REASON_BYTES);
  private final Map<Integer, String> drops = new HashMap<>();
  private final Map<Integer, String> resets = new HashMap<>();

  ModuleReasons(Device device) {
    this.device = device;
  }

  /** Empty when the kernel does not tell; the number when it has no name for it. */
  String name(int kind, int code) {
    if (kind == TcpReportKind.DROP.wireId()) {
      return drops.computeIfAbsent(code, unknown -> ask(kind, unknown));
    }
    if (kind == TcpReportKind.RESET_SENT.wireId()) {
      return resets.computeIfAbsent(code, unknown -> ask(kind, unknown));
    }
    return "";
  }

  private String ask(int kind, int code) {
    question.clear();
    question.setInt(0, kind);
    question.setInt(CODE_OFFSET, code);
    device.control(Device.REASON, question, "naming a reason");
    byte[] name = question.getByteArray(NAME_OFFSET, NAME_BYTES);
    int length = 0;
    while (length < name.length && name[length] != 0) {
      length++;
    }
    if (length == 0) {
      return code == 0 ? "" : String.valueOf(code);
    }
    return new String(name, 0, length, StandardCharsets.US_ASCII);
  }
}
