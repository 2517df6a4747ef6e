package io.kymo.collector.driver.ebpf;

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
  public Attachment attach(Path file, List<Probe> probes) {
    List<Pointer> links = new ArrayList<>();
    for (Probe probe : probes) {
      Pointer program = object.program(probe.program());
      if (program == null) {
        detach(links);
        throw new DriverException(probe.program() + " does not run on this kernel");
      }
      Pointer link =
          library.bpf_program__attach_uprobe(
              program, probe.atReturn(), EVERY_PROCESS, file.toString(), probe.offset());
      if (link == null) {
        String reason = BpfObject.error(Native.getLastError());
        detach(links);
        throw new DriverException(probe.program() + " at " + probe.offset() + ": " + reason);
      }
      links.add(link);
    }
    return () -> detach(links);
  }

  private void detach(List<Pointer> links) {
    for (int i = links.size() - 1; i >= 0; i--) {
      library.bpf_link__destroy(links.get(i));
    }
    links.clear();
  }
}
