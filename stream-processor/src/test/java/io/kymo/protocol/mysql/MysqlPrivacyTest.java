package io.kymo.protocol.mysql;

import static io.kymo.protocol.mysql.Talk.OK;
import static io.kymo.protocol.mysql.Talk.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import io.kymo.protocol.Message;
import io.kymo.protocol.Outcome;
import io.kymo.protocol.Privacy;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Planted secrets, wherever clients and servers put them: none of them reaches a message. */
class MysqlPrivacyTest {
  private static final Privacy LITERALS_KEPT = new Privacy(false, true, true);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT 'planted'",
        "SELECT \"planted\" FROM t",
        "SELECT 'it''s planted'",
        "SELECT 'it\\'s planted', \"say \\\"planted\\\"\"",
        "SELECT _utf8mb4'planted', N'planted', x'706c616e746564', 0x706c616e746564",
        "INSERT INTO t VALUES (1, 'planted'), (2, 'planted')",
        "UPDATE t SET a = 'planted' -- planted\n WHERE b = 'planted' # planted",
        "SELECT /* planted */ a FROM t",
        "SELECT 'planted",
        "CREATE USER u IDENTIFIED BY 'planted'",
        "ALTER USER u IDENTIFIED WITH caching_sha2_password AS 'planted'",
        "SET PASSWORD = 'planted'",
        "SET PASSWORD FOR u = PASSWORD(\"planted\")",
        "GRANT ALL ON *.* TO u IDENTIFIED BY 'planted'",
        "CHANGE MASTER TO MASTER_PASSWORD='planted'",
        "PREPARE s FROM 'SELECT planted'",
        "LOAD DATA LOCAL INFILE 'planted' INTO TABLE t",
        "CALL login('u', 'planted')",
      })
  void literalsGoOut(String sql) {
    Talk talk = new Talk(Privacy.DEFAULT).query(sql);

    assertThat(talk.outcome).isEqualTo(Outcome.MESSAGE);
    assertThat(Talk.shown(talk.last()))
        .doesNotContainIgnoringCase("planted")
        .doesNotContain("706c");
  }

  @Test
  void withoutBackslashEscapesTheServerSaysWhereLiteralsEnd() {
    Talk talk = new Talk(Privacy.DEFAULT).query("SET sql_mode = 'NO_BACKSLASH_ESCAPES'");
    talk.server(1, new byte[] {0, 0, 0, 2, 2, 0, 0});

    talk.query("SELECT 'a\\', 'planted', 'b\\'");

    assertThat(talk.last().statement()).isEqualTo("SELECT ?, ?, ?");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CREATE USER u IDENTIFIED BY 'planted'",
        "set password = 'planted'",
        "GRANT ALL ON *.* TO u Identified By 'planted'",
      })
  void passwordsGoOutEvenWhereLiteralsStay(String sql) {
    assertThat(Talk.shown(new Talk(LITERALS_KEPT).query(sql).last())).doesNotContain("planted");
  }

  @Test
  void otherLiteralsStayWhereTheUserWantsThem() {
    Talk talk = new Talk(LITERALS_KEPT).query("SELECT a FROM t WHERE b = 'kept'");

    assertThat(talk.last().statement()).isEqualTo("SELECT a FROM t WHERE b = 'kept'");
  }

  @Test
  void loginsShowTheDatabaseOnly() {
    Talk talk = new Talk(Privacy.DEFAULT);
    talk.server(0, utf8("\n8.0.36\0"), new byte[] {1, 0, 0, 0}, utf8("planted8\0"), greetingTail());
    talk.client(1, login(), utf8("planted-user\0\u0007plantedshop\0mysql_native_password\0"));
    talk.server(2, new byte[] {(byte) 0xfe}, utf8("plugin\0planted"));
    talk.client(3, utf8("planted-answer"));
    talk.server(4, OK);
    talk.client(0, new byte[] {0x11}, utf8("planted-user\0\u0007plantedmore\0"));
    talk.server(1, OK);

    assertThat(talk.messages)
        .extracting(Message::operation)
        .containsExactly("LOGIN", "", "CHANGE_USER", "");
    assertThat(talk.messages.get(0).resource()).isEqualTo("shop");
    assertThat(talk.messages.get(2).resource()).isEqualTo("more");
    assertNothingPlanted(talk.messages);
  }

  @Test
  void errorsShowTheirNumberOnly() {
    Talk talk = new Talk(Privacy.DEFAULT).query("INSERT INTO t VALUES ('planted')");
    talk.server(
        1,
        new byte[] {(byte) 0xff, 0x26, 0x04},
        utf8("#23000Duplicate entry 'planted' for key 'a'"));

    assertThat(talk.last().errorType()).isEqualTo("23000");
    assertThat(talk.last().attributes()).containsOnlyKeys("db.response.status_code");
    assertNothingPlanted(talk.messages);
  }

  @Test
  void rowsParametersAndFilesAreNotLookedAt() {
    Talk talk =
        new Talk(Privacy.DEFAULT).client(0, new byte[] {0x16}, utf8("SELECT a FROM t WHERE b = ?"));
    talk.server(1, new byte[] {0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
    talk.client(0, new byte[] {0x18, 7, 0, 0, 0, 0, 0}, utf8("planted"));
    talk.client(
        0,
        new byte[] {0x17, 7, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, (byte) 0xfe, 0},
        utf8("\u0007planted"));
    talk.server(1, new byte[] {1}).server(2, utf8("\u0003def\0\0\0planted"));
    talk.server(3, new byte[] {0, 0}, utf8("\u0007planted"))
        .server(4, new byte[] {(byte) 0xfe, 0, 0, 2, 0, 0, 0});
    talk.query("LOAD DATA LOCAL INFILE 'planted' INTO TABLE t");
    talk.server(1, new byte[] {(byte) 0xfb}, utf8("planted"));
    talk.client(2, utf8("planted")).client(3).server(4, OK);

    assertThat(talk.outcome).isEqualTo(Outcome.MESSAGE);
    assertThat(talk.messages).hasSize(7);
    assertNothingPlanted(talk.messages);
  }

  private static void assertNothingPlanted(List<Message> messages) {
    assertThat(messages)
        .isNotEmpty()
        .allSatisfy(m -> assertThat(Talk.shown(m)).doesNotContain("planted"));
  }

  private static byte[] greetingTail() {
    byte[] tail = new byte[2 + 1 + 2 + 2 + 1 + 10];
    tail[0] = (byte) 0xff;
    tail[1] = (byte) 0xf7;
    tail[5] = (byte) 0x0f; // no CLIENT_PLUGIN_AUTH_LENENC_CLIENT_DATA
    return tail;
  }

  /** CLIENT_PROTOCOL_41, CONNECT_WITH_DB, SECURE_CONNECTION, LONG_PASSWORD. */
  private static byte[] login() {
    byte[] fixed = new byte[Handshake.FIXED_41];
    fixed[0] = 0x09;
    fixed[1] = (byte) 0x82;
    fixed[8] = 45;
    return fixed;
  }
}
