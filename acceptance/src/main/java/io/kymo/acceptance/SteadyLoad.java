package io.kymo.acceptance;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * HTTP requests at a steady rate over kept-alive connections, each for a path of its own,
 * /users/{connection}000000 counting up. Arguments: address, port, requests a second, seconds, and
 * a file that ends it earlier when it appears.
 */
public final class SteadyLoad {
  private static final int CONNECTIONS = 20;
  private static final byte[] END = "a user".getBytes(StandardCharsets.US_ASCII);

  private SteadyLoad() {}

  public static void main(String[] args) throws InterruptedException {
    long perConnection = Long.parseLong(args[2]) * Long.parseLong(args[3]) / CONNECTIONS;
    long gapNs = CONNECTIONS * 1_000_000_000L / Long.parseLong(args[2]);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < CONNECTIONS; i++) {
      long startNs = System.nanoTime() + gapNs * i / CONNECTIONS;
      Path stop = Path.of(args[4]);
      long first = i * 1_000_000L;
      threads.add(
          new Thread(
              () ->
                  run(
                      new InetSocketAddress(args[0], Integer.parseInt(args[1])),
                      first,
                      perConnection,
                      gapNs,
                      startNs,
                      stop)));
    }
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }
  }

  private static void run(
      InetSocketAddress server, long first, long requests, long gapNs, long startNs, Path stop) {
    byte[] buffer = new byte[4096];
    try (Socket socket = new Socket(server.getAddress(), server.getPort())) {
      socket.setTcpNoDelay(true);
      OutputStream out = socket.getOutputStream();
      InputStream in = socket.getInputStream();
      for (long i = 0; i < requests && !Files.exists(stop); i++) {
        long wait = startNs + i * gapNs - System.nanoTime();
        if (wait > 0) {
          LockSupport.parkNanos(wait);
        }
        out.write(
            ("GET /users/" + (first + i) + " HTTP/1.1\r\nHost: kymo\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
        for (int n = 0; !endsWith(buffer, n); ) {
          int read = in.read(buffer, n, buffer.length - n);
          if (read < 0) {
            throw new IOException("closed by the server");
          }
          n += read;
        }
      }
    } catch (IOException e) {
      System.err.println(e.getMessage());
      System.exit(1);
    }
  }

  private static boolean endsWith(byte[] buffer, int length) {
    for (int i = 0; i < END.length; i++) {
      if (length < END.length || buffer[length - END.length + i] != END[i]) {
        return false;
      }
    }
    return true;
  }
}
