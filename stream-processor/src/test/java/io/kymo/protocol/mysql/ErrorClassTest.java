package io.kymo.protocol.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import io.kymo.protocol.Status;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ErrorClassTest {
  @ParameterizedTest
  @CsvSource({
    "1064, 42000, CLIENT_ERROR, 42000, syntax",
    "1146, 42S02, CLIENT_ERROR, 42S02, no such table",
    "1062, 23000, CLIENT_ERROR, 23000, duplicate key",
    "1406, 22001, CLIENT_ERROR, 22001, data too long",
    "1045, 28000, CLIENT_ERROR, 28000, access denied",
    "1644, 45000, CLIENT_ERROR, 45000, SIGNAL of a procedure",
    "1366, HY000, CLIENT_ERROR, 1366, incorrect value",
    "1213, 40001, SERVER_ERROR, 40001, deadlock",
    "1205, HY000, SERVER_ERROR, 1205, lock wait timeout",
    "1040, '', SERVER_ERROR, 1040, too many connections",
    "1040, 08004, SERVER_ERROR, 08004, too many connections",
    "1226, 42000, SERVER_ERROR, 42000, resource limit",
    "1317, 70100, SERVER_ERROR, 70100, killed",
    "1053, 08S01, SERVER_ERROR, 08S01, shutdown",
    "1030, HY000, SERVER_ERROR, 1030, storage engine",
  })
  void tellsWhoseFaultItIs(int code, String state, Status status, String type, String what) {
    assertThat(ErrorClass.of(code, state)).as(what).isEqualTo(status);
    assertThat(ErrorClass.type(code, state)).as(what).isEqualTo(type);
  }
}
