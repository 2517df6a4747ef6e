package io.kymo.protocol.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.kymo.protocol.Flow;
import io.kymo.protocol.Input;
import io.kymo.protocol.Verdict;
import io.kymo.schemas.Transport;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecognitionTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '¦',
      emptyValue = "",
      value = {
        "SSLRequest¦true¦\\0\\0\\0\\10\\4\\322\\26/¦''¦YES",
        "its beginning¦true¦\\0\\0\\0\\10\\4¦''¦MAYBE",
        "an unknown code¦true¦\\0\\0\\0\\10\\4\\322\\26a¦''¦NO",
        "startup that is not whole¦true¦\\0\\0\\0\\23\\0\\3\\0\\0user\\0ab\\0\\0¦''¦MAYBE",
        "startup of the right length¦true¦\\0\\0\\0\\21\\0\\3\\0\\0user\\0ab\\0\\0¦''¦YES",
        "protocol 2¦true¦\\0\\0\\0\\21\\0\\2\\0\\0user\\0ab\\0\\0¦''¦NO",
        "a query at the start¦true¦Q\\0\\0\\0\\15SELECT 1\\0¦''¦NO",
        "a query¦false¦Q\\0\\0\\0\\15SELECT 1\\0¦''¦YES",
        "a query that ends elsewhere¦false¦Q\\0\\0\\0\\15SELECT\\0 1¦''¦NO",
        "a Sync alone¦false¦S\\0\\0\\0\\4¦''¦MAYBE",
        "ReadyForQuery¦false¦''¦Z\\0\\0\\0\\5I¦YES",
        "ReadyForQuery with a status unknown¦false¦''¦Z\\0\\0\\0\\5X¦NO",
        "rows and their end¦false¦''¦D\\0\\0\\0\\13\\0\\1\\0\\0\\0\\0011C\\0\\0\\0\\15SELECT 1\\0Z\\0\\0\\0\\5T¦YES",
        "Sync in the middle of a body¦false¦S\\0\\0\\0\\4¦Z\\0\\0\\0\\5I¦YES",
        "MySQL's COM_QUERY¦false¦\\11\\0\\0\\0\\3SELECT 1¦''¦NO",
        "HTTP¦false¦GET / HTTP/1.1¦HTTP/1.1 200 OK¦NO",
      })
  void judges(String what, boolean fromStart, String client, String server, Verdict verdict) {
    Flow flow = new Flow(Transport.TCP, 40_000, 0, fromStart);
    assertThat(Recognition.of(input(client), input(server), flow)).as(what).isEqualTo(verdict);
  }

  private static Input input(String escaped) {
    byte[] b = escaped.translateEscapes().getBytes(StandardCharsets.ISO_8859_1);
    return new Input().wrap(b, 0, b.length, 0, false);
  }
}
