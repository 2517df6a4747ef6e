package io.kymo.protocol.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.kymo.protocol.Outcome;
import io.kymo.protocol.Privacy;
import org.junit.jupiter.api.Test;

class PostgresSessionTest {
  private final Dialogue d = Dialogue.loggedIn(Privacy.DEFAULT);

  private Dialogue prepare(String name, String sql) {
    return d.client('P', name + "\0" + sql + "\0\0\0").client('S', "");
  }

  private String executed(String name) {
    d.client('B', "\0" + name + "\0\0\0\0\0\0\0").client('E', "\0\0\0\0\0").client('S', "");
    return d.last().statement();
  }

  @Test
  void namesSurviveStoring() {
    prepare("a", "SELECT a FROM t");
    d.client('B', "p\0a\0\0\0\0\0\0\0").client('E', "p\0\0\0\0\2");
    byte[] once = d.store();
    assertThat(d.store()).isEqualTo(once);
    d.client('E', "p\0\0\0\0\2");
    assertThat(d.last().statement()).isEqualTo("SELECT a FROM t");
    assertThat(executed("a")).isEqualTo("SELECT a FROM t");
  }

  @Test
  void closedNamesAreForgotten() {
    prepare("a", "SELECT a FROM t");
    d.client('C', "Sa\0").client('S', "");
    assertThat(executed("a")).isEmpty();
    assertThat(d.last().operation()).isEqualTo("EXECUTE");
  }

  @Test
  void aNameThatComesAgainMeansTheNewerText() {
    prepare("", "SELECT a FROM t");
    prepare("", "SELECT b FROM t");
    assertThat(executed("")).isEqualTo("SELECT b FROM t");
  }

  @Test
  void manyNamesAndLongTextsStayWithinBounds() {
    for (int i = 0; i < 2_000; i++) {
      prepare("s" + i, "SELECT " + "c, ".repeat(2_000) + i + " FROM t");
      executed("s" + i);
      d.server('1', "");
    }
    assertThat(d.weight()).isLessThan(400_000);
    assertThat(d.store().length).isLessThan(400_000);
    assertThat(executed("s1999")).isNotEmpty();
    assertThat(executed("s0")).isEmpty();
  }

  @Test
  void requestsWithoutAnswersStayWithinBounds() {
    Outcome last = null;
    int sent = 0;
    while (last != Outcome.MALFORMED && sent < 100_000) {
      last = d.client('E', "\0\0\0\0\0").outcome();
      sent++;
    }
    assertThat(sent).isLessThan(20_000);
    assertThat(d.weight()).isLessThan(200_000);
  }

  @Test
  void anErrorEndsWhatIsInFlightUpToTheSync() {
    executed("a");
    d.client('B', "\0a\0\0\0\0\0\0\0").client('E', "\0\0\0\0\0").client('E', "\0\0\0\0\0");
    d.client('S', "");
    d.server('2', "").server('C', "SELECT 0\0").server('Z', "I");
    d.messages.clear();
    d.server('E', "SERROR\0VERROR\0C26000\0\0");
    assertThat(d.messages).isEmpty();
    d.server('Z', "I");
    assertThat(d.last().statusCode()).isEqualTo("26000");
    assertThat(d.last().skippedRequests()).isEqualTo(1);
    d.client('Q', "SELECT 1\0").server('C', "SELECT 1\0").server('Z', "I");
    assertThat(d.last().skippedRequests()).isZero();
  }

  @Test
  void aParseThatSucceedsMakesNoRow() {
    prepare("a", "SELECT a FROM t");
    d.server('1', "");
    assertThat(d.last().unreported()).isTrue();
    d.server('Z', "I");
    prepare("b", "SELECT oops");
    d.server('E', "SERROR\0VERROR\0C42601\0\0").server('Z', "I");
    assertThat(d.last().unreported()).isFalse();
    assertThat(d.last().errorType()).isEqualTo("42601");
  }
}
