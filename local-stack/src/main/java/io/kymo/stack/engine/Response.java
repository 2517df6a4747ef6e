package io.kymo.stack.engine;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * The answer to one request. What is written is held back until the buffer is full, so that an
 * error that comes early enough still gets its own status; an error that comes later ends the body
 * with ClickHouse's exception block and the connection without its last chunk.
 */
final class Response extends OutputStream {
  private static final String TAG_HEADER = "X-ClickHouse-Exception-Tag";
  private static final int DRAINED_BYTES = 1 << 20;

  private final HttpExchange exchange;
  private final Spool spool;
  private final String exceptionTag = UUID.randomUUID().toString().substring(0, 16);
  private Statistics statistics = Statistics.NONE;
  private OutputStream body;

  /**
   * @param bufferBytes held back
   * @param whole hold back everything, on disk what is beyond the buffer
   */
  Response(HttpExchange exchange, int bufferBytes, boolean whole) {
    this.exchange = exchange;
    this.spool = new Spool(bufferBytes, whole);
  }

  Headers headers() {
    return exchange.getResponseHeaders();
  }

  /** Shown in the headers, if they have not been sent. */
  void setStatistics(Statistics statistics) {
    this.statistics = statistics;
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    if (body == null && !spool.offer(bytes, offset, length)) {
      headers().set(TAG_HEADER, exceptionTag);
      send(200, 0);
      spool.drainTo(body);
    }
    if (body != null) {
      body.write(bytes, offset, length);
    }
  }

  /** Does nothing: what is held back stays so. */
  @Override
  public void flush() {}

  /** Ends a good answer. */
  void finish() throws IOException {
    if (body == null) {
      send(200, spool.size() == 0 ? -1 : spool.size());
      spool.drainTo(body);
    }
    body.close();
  }

  /**
   * Ends the answer with an error.
   *
   * @throws IOException also when the headers were sent: the connection must break, so that the
   *     client does not take the body for whole
   */
  void fail(EngineException error, String version) throws IOException {
    String suffix = " (version " + version + ")";
    String message = error.getMessage();
    String text = (message.endsWith(suffix) ? message : message + suffix) + "\n";
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (body == null) {
      Headers headers = headers();
      headers.remove("Content-Encoding");
      headers.remove("X-ClickHouse-Format");
      headers.set("X-ClickHouse-Exception-Code", String.valueOf(error.code()));
      headers.set("Content-Type", "text/plain; charset=UTF-8");
      if (!drained()) {
        headers.set("Connection", "close"); // before the client reuses it in vain
      }
      send(error.httpStatus(), bytes.length);
      body.write(bytes);
      body.close();
      return;
    }
    String tail = bytes.length + " " + exceptionTag;
    String block =
        "\r\n__exception__\r\n" + exceptionTag + "\r\n" + text + tail + "\r\n__exception__\r\n";
    body.write(block.getBytes(StandardCharsets.UTF_8));
    body.flush();
    throw new IOException("the query failed after the headers: " + error.getMessage());
  }

  /** Reads some of what the client still sends; false when that was not all of it. */
  private boolean drained() {
    try { // not skip: that goes past the body's end
      return exchange.getRequestBody().readNBytes(DRAINED_BYTES).length < DRAINED_BYTES;
    } catch (IOException e) {
      return false;
    }
  }

  boolean sent() {
    return body != null;
  }

  private void send(int status, long length) throws IOException {
    headers().set("X-ClickHouse-Summary", statistics.json());
    exchange.sendResponseHeaders(status, length);
    body = exchange.getResponseBody();
  }

  @Override
  public void close() throws IOException {
    spool.close();
  }
}
