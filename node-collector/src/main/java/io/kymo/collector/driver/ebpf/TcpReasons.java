package io.kymo.collector.driver.ebpf;

import com.sun.jna.Pointer;
import io.kymo.schemas.TcpReportKind;
import java.util.Map;

/** The kernel's names for why it sent a reset or dropped a packet. */
final class TcpReasons {
  private final Map<Integer, String> drops;
  private final Map<Integer, String> resets;

  TcpReasons(LibBpf library) {
    Pointer btf = library.btf__load_vmlinux_btf();
    if (btf == null) {
      drops = Map.of();
      resets = Map.of();
      return;
    }
    drops = KernelEnum.names(library, btf, "skb_drop_reason", "SKB_DROP_REASON_");
    resets = KernelEnum.names(library, btf, "sk_rst_reason", "SK_RST_REASON_");
    library.btf__free(btf);
  }

  /** Empty when the kernel does not tell; the number when it has no name for it. */
  String name(int kind, int code) {
    if (kind == TcpReportKind.DROP.wireId()) {
      return drops.getOrDefault(code, String.valueOf(code));
    }
    if (kind == TcpReportKind.RESET_SENT.wireId() && !resets.isEmpty()) {
      return resets.getOrDefault(code, String.valueOf(code));
    }
    return "";
  }
}
