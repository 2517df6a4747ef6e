package io.kymo.stack.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.clickhouse.client.api.Client;
import com.clickhouse.client.api.ServerException;
import com.clickhouse.client.api.insert.InsertResponse;
import com.clickhouse.client.api.insert.InsertSettings;
import com.clickhouse.client.api.query.GenericRecord;
import com.clickhouse.data.ClickHouseFormat;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** ClickHouse's own Java clients, with their default settings and others. */
@Tag("engine")
class ClientsTest {
  @TempDir static Path directory;

  private static EngineProcess engine;

  @BeforeAll
  static void start() throws Exception {
    engine = EngineProcess.start(directory);
  }

  @AfterAll
  static void stop() {
    if (engine != null) {
      engine.close();
    }
  }

  @Test
  void jdbcQueriesAndReadsMetadata() throws Exception {
    try (Connection connection = jdbc("");
        Statement statement = connection.createStatement()) {
      try (ResultSet rows =
          statement.executeQuery(
              "SELECT number, toString(number) AS s, [1, 2] AS a, NULL AS n,"
                  + " toDateTime64('2026-01-02 03:04:05.678', 3, 'UTC') AS t FROM numbers(3)")) {
        assertThat(rows.getMetaData().getColumnName(2)).isEqualTo("s");
        List<String> read = new ArrayList<>();
        while (rows.next()) {
          read.add(rows.getLong(1) + rows.getString("s") + rows.getObject("n"));
        }
        assertThat(read).containsExactly("00null", "11null", "22null");
      }
      assertThat(connection.getMetaData().getDatabaseProductVersion()).startsWith("26.");
      statement.execute("CREATE TABLE jdbc_meta (a UInt8, b String) ENGINE = MergeTree ORDER BY a");
      try (ResultSet columns =
          connection.getMetaData().getColumns(null, "default", "jdbc_meta", null)) {
        List<String> names = new ArrayList<>();
        while (columns.next()) {
          names.add(columns.getString("COLUMN_NAME"));
        }
        assertThat(names).containsExactly("a", "b");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "?beta.row_binary_for_simple_insert=true", "?compress=false"})
  void jdbcPreparedStatementsInsertAndSelect(String options) throws Exception {
    engine.sql("DROP TABLE IF EXISTS prepared");
    engine.sql("CREATE TABLE prepared (id UInt64, name String) ENGINE = MergeTree ORDER BY id");
    try (Connection connection = jdbc(options)) {
      try (PreparedStatement insert =
          connection.prepareStatement("INSERT INTO prepared (id, name) VALUES (?, ?)")) {
        for (int i = 0; i < 500; i++) {
          insert.setLong(1, i);
          insert.setString(2, "it's; \n\n" + i);
          insert.addBatch();
        }
        insert.executeBatch();
      }
      try (PreparedStatement select =
          connection.prepareStatement("SELECT name FROM prepared WHERE id = ?")) {
        select.setLong(1, 321);
        try (ResultSet row = select.executeQuery()) {
          assertThat(row.next()).isTrue();
          assertThat(row.getString(1)).isEqualTo("it's; \n\n321");
        }
      }
    }
    assertThat(engine.sql("SELECT count(), uniq(name) FROM prepared")).isEqualTo("500\t500\n");
  }

  @Test
  void jdbcErrorsCarryTheEnginesCodeAndText() throws Exception {
    try (Connection connection = jdbc("");
        Statement statement = connection.createStatement()) {
      assertThatThrownBy(() -> statement.executeQuery("SELECT * FROM no_such_table"))
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("no_such_table")
          .satisfies(e -> assertThat(((SQLException) e).getErrorCode()).isEqualTo(60));
      assertThat(statement.executeQuery("SELECT 1").next()).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource({"false,false,false", "true,true,false", "true,true,true", "true,false,false"})
  void repeatedBlockIsANoOpInTheTableAndItsView(
      boolean compressAnswers, boolean compressRequests, boolean overHttp) throws Exception {
    engine.sql("DROP TABLE IF EXISTS events_sum_view");
    engine.sql("DROP TABLE IF EXISTS events_sum");
    engine.sql("DROP TABLE IF EXISTS events");
    String window = "SETTINGS non_replicated_deduplication_window = 100";
    engine.sql(
        "CREATE TABLE events (id UInt64, v UInt32) ENGINE = MergeTree ORDER BY id " + window);
    engine.sql(
        "CREATE TABLE events_sum (k UInt64, total UInt64) ENGINE = SummingMergeTree ORDER BY k "
            + window);
    engine.sql(
        "CREATE MATERIALIZED VIEW events_sum_view TO events_sum AS"
            + " SELECT id % 3 AS k, sum(v) AS total FROM events GROUP BY k");
    try (Client client =
        new Client.Builder()
            .addEndpoint(engine.url())
            .setUsername("default")
            .setPassword("")
            .compressServerResponse(compressAnswers)
            .compressClientRequest(compressRequests)
            .useHttpCompression(overHttp)
            .build()) {
      for (int repeat = 0; repeat < 3; repeat++) {
        insert(client, "kymo.segments:0:0-999", 0, 1_000);
      }
      insert(client, "kymo.segments:0:1000-1999", 1_000, 1_000);
      List<GenericRecord> counts =
          client.queryAll(
              "SELECT count() AS n, uniqExact(id) AS u,"
                  + " (SELECT sum(total) FROM events_sum) AS s FROM events");
      assertThat(counts.get(0).getLong("n")).isEqualTo(2_000);
      assertThat(counts.get(0).getLong("u")).isEqualTo(2_000);
      assertThat(counts.get(0).getLong("s")).isEqualTo(2_000 * 7);
      assertThatThrownBy(() -> client.queryAll("SELECT * FROM no_such_table"))
          .hasRootCauseInstanceOf(ServerException.class)
          .rootCause()
          .satisfies(e -> assertThat(((ServerException) e).getCode()).isEqualTo(60));
      List<GenericRecord> bound =
          client.queryAll("SELECT {p:String} AS p", Map.of("p", "a'b\\c\td"));
      assertThat(bound.get(0).getString("p")).isEqualTo("a'b\\c\td");
    }
  }

  private static void insert(Client client, String token, int first, int rows) throws Exception {
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    for (int i = first; i < first + rows; i++) {
      ByteBuffer row = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
      data.writeBytes(row.putLong(i).putInt(7).array());
    }
    InsertSettings settings = new InsertSettings().setDeduplicationToken(token);
    try (InsertResponse response =
        client
            .insert(
                "events",
                List.of("id", "v"),
                new ByteArrayInputStream(data.toByteArray()),
                ClickHouseFormat.RowBinary,
                settings)
            .get()) {
      assertThat(response.getQueryId()).isNotEmpty();
    }
  }

  private static Connection jdbc(String options) throws SQLException {
    return DriverManager.getConnection(
        "jdbc:clickhouse://127.0.0.1:" + engine.port() + "/default" + options, "default", "");
  }
}
