package io.kymo.processor.topology;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** {@link Source}s in their changelog. */
final class SourceCodec implements StateCodec<SourceKey, Source> {
  @Override
  public byte[] keyBytes(SourceKey key) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    try {
      writeKey(key, out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  @Override
  public SourceKey key(byte[] bytes) {
    try {
      return readKey(new DataInputStream(new ByteArrayInputStream(bytes)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public byte[] valueBytes(Source source) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    try {
      writeKey(source.key(), out);
      source.save(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  @Override
  public Source value(byte[] bytes) {
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
    try {
      return Source.load(readKey(in), in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void writeKey(SourceKey key, DataOutputStream out) throws IOException {
    out.writeUTF(key.node());
    out.writeUTF(key.bootId());
  }

  private static SourceKey readKey(DataInputStream in) throws IOException {
    return new SourceKey(in.readUTF(), in.readUTF());
  }
}
