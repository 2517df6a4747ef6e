package io.kymo.acceptance;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Servers for tests of TCP telemetry, until its standard input ends. */
public final class TcpServer {
  /** Reads a length and as many bytes, sends as many back, and waits for the end. */
  public static final int BULK = 17_701;

  /** Resets the connection when it has read a byte. */
  public static final int RESETTING = 17_702;

  /** Reads to the end. */
  public static final int QUIET = 17_703;

  /**
   * HTTP: /fast; /sleep answers after 300 ms; /large, /medium: 4 MiB, 256 KiB; /late reads the
   * request after 2.5 s; /stalled sends 100 of 1000 bytes, and closes the connection after 2.5 s.
   */
  public static final int HTTP = 17_704;

  /** HTTP: accepts at once, reads the request after 300 ms, answers at once. */
  public static final int LATE_READER = 17_705;

  /** HTTP: sends 3 of 1000 bytes, and resets the connection after 300 ms. */
  public static final int CUTTING = 17_706;

  /** Nobody listens. */
  public static final int CLOSED = 17_709;

  /** Nobody can be reached. */
  public static final int BLACK_HOLE = 17_710;

  static final int SLEEP_MS = 300;
  static final int HOLD_MS = 2_500;
  private static final int LARGE = 4 << 20;
  private static final int MEDIUM = 1 << 18;

  /** What is done with a connection; it is closed afterwards. */
  private interface Service {
    void serve(Socket socket) throws IOException;
  }

  private TcpServer() {}

  public static void main(String[] arguments) throws IOException {
    ExecutorService pool =
        Executors.newCachedThreadPool(
            task -> {
              Thread thread = new Thread(task);
              thread.setDaemon(true);
              return thread;
            });
    listen(pool, BULK, TcpServer::bulk);
    listen(pool, RESETTING, TcpServer::reset);
    listen(pool, QUIET, socket -> socket.getInputStream().transferTo(nowhere()));
    listen(pool, LATE_READER, TcpServer::late);
    listen(pool, CUTTING, TcpServer::cut);
    HttpServer http = HttpServer.create(new InetSocketAddress(HTTP), 0);
    http.createContext("/", TcpServer::answer);
    http.setExecutor(pool);
    http.start();
    System.out.println("ready");
    while (System.in.read() >= 0) {
      // until the test ends
    }
    System.exit(0);
  }

  private static java.io.OutputStream nowhere() {
    return java.io.OutputStream.nullOutputStream();
  }

  private static void listen(ExecutorService pool, int port, Service service) throws IOException {
    ServerSocket server = new ServerSocket(port);
    pool.execute(
        () -> {
          while (true) {
            try {
              Socket socket = server.accept();
              pool.execute(() -> serve(socket, service));
            } catch (IOException e) {
              throw new IllegalStateException(e);
            }
          }
        });
  }

  private static void serve(Socket socket, Service service) {
    try (socket) {
      service.serve(socket);
    } catch (IOException e) {
      // the other end reset it, as it was meant to
    }
  }

  private static void bulk(Socket socket) throws IOException {
    DataInputStream in = new DataInputStream(socket.getInputStream());
    int length = in.readInt();
    in.skipNBytes(length);
    socket.getOutputStream().write(new byte[length]);
    in.transferTo(nowhere());
  }

  private static void reset(Socket socket) throws IOException {
    int first = socket.getInputStream().read();
    socket.setSoLinger(first >= 0, 0);
  }

  private static void late(Socket socket) throws IOException {
    Stack.pause(SLEEP_MS);
    if (socket.getInputStream().read(new byte[1 << 10]) > 0) {
      socket
          .getOutputStream()
          .write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello".getBytes(US_ASCII));
    }
  }

  private static void cut(Socket socket) throws IOException {
    if (socket.getInputStream().read(new byte[1 << 10]) > 0) {
      socket
          .getOutputStream()
          .write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nabc".getBytes(US_ASCII));
      Stack.pause(SLEEP_MS);
      socket.setSoLinger(true, 0);
    }
  }

  private static void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    if (path.startsWith("/sleep")) {
      Stack.pause(SLEEP_MS);
    }
    if (path.startsWith("/late")) {
      Stack.pause(HOLD_MS);
    }
    try (InputStream body = exchange.getRequestBody()) {
      body.transferTo(nowhere());
    }
    if (path.startsWith("/stalled")) {
      stall(exchange);
      return;
    }
    int large = path.startsWith("/medium") ? MEDIUM : 5;
    byte[] answer = new byte[path.startsWith("/large") ? LARGE : large];
    exchange.sendResponseHeaders(200, answer.length);
    exchange.getResponseBody().write(answer);
    exchange.close();
  }

  private static void stall(HttpExchange exchange) throws IOException {
    exchange.sendResponseHeaders(200, 1_000);
    exchange.getResponseBody().write(new byte[100]);
    exchange.getResponseBody().flush();
    Stack.pause(HOLD_MS);
    exchange.close();
  }
}
