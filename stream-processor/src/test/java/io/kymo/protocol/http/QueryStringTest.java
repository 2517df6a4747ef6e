package io.kymo.protocol.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QueryStringTest {
  @ParameterizedTest
  @CsvSource({
    "a=1&b=2,a=?&b=?",
    "flag,?",
    "a=&=b&&c=d=e,a=?&=?&&c=?",
    "'',''",
  })
  void valuesGo(String query, String redacted) {
    assertThat(QueryString.redact(query, 0, true, 1024)).isEqualTo(redacted);
  }

  @ParameterizedTest
  @CsvSource({
    "page=2&Access_Token=x&X-Amz-Signature=y&sig=z,page=2&Access_Token=?&X-Amz-Signature=?&sig=?",
    "q=cats&apikey=1&JSESSIONID=2,q=cats&apikey=?&JSESSIONID=?",
  })
  void credentialsGoEvenWhenValuesMayStay(String query, String redacted) {
    assertThat(QueryString.redact(query, 0, false, 1024)).isEqualTo(redacted);
  }

  @ParameterizedTest
  @CsvSource({"8,a=?&b=?&", "3,a=?"})
  void isCut(int max, String redacted) {
    assertThat(QueryString.redact("a=1&b=2&c=3", 0, true, max)).isEqualTo(redacted);
  }
}
