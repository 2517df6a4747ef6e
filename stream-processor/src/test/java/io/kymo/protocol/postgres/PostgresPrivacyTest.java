package io.kymo.protocol.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.kymo.protocol.Message;
import io.kymo.protocol.Privacy;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Secrets are planted wherever clients and servers put them: none reaches a row, or the stored
 * session.
 */
class PostgresPrivacyTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT 'planted'",
        "SELECT E'it\\'s planted', $$planted$$, $t$ 'planted' $t$, U&'planted', X'706c616e746564'",
        "SELECT 'it''s planted' -- planted",
        "SELECT /* planted /* planted */ planted */ 1",
        "SELECT 'planted",
        "INSERT INTO t VALUES (1, 'planted'), (2, 'planted')",
        "ALTER ROLE ann PASSWORD 'planted'",
        "CREATE USER MAPPING FOR ann SERVER s OPTIONS (password 'planted')",
        "CREATE SUBSCRIPTION s CONNECTION 'password=planted' PUBLICATION p",
        "DO $$ BEGIN PERFORM login('planted'); END $$",
        "NOTIFY news, 'planted'",
        "COPY t FROM PROGRAM 'planted'",
      })
  void literalsGoOut(String sql) {
    Dialogue d = Dialogue.loggedIn(Privacy.DEFAULT);
    d.client('Q', sql + "\0");
    assertThat(d.messages).hasSize(1);
    d.client('P', "s\0" + sql + "\0\0\0").client('B', "p\0s\0\0\0\0\1\0\0\0\7planted\0\0");
    d.client('E', "p\0\0\0\0\0");
    assertThat(d.messages).hasSize(2);
    assertNothingPlanted(d);
  }

  @Test
  void passwordsGoOutEvenWhereLiteralsStay() {
    Dialogue d = Dialogue.loggedIn(new Privacy(false, true, true));
    d.client('Q', "ALTER ROLE ann PASSWORD 'planted'\0");
    assertThat(d.messages).hasSize(1);
    assertNothingPlanted(d);
    d.client('Q', "SELECT 'kept'\0");
    assertThat(d.last().statement()).isEqualTo("SELECT 'kept'");
  }

  @Test
  void backslashesAsTheServerReadsThem() {
    Dialogue d = Dialogue.loggedIn(Privacy.DEFAULT);
    d.server('S', "standard_conforming_strings\0off\0");
    d.client('Q', "SELECT 'a\\' planted', 1\0");
    assertThat(d.last().statement()).isEqualTo("SELECT ?, ?");
    d.server('S', "standard_conforming_strings\0on\0");
    d.client('Q', "SELECT 'a\\', b, 'planted'\0");
    assertThat(d.last().statement()).isEqualTo("SELECT ?, b, ?");
  }

  @Test
  void loginsShowUserDatabaseAndApplication() {
    Dialogue d = new Dialogue(Privacy.DEFAULT);
    d.startup("user\0ann\0database\0shop\0application_name\0till\0options\0-c a=planted\0\0");
    d.server('R', "\0\0\0\12SCRAM-SHA-256\0\0").client('p', "SCRAM-SHA-256\0\0\0\0\7planted");
    d.server('R', "\0\0\0\13planted").client('p', "planted").server('R', "\0\0\0\14planted");
    d.server('R', "\0\0\0\0").server('K', "\0\0\0\1planted-").server('Z', "I");
    assertThat(d.messages).hasSize(2);
    assertThat(d.messages.get(0).attributes())
        .containsEntry("db.namespace", "shop")
        .containsEntry("capture.db.user", "ann")
        .containsEntry("capture.db.application", "till");
    assertNothingPlanted(d);
  }

  @Test
  void answersShowCountsAndCodesOnly() {
    Dialogue d = Dialogue.loggedIn(Privacy.DEFAULT);
    d.client('Q', "SELECT a FROM t\0");
    d.server('T', "\0\1a" + "\0".repeat(19)).server('D', "\0\1\0\0\0\7planted");
    d.server('N', "SNOTICE\0Mplanted\0\0").server('C', "SELECT 1\0").server('Z', "I");
    assertThat(d.last().attributes()).containsEntry("db.response.returned_rows", "1");
    d.client('Q', "SELECT b FROM t\0");
    d.server('E', "SERROR\0VERROR\0C23505\0MKey (b)=(planted) exists\0Dplanted\0\0")
        .server('Z', "I");
    assertThat(d.last().statusCode()).isEqualTo("23505");
    d.client('Q', "COPY t FROM STDIN\0").server('G', "\0\0\0");
    d.client('d', "planted\n").client('c', "").server('C', "COPY 1\0").server('Z', "I");
    assertThat(d.last().attributes()).containsEntry("capture.db.affected_rows", "1");
    d.server('A', "\0\0\0\1news\0planted\0");
    assertThat(d.last().resource()).isEqualTo("news");
    assertThat(d.messages).hasSize(7);
    assertNothingPlanted(d);
  }

  private static void assertNothingPlanted(Dialogue d) {
    for (Message m : d.messages) {
      assertThat(Dialogue.shown(m)).doesNotContain("planted").doesNotContain("706c");
    }
    assertThat(new String(d.store(), StandardCharsets.ISO_8859_1)).doesNotContain("planted");
  }
}
