package io.kymo.processor.battery;

import io.kymo.protocol.Side;
import io.kymo.schemas.Transport;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** One corpus file; its format is described in corpus/README.md. */
public final class Corpus {
  enum Kind {
    DATA,
    HOLE,
    GAP
  }

  /**
   * Bytes of one line.
   *
   * @param bytes empty unless DATA
   * @param length how many bytes it stands for
   * @param burst begins a burst
   * @param continues belongs to the datagram of the chunk before
   */
  record Chunk(Side side, Kind kind, byte[] bytes, int length, boolean burst, boolean continues) {}

  public final String name;
  public final String protocol;
  final Map<String, String> headers = new LinkedHashMap<>();
  final List<Chunk> chunks = new ArrayList<>();
  final List<Map<String, String>> expected = new ArrayList<>();
  String title = "";
  private boolean turn = true;

  private Corpus(String protocol, String name) {
    this.protocol = protocol;
    this.name = name;
  }

  /** All corpora below a directory of the test resources. */
  static List<Corpus> all(String directory) {
    return all(Path.of("src", "test", "resources", directory));
  }

  /** All corpora below a directory. */
  public static List<Corpus> all(Path root) {
    try (Stream<Path> files = Files.walk(root)) {
      List<Corpus> corpora = new ArrayList<>();
      for (Path file : files.filter(f -> f.toString().endsWith(".corpus")).sorted().toList()) {
        corpora.add(read(file));
      }
      return corpora;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Corpus read(Path file) throws IOException {
    String protocol = file.getParent().getFileName().toString();
    String name = file.getFileName().toString().replace(".corpus", "");
    return parse(protocol, name, Files.readString(file));
  }

  static Corpus parse(String protocol, String name, String text) {
    Corpus corpus = new Corpus(protocol, name);
    int number = 0;
    for (String line : text.split("\n", -1)) {
      number++;
      try {
        corpus.line(line);
      } catch (RuntimeException e) {
        throw new IllegalArgumentException(corpus + " line " + number + ": " + e.getMessage(), e);
      }
    }
    return corpus;
  }

  private void line(String line) {
    if (line.isBlank()) {
      return;
    }
    switch (line.charAt(0)) {
      case '#' -> title = title.isEmpty() ? line.substring(1).strip() : title;
      case '@' -> {
        String[] pair = line.substring(1).strip().split("=", 2);
        headers.put(pair[0].strip(), pair[1].strip());
      }
      case '>' -> bytes(Side.CLIENT, line.substring(1));
      case '<' -> bytes(Side.SERVER, line.substring(1));
      case '=' -> expected.add(pairs(line.substring(1).strip()));
      case '-' -> turn = true;
      default -> throw new IllegalArgumentException("unknown line: " + line);
    }
  }

  private void bytes(Side side, String text) {
    boolean continues = text.startsWith("+");
    String rest = continues ? text.substring(1) : text;
    if (rest.startsWith("~") || rest.startsWith("!")) {
      Kind kind = rest.startsWith("~") ? Kind.HOLE : Kind.GAP;
      add(side, kind, new byte[0], Integer.parseInt(rest.substring(1).strip()), continues);
      return;
    }
    byte[] bytes;
    if (rest.startsWith("x")) {
      String hex = rest.substring(1).replaceAll(";.*", "").replaceAll("\\s", "");
      bytes = HexFormat.of().parseHex(hex);
    } else {
      bytes = unescape(rest.startsWith(" ") ? rest.substring(1) : rest);
    }
    add(side, Kind.DATA, bytes, bytes.length, continues);
  }

  private void add(Side side, Kind kind, byte[] bytes, int length, boolean continues) {
    boolean burst = turn || chunks.isEmpty() || chunks.get(chunks.size() - 1).side() != side;
    turn = false;
    chunks.add(new Chunk(side, kind, bytes, length, burst, continues));
  }

  static byte[] unescape(String text) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      if (c != '\\') {
        out.writeBytes(Character.toString(c).getBytes(StandardCharsets.UTF_8));
        continue;
      }
      char e = text.charAt(i++);
      switch (e) {
        case 'r' -> out.write('\r');
        case 'n' -> out.write('\n');
        case 't' -> out.write('\t');
        case '0' -> out.write(0);
        case '\\', '"' -> out.write(e);
        case 'x' -> {
          out.write(Integer.parseInt(text.substring(i, i + 2), 16));
          i += 2;
        }
        case '(' -> {
          int close = text.indexOf(')', i);
          int star = text.lastIndexOf('*', close);
          byte[] unit = unescape(text.substring(i, star));
          for (int n = Integer.parseInt(text.substring(star + 1, close)); n > 0; n--) {
            out.writeBytes(unit);
          }
          i = close + 1;
        }
        default -> throw new IllegalArgumentException("unknown escape \\" + e);
      }
    }
    return out.toByteArray();
  }

  private static Map<String, String> pairs(String text) {
    Map<String, String> pairs = new LinkedHashMap<>();
    int i = 0;
    while (i < text.length()) {
      int eq = text.indexOf('=', i);
      String key = text.substring(i, eq);
      StringBuilder value = new StringBuilder();
      i = eq + 1;
      if (i < text.length() && text.charAt(i) == '"') {
        for (i++; text.charAt(i) != '"'; i++) {
          value.append(text.charAt(i));
          if (text.charAt(i) == '\\') {
            value.append(text.charAt(++i));
          }
        }
        i++;
      } else {
        while (i < text.length() && text.charAt(i) != ' ') {
          value.append(text.charAt(i++));
        }
      }
      pairs.put(key, new String(unescape(value.toString()), StandardCharsets.UTF_8));
      while (i < text.length() && text.charAt(i) == ' ') {
        i++;
      }
    }
    return pairs;
  }

  public Transport transport() {
    return switch (headers.getOrDefault("transport", "tcp")) {
      case "tcp" -> Transport.TCP;
      case "udp" -> Transport.UDP;
      case "unix" -> Transport.UNIX_STREAM;
      default -> throw new IllegalArgumentException(this + ": transport");
    };
  }

  public int port(Side side) {
    return side == Side.CLIENT
        ? Integer.parseInt(headers.getOrDefault("client_port", "40000"))
        : Integer.parseInt(headers.getOrDefault("server_port", "0"));
  }

  public boolean fromStart() {
    return Boolean.parseBoolean(headers.getOrDefault("from_start", "true"));
  }

  String end() {
    return headers.getOrDefault("end", "close");
  }

  String opaque() {
    return headers.getOrDefault("opaque", "");
  }

  boolean skips(String test) {
    return Arrays.asList(headers.getOrDefault("skip", "").split(",")).contains(test);
  }

  @Override
  public String toString() {
    return protocol + "/" + name;
  }
}
