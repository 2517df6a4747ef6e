package io.kymo.captures;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Where the decoders' rows come together; each gives whole lines. Thread-safe. */
final class Output {
  private final OutputStream out;
  private volatile boolean closed;
  private volatile String failure = "";

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
      close(e);
    }
  }

  synchronized void flush() {
    try {
      if (!closed) {
        out.flush();
      }
    } catch (IOException e) {
      close(e);
    }
  }

  private void close(IOException e) {
    String why = e.getMessage() == null ? e.toString() : e.getMessage();
    if (!why.toLowerCase(Locale.ROOT).contains("broken pipe")) { // EPIPE: enough was read
      failure = why;
    }
    closed = true;
  }

  /** True when nothing more can be written. */
  boolean closed() {
    return closed;
  }

  /** Why rows are missing; empty when none are, or when nobody wants to read more. */
  String failure() {
    return failure;
  }
}
