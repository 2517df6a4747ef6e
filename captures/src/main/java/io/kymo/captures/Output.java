package io.kymo.captures;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** Where the decoders' rows come together; each gives whole lines. Thread-safe. */
final class Output {
  private final OutputStream out;
  private volatile boolean closed;

  Output(OutputStream out) {
    this.out = out;
  }

  synchronized void write(Text text) {
    write(text.bytes(), text.length());
    text.clear();
  }

  synchronized void write(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    write(bytes, bytes.length);
  }

  private void write(byte[] bytes, int length) {
    try {
      if (!closed) {
        out.write(bytes, 0, length);
      }
    } catch (IOException e) {
      closed = true;
    }
  }

  synchronized void flush() {
    try {
      out.flush();
    } catch (IOException e) {
      closed = true;
    }
  }

  /** True when nobody reads any more. */
  boolean closed() {
    return closed;
  }
}
