package io.kymo.acceptance;

import java.io.BufferedReader;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Client of {@link TcpServer}. Commands, one a line, each answered with "ok …" or "failed …":
 *
 * <pre>
 *   connect ADDRESS PORT TIMEOUT-MS    connects and closes; timeout 0: the system's
 *   bulk ADDRESS BYTES                 sends and receives, and keeps the connection
 *   release                            closes what bulk keeps
 *   reset ADDRESS PORT                 sends a byte, reads until the connection is reset
 *   abort ADDRESS PORT                 sends a byte, then resets the connection
 *   get ADDRESS PATH HOLD-MS           a request; the answer is read only after HOLD-MS
 *   late ADDRESS PATH                  a request to the server that reads late
 *   open ADDRESS                       an exchange on a connection that is kept
 *   give-up PATH MS                    a request on it, and its end if no answer comes in that time
 *   leave ADDRESS PATH MS              a request; leaves when nothing more comes in that time
 *   cut ADDRESS PATH                   a request to the server that resets within its answer
 *   break-off ADDRESS PATH MS          a request; reads a part, and after MS resets the connection
 *   gets ADDRESS PATH TIMES            requests one after another on one connection
 *   post ADDRESS PATH BYTES            a request with a body
 * </pre>
 */
public final class TcpClient {
  private static final int SMALL_BUFFER = 16 << 10;
  private static final List<Socket> KEPT = new ArrayList<>();

  private TcpClient() {}

  public static void main(String[] arguments) throws IOException {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    System.out.println("ready");
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split(" ");
      try {
        System.out.println("ok " + run(words));
      } catch (IOException e) {
        System.out.println("failed " + e.getMessage());
      }
    }
  }

  private static String run(String[] words) throws IOException {
    switch (words[0]) {
      case "connect" -> connect(words[1], number(words[2]), number(words[3]));
      case "bulk" -> bulk(words[1], number(words[2]));
      case "release" -> release();
      case "reset" -> reset(words[1], number(words[2]));
      case "abort" -> abort(words[1], number(words[2]));
      case "get" -> get(words[1], words[2], number(words[3]));
      case "late" -> late(words[1], words[2]);
      case "open" -> open(words[1]);
      case "give-up" -> giveUp(words[1], number(words[2]));
      case "leave" -> leave(words[1], words[2], number(words[3]));
      case "cut" -> cut(words[1], words[2]);
      case "break-off" -> breakOff(words[1], words[2], number(words[3]));
      case "gets" -> gets(words[1], words[2], number(words[3]));
      case "post" -> post(words[1], words[2], number(words[3]));
      default -> throw new IOException("no such command");
    }
    return "";
  }

  private static int number(String word) {
    return Integer.parseInt(word);
  }

  private static void connect(String address, int port, int timeoutMs) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(address, port), timeoutMs);
    }
  }

  private static void bulk(String address, int bytes) throws IOException {
    Socket socket = new Socket(address, TcpServer.BULK);
    KEPT.add(socket);
    DataOutputStream out = new DataOutputStream(socket.getOutputStream());
    out.writeInt(bytes);
    out.write(new byte[bytes]);
    socket.getInputStream().skipNBytes(bytes);
  }

  private static void release() throws IOException {
    for (Socket socket : KEPT) {
      socket.close();
    }
    KEPT.clear();
  }

  private static void reset(String address, int port) throws IOException {
    try (Socket socket = new Socket(address, port)) {
      socket.getOutputStream().write('x');
      untilReset(socket.getInputStream());
    }
  }

  private static void untilReset(InputStream in) throws IOException {
    try {
      in.transferTo(OutputStream.nullOutputStream());
      throw new IOException("read the end instead of a reset");
    } catch (IOException e) {
      if (!String.valueOf(e.getMessage()).startsWith("Connection reset")) {
        throw e;
      }
    }
  }

  private static void abort(String address, int port) throws IOException {
    try (Socket socket = new Socket(address, port)) {
      socket.getOutputStream().write('x');
      Stack.pause(100); // until the other end has read it
      socket.setSoLinger(true, 0);
    }
  }

  private static void get(String address, String path, int holdMs) throws IOException {
    try (Socket socket = new Socket()) {
      if (holdMs > 0) {
        socket.setReceiveBufferSize(SMALL_BUFFER);
      }
      socket.connect(new InetSocketAddress(address, TcpServer.HTTP));
      send(socket, "GET " + path + " HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
      Stack.pause(holdMs);
      socket.getInputStream().transferTo(OutputStream.nullOutputStream());
    }
  }

  private static void late(String address, String path) throws IOException {
    try (Socket socket = new Socket(address, TcpServer.LATE_READER)) {
      send(socket, "GET " + path + " HTTP/1.1\r\nHost: test\r\n\r\n");
      skipAnswer(socket.getInputStream());
    }
  }

  private static void open(String address) throws IOException {
    Socket socket = new Socket(address, TcpServer.HTTP);
    KEPT.add(socket);
    send(socket, "GET /fast/kept HTTP/1.1\r\nHost: test\r\n\r\n");
    skipAnswer(socket.getInputStream());
  }

  private static void giveUp(String path, int ms) throws IOException {
    Socket socket = KEPT.get(0);
    socket.setSoTimeout(ms);
    send(socket, "GET " + path + " HTTP/1.1\r\nHost: test\r\n\r\n");
    try {
      skipAnswer(socket.getInputStream());
      throw new IOException("an answer came");
    } catch (SocketTimeoutException e) {
      release();
    }
  }

  private static void leave(String address, String path, int ms) throws IOException {
    try (Socket socket = new Socket(address, TcpServer.HTTP)) {
      socket.setSoTimeout(ms);
      send(socket, "GET " + path + " HTTP/1.1\r\nHost: test\r\n\r\n");
      socket.getInputStream().transferTo(OutputStream.nullOutputStream());
      throw new IOException("the server closed the connection");
    } catch (SocketTimeoutException e) {
      // it has waited
    }
  }

  private static void cut(String address, String path) throws IOException {
    try (Socket socket = new Socket(address, TcpServer.CUTTING)) {
      send(socket, "GET " + path + " HTTP/1.1\r\nHost: test\r\n\r\n");
      untilReset(socket.getInputStream());
    }
  }

  private static void breakOff(String address, String path, int ms) throws IOException {
    try (Socket socket = new Socket(address, TcpServer.HTTP)) {
      send(socket, "GET " + path + " HTTP/1.1\r\nHost: test\r\n\r\n");
      socket.getInputStream().readNBytes(1_000);
      Stack.pause(ms);
      socket.setSoLinger(true, 0);
    }
  }

  private static void gets(String address, String path, int times) throws IOException {
    try (Socket socket = new Socket(address, TcpServer.HTTP)) {
      for (int i = 0; i < times; i++) {
        send(socket, "GET " + path + i + " HTTP/1.1\r\nHost: test\r\n\r\n");
        skipAnswer(socket.getInputStream());
      }
    }
  }

  /** The answer's head and its five bytes of body. */
  private static void skipAnswer(InputStream in) throws IOException {
    int matched = 0;
    while (matched < 4) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("the server closed the connection");
      }
      matched = next == "\r\n\r\n".charAt(matched) ? matched + 1 : next == '\r' ? 1 : 0;
    }
    in.skipNBytes(5);
  }

  private static void post(String address, String path, int bytes) throws IOException {
    try (Socket socket = new Socket(address, TcpServer.HTTP)) {
      send(
          socket,
          "POST "
              + path
              + " HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Length: "
              + bytes
              + "\r\n\r\n");
      socket.getOutputStream().write(new byte[bytes]);
      socket.getInputStream().transferTo(OutputStream.nullOutputStream());
    }
  }

  private static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }
}
