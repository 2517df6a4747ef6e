package io.kymo.captures;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class TextTest {
  private final Text text = new Text();

  private String written() {
    return new String(text.bytes(), 0, text.length(), StandardCharsets.UTF_8);
  }

  @Test
  void whatIsQuotedIsReadBackByOthers() throws IOException {
    String odd = "a\"b\\c\n\r\t\u0001\u007f ü € \uD83D\uDE00 /" + "x".repeat(100_000);
    text.quoted(odd);
    assertThat(new ObjectMapper().readValue(written(), String.class)).isEqualTo(odd);
    text.clear();
    text.quoted("broken \uD83D pair");
    assertThat(written()).isEqualTo("\"broken ? pair\"");
  }

  @Test
  void numbers() {
    text.unsigned(0).ascii(' ').unsigned(Long.MAX_VALUE).ascii(' ').unsigned(-1).ascii(' ');
    text.unsigned(Long.MIN_VALUE).ascii(' ').padded(7, 3);
    assertThat(written())
        .isEqualTo("0 9223372036854775807 18446744073709551615 9223372036854775808 007");
  }
}
