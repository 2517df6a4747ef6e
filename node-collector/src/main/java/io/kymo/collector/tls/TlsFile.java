package io.kymo.collector.tls;

import io.kymo.collector.driver.FunctionProbes;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** One file that was looked into, with its probes when there is TLS in it. */
final class TlsFile {
  private final MappedFile file;
  private final TlsCode code;
  private FunctionProbes.Attachment attachment;
  private long usedMs;
  private final Set<MappedFile.Key> names = new HashSet<>();

  /**
   * @param code null when there is no TLS in it
   */
  TlsFile(MappedFile file, TlsCode code) {
    this.file = file;
    this.code = code;
    names.add(file.key());
  }

  void attach(Path openable, FunctionProbes probes) {
    if (code.layout() != null) {
      probes.tell(file.inode(), code.layout());
    }
    attachment = probes.attach(openable, code.probes());
  }

  boolean attached() {
    return attachment != null;
  }

  /** The kernel tells of this file by this key, too. */
  void alsoKnownAs(MappedFile.Key key) {
    names.add(key);
  }

  /** All that the kernel may call it. */
  Set<MappedFile.Key> names() {
    return names;
  }

  void used(long nowMs) {
    usedMs = nowMs;
  }

  long usedMs() {
    return usedMs;
  }

  /** Is there something to say of it: that it is watched, or why not? */
  boolean notable() {
    return code != null;
  }

  String describe() {
    String version = code.version().isEmpty() ? "" : " (" + code.version() + ")";
    String state =
        attached()
            ? code.probes().size() + " probes"
            : "not watched: " + (code.problem() == null ? "refused by the kernel" : code.problem());
    return file.path() + ": " + code.library() + version + ", " + state;
  }

  /** Lets go of one probe; returns whether there are more. */
  boolean release() {
    return attachment != null && attachment.release();
  }

  void close() {
    if (attachment != null) {
      attachment.close();
      attachment = null;
    }
  }
}
