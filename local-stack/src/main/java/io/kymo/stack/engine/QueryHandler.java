package io.kymo.stack.engine;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.kymo.stack.engine.SqlText.Kind;
import java.io.ByteArrayInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Statements over HTTP, as ClickHouse's src/Server/HTTPHandler.cpp takes them: the text is the
 * parameter {@code query} followed by the body.
 */
final class QueryHandler implements HttpHandler {
  private static final Logger LOG = LoggerFactory.getLogger(QueryHandler.class);

  /** An INSERT's text up to its data must fit in; ClickHouse's default max_query_size. */
  private static final int HEAD_BYTES = 1 << 18;

  private static final int MAX_STATEMENT_BYTES = 1 << 22;

  /** Values up to this size are looked through for functions that read files. */
  private static final int VALUES_BYTES = 1 << 20;

  private static final int COPY_BYTES = 1 << 16;
  private static final int DEFAULT_BUFFER_BYTES = 1 << 20;
  private static final int MAX_BUFFER_BYTES = 1 << 23;

  private final ConnectionPool pool;
  private final Sessions sessions;
  private final ClientWatch watch;
  private final ExecutorService threads;
  private final String version;
  private final String timezone;

  private final Object ended = new Object();
  private int running;

  private final Semaphore permits;
  private final boolean externalSources;
  private volatile boolean stopping;

  /**
   * @param threads runs the engine's side of a query while the handler's thread writes the answer
   * @param maxConcurrent requests that are worked on at a time, so that memory is bounded
   * @param externalSources whether statements may use files
   */
  QueryHandler(
      ConnectionPool pool,
      Sessions sessions,
      ClientWatch watch,
      ExecutorService threads,
      int maxConcurrent,
      boolean externalSources)
      throws EngineException {
    this.pool = pool;
    this.sessions = sessions;
    this.watch = watch;
    this.threads = threads;
    this.permits = new Semaphore(maxConcurrent, true);
    this.externalSources = externalSources;
    this.version = pool.ask("SELECT version()");
    this.timezone = pool.ask("SELECT serverTimezone()");
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    if (!exchange.getRequestURI().getPath().equals("/")) {
      EngineServer.notFound(exchange);
      return;
    }
    synchronized (ended) {
      running++;
    }
    permits.acquireUninterruptibly();
    try {
      answer(exchange);
      exchange.close(); // not after an IOException: then the server breaks the connection
    } finally {
      permits.release();
      synchronized (ended) {
        running--;
        ended.notifyAll();
      }
    }
  }

  private void answer(HttpExchange exchange) throws IOException {
    Request request = new Request(exchange);
    boolean whole = request.flag("wait_end_of_query") || request.flag("http_wait_end_of_query");
    try (Response response = new Response(exchange, bufferBytes(request), whole)) {
      Headers headers = response.headers();
      headers.set("X-ClickHouse-Query-Id", request.queryId());
      headers.set("X-ClickHouse-Timezone", timezone);
      headers.set("X-ClickHouse-Server-Display-Name", "kymo");
      headers.set("Keep-Alive", "timeout=" + EngineServer.KEEP_ALIVE_S);
      try {
        run(exchange, request, response);
        response.finish();
      } catch (EngineException e) {
        EngineCounter.ERRORS.add(1);
        response.fail(e, version);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        response.fail(EngineException.of(236, "The server is stopping", "ABORTED"), version);
      } catch (IOException | RuntimeException e) {
        EngineCounter.ERRORS.add(1);
        LOG.debug("request {} failed", request.queryId(), e);
        if (response.sent()) {
          throw e;
        }
        response.fail(EngineException.of(String.valueOf(e.getMessage())), version);
      }
    }
  }

  /**
   * Answers all further requests with an error.
   *
   * @return whether the requests that were running ended within so many seconds
   */
  boolean stop(int seconds) throws InterruptedException {
    stopping = true;
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    synchronized (ended) {
      long left = end - System.nanoTime();
      while (running > 0 && left > 0) {
        TimeUnit.NANOSECONDS.timedWait(ended, left);
        left = end - System.nanoTime();
      }
      return running == 0;
    }
  }

  private static int bufferBytes(Request request) {
    try {
      int asked =
          Integer.parseInt(
              request.value("buffer_size", request.value("http_response_buffer_size", "0")));
      return asked <= 0 ? DEFAULT_BUFFER_BYTES : Math.min(asked, MAX_BUFFER_BYTES);
    } catch (NumberFormatException e) {
      return DEFAULT_BUFFER_BYTES;
    }
  }

  private void run(HttpExchange exchange, Request request, Response response)
      throws EngineException, IOException, InterruptedException {
    if (stopping) {
      throw EngineException.of(236, "The server is stopping", "ABORTED");
    }
    if (BrowserGuard.foreign(exchange.getRequestHeaders())) {
      throw EngineException.of(497, "Web pages of other sites have no access", "ACCESS_DENIED");
    }
    InputStream in = text(exchange, request);
    byte[] head = in.readNBytes(HEAD_BYTES);
    boolean insert = SqlText.startsWithInsert(head, head.length);
    if (!insert && head.length == HEAD_BYTES) {
      byte[] rest = bounded(in);
      head = Arrays.copyOf(head, HEAD_BYTES + rest.length);
      System.arraycopy(rest, 0, head, HEAD_BYTES, rest.length);
    }
    SqlText text = SqlText.of(head, head.length);
    if (text.kind() == Kind.EMPTY && request.mayOnlyRead()) {
      response.write("Ok.\n".getBytes(StandardCharsets.US_ASCII));
      return;
    }
    EngineCounter.QUERIES.add(1);
    refuse(text, request);
    try (Lease lease = sessions.enter(request)) {
      EngineConnection connection = lease.connection();
      lease.useDatabase(request.database());
      lease.apply(request.settings());
      int client = exchange.getRemoteAddress().getPort();
      watch.begin(client, () -> kill(connection));
      try {
        switch (text.kind()) {
          case INSERT -> insert(request, response, lease, text, in);
          case SELECT -> select(request, response, lease, text);
          default -> other(request, response, lease, text);
        }
      } catch (EngineException | IOException e) {
        lease.failed();
        throw e;
      } finally {
        watch.end(client);
      }
    }
  }

  /** What must be in memory as a whole. */
  private static byte[] bounded(InputStream in) throws IOException, EngineException {
    byte[] bytes = in.readNBytes(MAX_STATEMENT_BYTES + 1);
    if (bytes.length > MAX_STATEMENT_BYTES) {
      throw EngineException.of(
          229, "Query is larger than " + MAX_STATEMENT_BYTES + " bytes", "QUERY_IS_TOO_LARGE");
    }
    return bytes;
  }

  private static InputStream text(HttpExchange exchange, Request request)
      throws EngineException, IOException {
    InputStream body = exchange.getRequestBody();
    String length = request.header("Content-Length", "");
    boolean chunked = !request.header("Transfer-Encoding", "").isEmpty();
    if (!length.equals("0") && (chunked || !length.isEmpty())) {
      body = ContentCoding.of(request.header("Content-Encoding", "")).decode(body);
      body = request.flag("decompress") ? NativeBlocks.decompress(body) : body;
    }
    if (request.query().isEmpty()) {
      return body;
    }
    byte[] query = (request.query() + "\n").getBytes(StandardCharsets.UTF_8);
    return new SequenceInputStream(new ByteArrayInputStream(query), body);
  }

  private void refuse(SqlText text, Request request) throws EngineException {
    if (text.kind() == Kind.EMPTY) {
      throw EngineException.of(62, "Syntax error: Empty query", "SYNTAX_ERROR");
    }
    if (text.kind() == Kind.INTO_OUTFILE) {
      throw EngineException.of(358, "INTO OUTFILE is not allowed", "INTO_OUTFILE_NOT_ALLOWED");
    }
    if (text.kind() == Kind.SHUTDOWN) {
      throw EngineException.of(
          497, "Not enough privileges: ./kymo down ends this engine", "ACCESS_DENIED");
    }
    int head = text.kind() == Kind.INSERT ? text.headEnd() : text.end();
    boolean named = request.parameters().containsValue("file"); // as {name:Identifier}
    if (!externalSources && (named || SqlText.readsFiles(text.text(), head))) {
      throw filesDenied();
    }
    if (text.kind() == Kind.INSERT && request.mayOnlyRead()) {
      throw readOnly();
    }
  }

  private static EngineException filesDenied() {
    return EngineException.of(
        497,
        "Not enough privileges: the name file is not allowed with external.sources=false",
        "ACCESS_DENIED");
  }

  private static EngineException readOnly() {
    return EngineException.of(
        164,
        "Cannot execute query in readonly mode. For queries over HTTP, method GET implies"
            + " readonly. You should use method POST for modifying queries",
        "READONLY");
  }

  /** Refuses several statements, and with GET those that change something. */
  private static void check(Request request, Lease lease, SqlText text) throws EngineException {
    byte[] statement = text.statement();
    EngineConnection connection = lease.connection();
    if (text.several()) {
      connection.requireSingle(text.text());
    }
    boolean only =
        request.mayOnlyRead() || !request.settings().getOrDefault("readonly", "0").equals("0");
    if (only && !connection.readOnly(statement) && !connection.sessionOnly(statement)) {
      throw readOnly();
    }
  }

  private void insert(
      Request request, Response response, Lease lease, SqlText text, InputStream rest)
      throws EngineException, IOException {
    EngineCounter.INSERTS.add(1);
    EngineConnection connection = lease.connection();
    int from = text.dataAt() < 0 ? text.text().length : text.dataAt();
    InputStream data =
        new SequenceInputStream(
            new ByteArrayInputStream(text.text(), from, text.text().length - from), rest);
    String format = text.format();
    if (format == null) {
      format = request.value("default_format", request.header("X-ClickHouse-Format", "Values"));
    }
    boolean values = format.equalsIgnoreCase("Values");
    if (values && !externalSources) {
      data = withoutFiles(data, lease);
    }
    Statistics statistics;
    if (values && !request.parameters().isEmpty()) {
      // Values are expressions, which see parameters only while the whole statement runs.
      byte[] tail = bounded(data);
      byte[] whole = Arrays.copyOf(text.text(), from + tail.length);
      System.arraycopy(tail, 0, whole, from, tail.length);
      try (Result result = connection.query(whole, "Null", request.parameters())) {
        statistics = result.statistics();
      }
    } else {
      statistics = connection.insert(text.head(), format, request.parameters(), data);
    }
    EngineCounter.ROWS_WRITTEN.add(statistics.writtenRows());
    response.headers().set("Content-Type", "text/plain; charset=UTF-8");
    response.setStatistics(statistics);
  }

  /** Values may be expressions: of large ones only literals are taken, small ones are read. */
  private static InputStream withoutFiles(InputStream data, Lease lease)
      throws IOException, EngineException {
    byte[] begin = data.readNBytes(VALUES_BYTES);
    if (begin.length == VALUES_BYTES) {
      lease.apply(Map.of("input_format_values_interpret_expressions", "0"));
    } else if (SqlText.readsFiles(begin, begin.length)) {
      throw filesDenied();
    }
    return new SequenceInputStream(new ByteArrayInputStream(begin), data);
  }

  private void other(Request request, Response response, Lease lease, SqlText text)
      throws EngineException, IOException {
    check(request, lease, text);
    byte[] statement = text.statement();
    EngineConnection connection = lease.connection();
    if (!connection.readOnly(statement)) {
      lease.dirty();
    }
    try (Result result =
        connection.query(statement, request.defaultFormat(), request.parameters())) {
      response.setStatistics(result.statistics());
      EngineCounter.RESULT_BYTES.add(result.length());
      try (OutputStream out = encoded(request, response, text, result.length() > 0)) {
        result.writeTo(out);
      }
    }
  }

  private void select(Request request, Response response, Lease lease, SqlText text)
      throws EngineException, IOException, InterruptedException {
    check(request, lease, text);
    EngineConnection connection = lease.connection();
    try (Pipe pipe = new Pipe()) {
      byte[] statement = text.intoFile(pipe.name());
      Future<Statistics> running =
          threads.submit(
              () -> {
                try (Result result =
                    connection.query(statement, request.defaultFormat(), request.parameters())) {
                  return result.statistics();
                } finally {
                  pipe.closeWriteEnd();
                }
              });
      IOException gone = null;
      try (OutputStream out = encoded(request, response, text, true)) {
        gone = copy(pipe.reader(), out, connection);
        response.setStatistics(await(running, connection, text));
      }
      if (gone != null) {
        throw gone;
      }
    }
  }

  /** Returns the error of writing, after the statement was made to end and the pipe is empty. */
  private IOException copy(InputStream in, OutputStream out, EngineConnection connection)
      throws IOException {
    byte[] buffer = new byte[COPY_BYTES];
    IOException gone = null;
    int n;
    while ((n = in.read(buffer)) > 0) {
      EngineCounter.RESULT_BYTES.add(n);
      if (gone == null) {
        try {
          out.write(buffer, 0, n);
        } catch (IOException e) {
          gone = e;
          kill(connection);
        }
      }
    }
    return gone;
  }

  private static Statistics await(
      Future<Statistics> running, EngineConnection connection, SqlText text)
      throws EngineException, InterruptedException {
    try {
      return running.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof EngineException failure) {
        if (failure.code() == EngineException.SYNTAX_ERROR) {
          connection.requireSingle(text.text()); // the same error, without our INTO OUTFILE in it
        }
        throw failure;
      }
      throw EngineException.of(String.valueOf(e.getCause()));
    }
  }

  private void kill(EngineConnection connection) {
    EngineCounter.CANCELLED.add(1);
    try {
      pool.kill(connection);
    } catch (EngineException e) {
      LOG.warn("cannot end a statement whose client has gone: {}", e.getMessage());
    }
  }

  /** The chain from the engine's bytes to the response; closing it leaves the response open. */
  private static OutputStream encoded(
      Request request, Response response, SqlText text, boolean anything) throws IOException {
    String format = text.format() == null ? request.defaultFormat() : text.format();
    Headers headers = response.headers();
    headers.set("X-ClickHouse-Format", format);
    headers.set("Content-Type", Formats.contentType(format));
    OutputStream out = new Unclosed(response);
    if (!anything) {
      return out;
    }
    if (!request.value("enable_http_compression", "1").equals("0")) {
      ContentCoding coding = ContentCoding.accepted(request.header("Accept-Encoding", ""));
      if (coding != ContentCoding.IDENTITY) {
        headers.set("Content-Encoding", coding.id());
        out = coding.encode(out);
      }
    }
    return request.flag("compress") ? NativeBlocks.compress(out) : out;
  }

  private static final class Unclosed extends FilterOutputStream {
    Unclosed(OutputStream out) {
      super(out);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
    }

    @Override
    public void close() {}
  }
}
