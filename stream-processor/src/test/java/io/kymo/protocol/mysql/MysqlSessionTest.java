package io.kymo.protocol.mysql;

import static io.kymo.protocol.mysql.Talk.OK;
import static io.kymo.protocol.mysql.Talk.int4;
import static io.kymo.protocol.mysql.Talk.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import io.kymo.protocol.Outcome;
import io.kymo.protocol.Privacy;
import org.junit.jupiter.api.Test;

/**
 * What is remembered is bounded, and what is forgotten costs the text of a statement and nothing
 * else.
 */
class MysqlSessionTest {
  @Test
  void ofManyPreparedStatementsTheLatestAreKnown() {
    Talk talk = new Talk(Privacy.DEFAULT);
    for (int id = 1; id <= 2000; id++) {
      prepare(
          talk, id, "SELECT a FROM t" + id + " WHERE b = ? AND " + "c = ? AND ".repeat(20) + "d");
    }

    assertThat(talk.session.weight()).isLessThan(160 * 1024);
    assertThat(execute(talk, 2000)).isEqualTo("SELECT t2000");
    assertThat(execute(talk, 1)).isEqualTo("STMT_EXECUTE ");
  }

  @Test
  void aStatementInUseStaysKnown() {
    Talk talk = new Talk(Privacy.DEFAULT);
    prepare(talk, 1, "SELECT a FROM used");
    for (int id = 2; id <= 2000; id++) {
      prepare(talk, id, "SELECT a FROM t" + id);
      execute(talk, 1);
    }

    assertThat(execute(talk, 1)).isEqualTo("SELECT used");
  }

  @Test
  void closedAndResetStatementsAreForgotten() {
    Talk talk = new Talk(Privacy.DEFAULT);
    prepare(talk, 1, "SELECT a FROM t");
    talk.client(0, new byte[] {0x19}, int4(1));
    assertThat(execute(talk, 1)).isEqualTo("STMT_EXECUTE ");

    prepare(talk, 2, "SELECT a FROM u");
    talk.client(0, new byte[] {0x1f}).server(1, OK);
    assertThat(execute(talk, 2)).isEqualTo("STMT_EXECUTE ");
  }

  @Test
  void commandsInFlightAreBounded() {
    Talk talk = new Talk(Privacy.DEFAULT);
    for (int i = 0; i < MysqlSession.MOST_IN_FLIGHT; i++) {
      talk.client(0, new byte[] {0x0e});
      assertThat(talk.outcome).isEqualTo(Outcome.MESSAGE);
    }

    assertThat(talk.client(0, new byte[] {0x0e}).outcome).isEqualTo(Outcome.MALFORMED);
  }

  @Test
  void theCurrentDatabaseIsTheOneOfTheLastCommandThatSucceeded() {
    Talk talk = new Talk(Privacy.DEFAULT);
    talk.query("use `my``shop`").server(1, OK);
    assertThat(talk.session.database).isEqualTo("my`shop");

    talk.query("USE nowhere")
        .server(1, new byte[] {(byte) 0xff, 0x19, 0x04}, utf8("#42000Unknown database"));
    assertThat(talk.session.database).isEqualTo("my`shop");

    talk.client(0, new byte[] {2}, utf8("archive")).server(1, OK);
    assertThat(talk.session.database).isEqualTo("archive");
  }

  private static void prepare(Talk talk, int id, String sql) {
    talk.client(0, new byte[] {0x16}, utf8(sql));
    talk.server(1, new byte[] {0}, int4(id), new byte[7]);
    assertThat(talk.outcome).isEqualTo(Outcome.MESSAGE);
  }

  /** Operation and resource of the execution. */
  private static String execute(Talk talk, int id) {
    talk.client(0, new byte[] {0x17}, int4(id), new byte[] {0, 1, 0, 0, 0});
    String said = talk.last().operation() + " " + talk.last().resource();
    talk.server(1, OK);
    return said;
  }
}
