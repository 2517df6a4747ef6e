package io.kymo.collector.driver.ebpf;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import io.kymo.collector.driver.DriverException;
import io.kymo.collector.driver.FunctionProbes;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Function probes by uprobes: the kernel puts a breakpoint wherever the file is mapped. */
final class Uprobes implements FunctionProbes {
  private static final int EVERY_PROCESS = -1;
  // bpf/tls.h: enum tls_switch
  private static final int WANTED = 1;

  // bpf/include/wire.h: struct kymo_go_layout
  static final int GO_LAYOUT_BYTES = 24;
  static final int GO_TCP_TYPE_OFFSET = 0;
  static final int GO_CONN_OFFSET = 8;
  static final int GO_NET_FD_OFFSET = 12;
  static final int GO_DESCRIPTOR_OFFSET = 16;

  private final LibBpf library;
  private final BpfObject object;

  Uprobes(LibBpf library, BpfObject object) {
    this.library = library;
    this.object = object;
  }

  @Override
  public void tellMappings() {
    new MapFile(library, object, "switches_of_tls", Integer.BYTES).put(0, WANTED);
  }

  @Override
  public void tell(long inode, GoLayout layout) {
    try (Memory key = new Memory(Long.BYTES);
        Memory value = new Memory(GO_LAYOUT_BYTES)) {
      key.setLong(0, inode);
      value.setLong(GO_TCP_TYPE_OFFSET, layout.tcpType());
      value.setInt(GO_CONN_OFFSET, layout.conn());
      value.setInt(GO_NET_FD_OFFSET, layout.netFd());
      value.setInt(GO_DESCRIPTOR_OFFSET, layout.descriptor());
      value.setInt(GO_LAYOUT_BYTES - Integer.BYTES, 0);
      if (library.bpf_map_update_elem(object.mapFd("tls_go_layouts"), key, value, 0) != 0) {
        throw new DriverException("map tls_go_layouts: " + BpfObject.error(Native.getLastError()));
      }
    }
  }

  @Override
  public Attachment attach(Path file, List<Probe> probes) {
    List<Pointer> links = new ArrayList<>();
    Attachment attached = new Links(links);
    for (Probe probe : probes) {
      Pointer program = object.program(probe.program());
      if (program == null) {
        attached.close();
        throw new DriverException(probe.program() + " does not run on this kernel");
      }
      Pointer link =
          library.bpf_program__attach_uprobe(
              program, probe.atReturn(), EVERY_PROCESS, file.toString(), probe.offset());
      if (link == null) {
        String reason = BpfObject.error(Native.getLastError());
        attached.close();
        throw new DriverException(probe.program() + " at " + probe.offset() + ": " + reason);
      }
      links.add(link);
    }
    return attached;
  }

  private final class Links implements Attachment {
    private final List<Pointer> links;

    Links(List<Pointer> links) {
      this.links = links;
    }

    @Override
    public boolean release() {
      if (!links.isEmpty()) {
        library.bpf_link__destroy(links.remove(links.size() - 1));
      }
      return !links.isEmpty();
    }

    @Override
    public void close() {
      while (release()) {
        // the next one
      }
    }
  }
}
