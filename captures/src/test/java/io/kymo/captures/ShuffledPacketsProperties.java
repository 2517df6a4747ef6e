package io.kymo.captures;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

/**
 * However a conversation is cut into packets, and in whatever order, how often and how overlapping
 * they come: it decodes to the same exchanges.
 */
class ShuffledPacketsProperties {
  private static final long TIME = 1_700_000_000_000_000_000L;
  private static final Pattern ROW =
      Pattern.compile(
          "\"exchange_id\":(\\d+).*\"operation\":\"(\\w+)\",\"resource\":\"([^\"]*)\".*\"status_code\":\"(\\d+)\".*\"request_bytes\":(\\d+),\"response_bytes\":(\\d+)");

  private record Piece(int from, int to) {}

  @Property(tries = 300)
  void decodesToTheSameExchanges(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 8) int exchanges,
      @ForAll @IntRange(min = 1, max = 400) int longestPiece,
      @ForAll @LongRange(min = 0, max = 0xffffffffL) long clientStart,
      @ForAll @LongRange(min = 0, max = 0xffffffffL) long serverStart) {
    List<String> requests = new ArrayList<>();
    List<String> responses = new ArrayList<>();
    Random random = new Random(seed);
    for (int i = 0; i < exchanges; i++) {
      requests.add(
          "POST /p" + i + " HTTP/1.1\r\nHost: a\r\nContent-Length: 300\r\n\r\n" + "q".repeat(300));
      int size = random.nextInt(900);
      responses.add(
          "HTTP/1.1 "
              + (i == 5 ? 503 : 200)
              + " OK\r\nContent-Length: "
              + size
              + "\r\n\r\n"
              + "r".repeat(size));
    }
    List<String> tidy = rows(capture(requests, responses, clientStart, serverStart, null, 100_000));
    assertThat(tidy).hasSize(exchanges);
    List<String> wild =
        rows(capture(requests, responses, clientStart, serverStart, random, longestPiece));
    assertThat(wild).isEqualTo(tidy);
  }

  private static byte[] capture(
      List<String> requests,
      List<String> responses,
      long clientStart,
      long serverStart,
      Random random,
      int longestPiece) {
    PcapWriter w = new PcapWriter(1);
    long time = TIME;
    w.packet(time, Packets.toServer(5_000, clientStart - 1, 0, Packets.SYN, ""));
    w.packet(
        ++time,
        Packets.toClient(5_000, serverStart - 1, clientStart, Packets.SYN | Packets.ACK, ""));
    long client = clientStart;
    long server = serverStart;
    for (int i = 0; i < requests.size(); i++) {
      String ask = requests.get(i);
      for (Piece p : pieces(ask.length(), random, longestPiece)) {
        String text = ask.substring(p.from, p.to);
        w.packet(++time, Packets.toServer(5_000, client + p.from, server, Packets.ACK, text));
      }
      client += ask.length();
      String answer = responses.get(i);
      for (Piece p : pieces(answer.length(), random, longestPiece)) {
        String text = answer.substring(p.from, p.to);
        w.packet(++time, Packets.toClient(5_000, server + p.from, client, Packets.ACK, text));
      }
      server += answer.length();
    }
    w.packet(++time, Packets.toServer(5_000, client, server, Packets.ACK | Packets.FIN, ""));
    w.packet(++time, Packets.toClient(5_000, server, client + 1, Packets.ACK | Packets.FIN, ""));
    return w.bytes();
  }

  /** All of it, in pieces; with a random source some come twice, overlap, or come early. */
  private static List<Piece> pieces(int length, Random random, int longest) {
    List<Piece> pieces = new ArrayList<>();
    for (int at = 0; at < length; ) {
      int to = Math.min(length, at + (random == null ? longest : 1 + random.nextInt(longest)));
      pieces.add(new Piece(at, to));
      if (random != null && random.nextInt(4) == 0) {
        pieces.add(new Piece(random.nextInt(at + 1), to));
      }
      at = to;
    }
    for (int i = 0; random != null && i + 1 < pieces.size(); i++) {
      int other = Math.min(pieces.size() - 1, i + random.nextInt(6));
      Piece kept = pieces.set(i, pieces.get(other));
      pieces.set(other, kept);
    }
    return pieces;
  }

  private static List<String> rows(byte[] capture) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    PrintStream messages = new PrintStream(err, true, StandardCharsets.UTF_8);
    String[] arguments = {"-", "--threads", "0"};
    assertThat(Decode.run(arguments, new ByteArrayInputStream(capture), out, messages)).isZero();
    assertThat(err.toString(StandardCharsets.UTF_8))
        .containsPattern("captured=(\\d+) = decoded=\\1 \\+ skipped=0 \\+ gaps=0 ");
    List<String> rows = new ArrayList<>();
    Matcher m = ROW.matcher(out.toString(StandardCharsets.UTF_8));
    while (m.find()) {
      rows.add(
          String.join(" ", m.group(1), m.group(2), m.group(3), m.group(4), m.group(5), m.group(6)));
    }
    return rows;
  }
}
