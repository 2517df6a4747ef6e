package io.kymo.protocol.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.kymo.protocol.Input;
import io.kymo.protocol.Message;
import io.kymo.protocol.Status;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ErrorsTest {
  @ParameterizedTest
  @CsvSource({
    "22012, CLIENT_ERROR",
    "23505, CLIENT_ERROR",
    "25P02, CLIENT_ERROR",
    "28P01, CLIENT_ERROR",
    "42P01, CLIENT_ERROR",
    "55P03, CLIENT_ERROR",
    "P0001, CLIENT_ERROR",
    "08006, SERVER_ERROR",
    "40001, SERVER_ERROR",
    "40P01, SERVER_ERROR",
    "53300, SERVER_ERROR",
    "57014, SERVER_ERROR",
    "57P01, SERVER_ERROR",
    "58030, SERVER_ERROR",
    "XX000, SERVER_ERROR",
    "'', SERVER_ERROR",
  })
  void classes(String state, Status status) {
    assertThat(Errors.status(state)).isEqualTo(status);
  }

  @Test
  void textsThatAreNoCodesStayOut() {
    Message m = new Message();
    byte[] b =
        Dialogue.message('E', "SERROR\0Csecret text\0\0".getBytes(StandardCharsets.US_ASCII));
    Errors.set(new Input().wrap(b, 0, b.length, 0, false), m);
    assertThat(m.statusCode()).isEmpty();
    assertThat(m.errorType()).isEqualTo("_OTHER");
    assertThat(m.status()).isEqualTo(Status.SERVER_ERROR);
  }
}
