package io.kymo.captures;

import static io.kymo.captures.Packets.ACK;
import static io.kymo.captures.Packets.FIN;
import static io.kymo.captures.Packets.RST;
import static io.kymo.captures.Packets.SYN;
import static io.kymo.captures.Packets.toClient;
import static io.kymo.captures.Packets.toServer;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kymo.schemas.ClientEndpoint;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DecodeTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long TIME = 1_700_000_000_000_000_000L;
  private static final long MS = 1_000_000;
  private static final String ASK = "GET /users/42?token=secret HTTP/1.1\r\nHost: shop\r\n\r\n";
  private static final String ANSWER = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
  private static final String MISSING = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";

  @TempDir Path directory;
  private String messages = "";
  private String output = "";
  private int exit;

  private List<JsonNode> decode(InputStream in, String... arguments) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    exit = Decode.run(arguments, in, out, new PrintStream(err, true, StandardCharsets.UTF_8));
    messages = err.toString(StandardCharsets.UTF_8);
    output = out.toString(StandardCharsets.UTF_8);
    List<JsonNode> rows = new ArrayList<>();
    for (String line : output.split("\n")) {
      if (line.startsWith("{")) {
        rows.add(JSON.readTree(line));
      }
    }
    rows.sort(Comparator.comparing(row -> row.get("time").asText()));
    return rows;
  }

  private List<JsonNode> decode(byte[] file) throws IOException {
    return decode(new ByteArrayInputStream(file), "-", "--node", "n");
  }

  private static PcapWriter connection(PcapWriter w, long time, int port) {
    long ack = 500L + ANSWER.length();
    return w.packet(time, toServer(port, 99, 0, SYN, ""))
        .packet(time + MS, toClient(port, 499, 100, SYN | ACK, ""))
        .packet(time + 2 * MS, toServer(port, 100, 500, ACK, ASK))
        .packet(time + 5 * MS, toClient(port, 500, 100 + ASK.length(), ACK, ANSWER))
        .packet(time + 6 * MS, toServer(port, 100 + ASK.length(), ack, FIN | ACK, ""))
        .packet(time + 7 * MS, toClient(port, ack, 101 + ASK.length(), FIN | ACK, ""));
  }

  private void balances() {
    Matcher m =
        Pattern.compile(
                "captured=(\\d+) = decoded=(\\d+) \\+ skipped=(\\d+) \\+ gaps=(\\d+) \\+ truncated=(\\d+) \\+ opaque=(\\d+)\n")
            .matcher(messages);
    assertThat(m.find()).as(messages).isTrue();
    long sum = 0;
    for (int i = 2; i <= 6; i++) {
      sum += Long.parseLong(m.group(i));
    }
    assertThat(sum).isEqualTo(Long.parseLong(m.group(1)));
  }

  @Test
  void anExchangeHasTheColumnsOfTableRequests() throws IOException {
    List<JsonNode> rows = decode(connection(new PcapWriter(1), TIME, 40_000).bytes());
    assertThat(exit).as(messages).isZero();
    assertThat(rows).hasSize(1);
    JsonNode row = rows.get(0);
    assertThat(row.get("time").asText()).isEqualTo("2023-11-14 22:13:20.002000000");
    assertThat(row.get("duration_ns").asLong()).isEqualTo(3 * MS);
    assertThat(row.get("protocol").asText()).isEqualTo("http");
    assertThat(row.get("observed_at").asText()).isEqualTo("server");
    assertThat(row.get("operation").asText()).isEqualTo("GET");
    assertThat(row.get("status").asText()).isEqualTo("ok");
    assertThat(row.get("request_bytes").asInt()).isEqualTo(ASK.length());
    assertThat(row.get("response_bytes").asInt()).isEqualTo(ANSWER.length());
    assertThat(row.get("client_address").asText()).isEqualTo("10.0.0.1");
    assertThat(row.get("client_port").asInt()).isEqualTo(40_000);
    assertThat(row.get("server_address").asText()).isEqualTo("10.0.0.2");
    assertThat(row.get("server_port").asInt()).isEqualTo(80);
    assertThat(row.get("server_node").asText()).isEqualTo("n");
    long endpoint = ClientEndpoint.ofAddress(ByteBuffer.wrap(Packets.CLIENT), 40_000, "");
    assertThat(row.get("exchange_id").bigIntegerValue().longValue())
        .isEqualTo(ClientEndpoint.exchangeId(endpoint, 100));
    assertThat(output).doesNotContain("secret");
    TreeSet<String> names = new TreeSet<>();
    row.fieldNames().forEachRemaining(names::add);
    assertThat(names).isEqualTo(columns());
    assertThat(messages).contains("exchanges  all=1 http=1");
    balances();
  }

  @Test
  void theHandshakeThatPostgresGrantsIsARowOfTls() throws IOException {
    String hello = "\26\3\1\0\55\1\0\0\51\3\3" + "r".repeat(32) + "\0\0\2\0\57\1\0";
    int port = 40_000;
    byte[] file =
        new PcapWriter(1)
            .packet(TIME, toServer(port, 99, 0, SYN, ""))
            .packet(TIME + MS, toClient(port, 499, 100, SYN | ACK, ""))
            .packet(TIME + 2 * MS, toServer(port, 100, 500, ACK, "\0\0\0\10\4\u00d2\26/"))
            .packet(TIME + 3 * MS, toClient(port, 500, 108, ACK, "S"))
            .packet(TIME + 4 * MS, toServer(port, 108, 501, ACK, hello))
            .packet(TIME + 5 * MS, toClient(port, 501, 158, ACK, "\25\3\3\0\2\2\50"))
            .bytes();
    List<JsonNode> rows = decode(file);
    assertThat(rows).hasSize(1);
    assertThat(rows.get(0).get("protocol").asText()).isEqualTo("tls");
    assertThat(rows.get(0).get("error_type").asText()).isEqualTo("handshake_failure");
    assertThat(messages).contains("exchanges  all=1 tls=1");
    balances();
  }

  /** Of table requests, but for those of Kafka. */
  private static Set<String> columns() throws IOException {
    String sql;
    try (InputStream in = DecodeTest.class.getResourceAsStream("/clickhouse/0001-tables.sql")) {
      sql = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    String table = sql.substring(sql.indexOf("requests\n("), sql.indexOf("    INDEX"));
    TreeSet<String> names = new TreeSet<>();
    Matcher m = Pattern.compile("\n    ([a-z_]+) ").matcher(table);
    while (m.find()) {
      names.add(m.group(1));
    }
    names.remove("kafka_partition");
    names.remove("kafka_offset");
    assertThat(names).hasSizeGreaterThan(40);
    return names;
  }

  @Test
  void severalThreadsAndNoneFindTheSame() throws IOException {
    PcapWriter w = new PcapWriter(1);
    for (int i = 0; i < 3_000; i++) {
      connection(w, TIME + i * 10L * MS, 1024 + i);
    }
    byte[] file = w.bytes();
    List<List<String>> found = new ArrayList<>();
    for (String threads : List.of("0", "1", "3")) {
      List<JsonNode> rows =
          decode(new ByteArrayInputStream(file), "-", "--threads", threads, "--boot-id", "b");
      assertThat(rows).hasSize(3_000);
      found.add(rows.stream().map(r -> r.get("exchange_id") + " " + r.get("client_port")).toList());
    }
    assertThat(found.get(1)).isEqualTo(found.get(0));
    assertThat(found.get(2)).isEqualTo(found.get(0));
  }

  @Test
  void theClientOfAConnectionWithoutBeginningIsKnownFromTheProtocol() throws IOException {
    // the ports say the contrary: the server's is the higher one
    PcapWriter w = new PcapWriter(101);
    byte[] ask = Packets.tcp(99, 8080, 7, 9, ACK, Packets.text(ASK));
    byte[] answer = Packets.tcp(8080, 99, 9, 7 + ASK.length(), ACK, Packets.text(ANSWER));
    w.packet(TIME, Packets.ip4(Packets.CLIENT, Packets.SERVER, 6, ask));
    w.packet(TIME + MS, Packets.ip4(Packets.SERVER, Packets.CLIENT, 6, answer));
    List<JsonNode> rows = decode(w.bytes());
    assertThat(rows).hasSize(1);
    assertThat(rows.get(0).get("client_port").asInt()).isEqualTo(99);
    assertThat(rows.get(0).get("server_port").asInt()).isEqualTo(8080);
  }

  @Test
  void snapLengthMakesTruncatedExchanges() throws IOException {
    PcapWriter w = new PcapWriter(1, ByteOrder.LITTLE_ENDIAN, true, 54 + ASK.length());
    String large = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + "x".repeat(1_000);
    w.packet(TIME, toServer(1_000, 99, 0, SYN, ""))
        .packet(TIME, toClient(1_000, 499, 100, SYN | ACK, ""))
        .packet(TIME, toServer(1_000, 100, 500, ACK, ASK))
        .packet(TIME, toClient(1_000, 500, 100 + ASK.length(), ACK, large));
    List<JsonNode> rows = decode(w.bytes());
    assertThat(rows).hasSize(1);
    assertThat(rows.get(0).get("status").asText()).isEqualTo("ok");
    assertThat(rows.get(0).get("response_bytes").asInt()).isEqualTo(large.length());
    assertThat(messages)
        .contains("truncated=" + (large.length() - ASK.length()) + " ")
        .contains("hint       1 packets were cut as they were recorded", "tcpdump -s 0")
        .contains("gaps=0");
    balances();
  }

  @Test
  void lostBytesAreGapsAndTheNextExchangeIsFound() throws IOException {
    PcapWriter w = new PcapWriter(1);
    long client = 100;
    long server = 500;
    w.packet(TIME, toServer(1_000, 99, 0, SYN, ""));
    w.packet(TIME, toClient(1_000, 499, 100, SYN | ACK, ""));
    for (int i = 0; i < 5; i++) {
      long at = TIME + i * 2_000L * MS;
      w.packet(at, toServer(1_000, client, server, ACK, ASK));
      client += ASK.length();
      // the third answer was not captured: whose the next one is can no longer be told
      if (i != 2) {
        w.packet(at + MS, toClient(1_000, server, client, ACK, i == 4 ? MISSING : ANSWER));
      }
      server += ANSWER.length();
    }
    List<JsonNode> rows = decode(w.bytes());
    assertThat(messages).contains("gaps=" + ANSWER.length() + " ");
    assertThat(rows.stream().map(r -> r.get("status").asText()))
        .containsExactly("ok", "ok", "unknown", "unknown", "client_error");
    for (JsonNode row : rows.subList(2, 4)) {
      assertThat(row.get("error_type").asText()).isEqualTo("capture_gap");
    }
    balances();
  }

  @Test
  void whereOnlyOneDirectionWasCapturedTheAnswersAreUnknown() throws IOException {
    PcapWriter w = new PcapWriter(1);
    long client = 100;
    long server = 500;
    w.packet(TIME, toServer(1_000, 99, 0, SYN, ""));
    w.packet(TIME + MS, toServer(1_000, client, server, ACK, ""));
    for (int i = 0; i < 3; i++) {
      long at = TIME + (2 + 10L * i) * MS;
      w.packet(at, toServer(1_000, client, server, ACK, ASK));
      client += ASK.length();
      server += ANSWER.length();
      w.packet(at + MS, toServer(1_000, client, server, ACK, ""));
    }
    w.packet(TIME + 5_000 * MS, toServer(1_000, client, server, ACK, ASK)); // not answered
    w.packet(TIME + 6_000 * MS, toServer(1_000, client + ASK.length(), server, FIN | ACK, ""));
    List<JsonNode> rows = decode(w.bytes());
    assertThat(
            rows.stream().map(r -> r.get("status").asText() + " " + r.get("error_type").asText()))
        .containsExactly(
            "unknown capture_gap",
            "unknown capture_gap",
            "unknown capture_gap",
            "connection_closed connection_closed");
    assertThat(messages).contains("gaps=" + 3 * ANSWER.length() + " ");
    balances();
  }

  @Test
  void anAnswerThatAResetCut() throws IOException {
    PcapWriter w = new PcapWriter(1);
    String part = ANSWER.substring(0, ANSWER.length() - 2);
    w.packet(TIME, toServer(1_000, 99, 0, SYN, ""))
        .packet(TIME, toClient(1_000, 499, 100, SYN | ACK, ""))
        .packet(TIME, toServer(1_000, 100, 500, ACK, ASK))
        .packet(TIME + MS, toClient(1_000, 500, 100 + ASK.length(), ACK, part))
        .packet(TIME + 2 * MS, toClient(1_000, 500 + part.length(), 0, RST, ""));
    List<JsonNode> rows = decode(w.bytes());
    assertThat(rows).hasSize(1);
    assertThat(rows.get(0).get("status").asText()).isEqualTo("reset");
    assertThat(rows.get(0).get("error_type").asText()).isEqualTo("reset");
    assertThat(rows.get(0).get("status_code").asText()).isEqualTo("200");
    assertThat(rows.get(0).get("response_bytes").asInt()).isEqualTo(part.length());
    balances();
  }

  @Test
  void aQuestionOverUdp() throws IOException {
    String query = "000b 0100 0001 0000 0000 0000 04 73686f70 02 6575 00 0001 0001";
    String answer =
        "000b 8180 0001 0001 0000 0000 04 73686f70 02 6575 00 0001 0001 c00c 0001 0001 0000003c 0004 0a000007";
    PcapWriter w = new PcapWriter(101);
    w.packet(
        TIME,
        Packets.ip6(
            Packets.CLIENT_6, Packets.SERVER_6, 17, Packets.udp(4_000, 53, Packets.hex(query))));
    w.packet(
        TIME + MS,
        Packets.ip6(
            Packets.SERVER_6, Packets.CLIENT_6, 17, Packets.udp(53, 4_000, Packets.hex(answer))));
    List<JsonNode> rows = decode(w.bytes());
    assertThat(rows).hasSize(1);
    assertThat(rows.get(0).get("protocol").asText()).isEqualTo("dns");
    assertThat(rows.get(0).get("transport").asText()).isEqualTo("udp");
    assertThat(rows.get(0).get("client_address").asText()).isEqualTo("fd00::1");
    assertThat(rows.get(0).get("status").asText()).isEqualTo("ok");
    balances();
  }

  @Test
  void filesThatFollowEachOtherAreOneCapture() throws IOException {
    byte[] all = connection(new PcapWriter(1), TIME, 4_000).bytes();
    int cut = 24 + 3 * 16 + 2 * 54 + 54 + ASK.length();
    Path first = Files.write(directory.resolve("a2.pcap"), Arrays.copyOf(all, cut));
    Path second =
        directory.resolve("a1.pcap"); // by their names they would come the other way round
    Files.write(
        second, Packets.join(Arrays.copyOf(all, 24), Arrays.copyOfRange(all, cut, all.length)));
    InputStream none = InputStream.nullInputStream();
    List<JsonNode> rows = decode(none, second.toString(), first.toString());
    assertThat(exit).as(messages).isZero();
    assertThat(rows).hasSize(1);
    assertThat(rows.get(0).get("status").asText()).isEqualTo("ok");
    assertThat(rows.get(0).get("server_node").asText()).isEqualTo("a1.pcap");
  }

  @Test
  void whatCanNotBeReadIsNamedAndTheOthersAreDecoded() throws IOException {
    byte[] good = connection(new PcapWriter(1), TIME, 4_000).bytes();
    Path whole = Files.write(directory.resolve("whole.pcap"), good);
    Path cut = Files.write(directory.resolve("cut.pcap"), Arrays.copyOf(good, good.length - 1));
    Path other = Files.write(directory.resolve("other.txt"), Packets.text("no capture"));
    String missing = directory.resolve("missing.pcap").toString();
    InputStream none = InputStream.nullInputStream();
    Path socket = directory.resolve("socket"); // root may read everything but this
    ServerSocketChannel.open(StandardProtocolFamily.UNIX)
        .bind(UnixDomainSocketAddress.of(socket))
        .close();
    List<JsonNode> rows =
        decode(
            none, missing, socket.toString(), other.toString(), cut.toString(), whole.toString());
    assertThat(exit).isEqualTo(1);
    assertThat(rows).hasSize(2);
    assertThat(messages)
        .contains("missing.pcap: no such file")
        .contains("socket: No such device or address")
        .contains("other.txt: is neither pcap nor pcapng")
        .contains(
            "cut.pcap: at byte " + (good.length - 70) + ": the file ends in the middle of a packet")
        .contains("passed_over=69");
  }

  /** A place that takes nothing. */
  private int decodeTo(String error) {
    OutputStream full =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException(error);
          }
        };
    byte[] file = connection(new PcapWriter(1), TIME, 4_000).bytes();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    PrintStream to = new PrintStream(err, true, StandardCharsets.UTF_8);
    int code = Decode.run(new String[] {"-"}, new ByteArrayInputStream(file), full, to);
    messages = err.toString(StandardCharsets.UTF_8);
    return code;
  }

  @Test
  void rowsThatCanNotBeWrittenAreAnError() {
    assertThat(decodeTo("No space left on device")).isEqualTo(1);
    assertThat(messages).isEqualTo("kymo decode: cannot write: No space left on device\n");
    assertThat(decodeTo("Broken pipe")).isZero();
    assertThat(messages).doesNotContain("cannot write");
  }

  @Test
  void wrongUse() throws IOException {
    decode(InputStream.nullInputStream());
    assertThat(exit).isEqualTo(2);
    decode(InputStream.nullInputStream(), "--format", "xml", "-");
    assertThat(exit).isEqualTo(2);
    assertThat(messages).contains("JSON, TABLE");
    decode(InputStream.nullInputStream(), "--threads", "-1", "-");
    assertThat(exit).isEqualTo(2);
    assertThat(messages).contains("--threads -1: 0 or more");
    decode(InputStream.nullInputStream(), "--node", "", "-");
    assertThat(exit).isEqualTo(2);
    decode(InputStream.nullInputStream(), "-", "-");
    assertThat(exit).isEqualTo(2);
    assertThat(messages).contains("standard input can be read only once");
  }

  @Test
  void aLinkTypeThatIsNotUnderstoodIsNamedOnce() throws IOException {
    byte[] file = connection(new PcapWriter(127), TIME, 4_000).bytes();
    assertThat(decode(file)).isEmpty();
    assertThat(exit).isEqualTo(1);
    assertThat(messages)
        .containsOnlyOnce("-: link type 127 (IEEE 802.11 with radiotap header) is not understood")
        .contains("unknown_link=6");
  }

  @Test
  void aTableForReading() throws IOException {
    byte[] file = connection(new PcapWriter(1), TIME, 4_000).bytes();
    decode(new ByteArrayInputStream(file), "--format", "table", "-");
    assertThat(output.lines()).hasSize(2);
    assertThat(output.lines().toList().get(1))
        .containsSubsequence("22:13:20.002000", "3.000", "http", "GET", "ok", "200")
        .containsSubsequence("10.0.0.1:4000", "10.0.0.2:80", "/users/{id}");
  }
}
