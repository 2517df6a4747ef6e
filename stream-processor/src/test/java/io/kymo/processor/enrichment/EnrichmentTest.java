package io.kymo.processor.enrichment;

import static org.assertj.core.api.Assertions.assertThat;

import io.kymo.schemas.Exchange;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EnrichmentTest {
  private static String text(String address) throws UnknownHostException {
    return AddressText.of(ByteBuffer.wrap(InetAddress.getByName(address).getAddress()));
  }

  @Test
  void addressesHaveOneSpelling() throws UnknownHostException {
    // RFC 5952, 4.1 to 4.3 and their examples
    for (String canonical :
        new String[] {
          "192.0.2.255",
          "127.0.0.1",
          "::",
          "::1",
          "1::",
          "2001:db8::1",
          "2001:db8:0:1:1:1:1:1",
          "2001:0:0:1::1",
          "2001:db8::1:0:0:1",
          "fe80::a:b:c:d",
          "1:2:3:4:5:6:7:8",
          "0:1:2:3:4:5:6:7",
          "1:2:3:4:5:6:7:0"
        }) {
      assertThat(text(canonical)).isEqualTo(canonical);
    }
    assertThat(text("2001:DB8:0:0:1:0:0:1")).isEqualTo("2001:db8::1:0:0:1");
    byte[] mapped = new byte[16];
    mapped[10] = -1;
    mapped[11] = -1;
    mapped[12] = 10;
    mapped[15] = 7;
    assertThat(AddressText.of(ByteBuffer.wrap(mapped))).isEqualTo("10.0.0.7");
    assertThat(AddressText.of(ByteBuffer.allocate(0))).isEmpty();
    assertThat(AddressText.of(ByteBuffer.allocate(5))).isEmpty();
  }

  @Test
  void theBufferIsLeftAsItWas() {
    ByteBuffer address = ByteBuffer.wrap(new byte[] {9, 9, 10, 0, 0, 1, 9}, 2, 4);
    assertThat(AddressText.of(address)).isEqualTo("10.0.0.1");
    assertThat(address.position()).isEqualTo(2);
  }

  private static Exchange exchange(String statement, Map<String, String> attributes) {
    Exchange row = new Exchange();
    row.setOperation("GET");
    row.setResource("/");
    row.setStatement(statement);
    row.setStatusCode("");
    row.setErrorType("");
    row.setAttributes(attributes);
    return row;
  }

  private static final LocalEnd END =
      new LocalEnd("n", "10.0.0.1", 40_000, "10.0.0.2", 80, "", "curl", 12, "c0ffee");

  @Test
  void theObservedEndIsKnownTheOtherOnlyByItsAddress() {
    Exchange row = exchange("", new HashMap<>());
    new Enricher().enrich(row, END, true);
    assertThat(row.getClientAddress()).isEqualTo("10.0.0.1");
    assertThat(row.getClientProcess()).isEqualTo("curl");
    assertThat(row.getClientPid()).isEqualTo(12);
    assertThat(row.getClientContainer()).isEqualTo("c0ffee");
    assertThat(row.getClientNode()).isEqualTo("n");
    assertThat(row.getServerAddress()).isEqualTo("10.0.0.2");
    assertThat(row.getServerPort()).isEqualTo(80);
    assertThat(row.getServerProcess()).isEmpty();
    assertThat(row.getServerNode()).isEmpty();
  }

  @Test
  void theServersPathNamesAUnixSocket() {
    LocalEnd unix = new LocalEnd("n", "", 0, "", 0, "/run/x.sock", "redis-server", 1, "");
    for (boolean client : new boolean[] {true, false}) {
      Exchange row = exchange("", new HashMap<>());
      new Enricher().enrich(row, unix, client);
      assertThat(row.getServerAddress()).isEqualTo("/run/x.sock");
      assertThat(row.getClientAddress()).isEmpty();
    }
  }

  @Test
  void whatParsersFoundIsBounded() {
    Map<String, String> many = new HashMap<>();
    for (int i = 0; i < 500; i++) {
      many.put("k" + i, "v".repeat(10_000));
    }
    Exchange row = exchange("x".repeat(16_383) + "\uD83D\uDE00", many);
    new Enricher().enrich(row, END, true);
    assertThat(row.getStatement()).isEqualTo("x".repeat(16_383));
    assertThat(row.getAttributes()).hasSize(64).allSatisfy((k, v) -> assertThat(v).hasSize(4_096));
    assertThat(row.getTruncated()).isTrue();
  }
}
