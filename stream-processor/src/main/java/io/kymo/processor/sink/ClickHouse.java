package io.kymo.processor.sink;

import com.clickhouse.client.api.Client;
import com.clickhouse.client.api.ServerException;
import com.clickhouse.client.api.insert.InsertResponse;
import com.clickhouse.client.api.insert.InsertSettings;
import com.clickhouse.client.api.query.GenericRecord;
import com.clickhouse.data.ClickHouseFormat;
import java.io.IOException;
import java.io.InputStream;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The few calls that the sink makes to ClickHouse, with its errors as IOException. */
final class ClickHouse implements AutoCloseable {
  private static final long TIMEOUT_S = 60;

  private final Client client;
  private final String database;

  ClickHouse(SinkConfig config) {
    this.database = config.database();
    this.client =
        new Client.Builder()
            .addEndpoint(config.clickhouseUrl())
            .setUsername(config.user())
            .setPassword(config.password())
            .setDefaultDatabase("default")
            .setSocketTimeout(TIMEOUT_S, ChronoUnit.SECONDS)
            .setConnectTimeout(5, ChronoUnit.SECONDS)
            .setMaxRetries(0)
            .compressClientRequest(false)
            .compressServerResponse(false)
            .setClientName("kymo-sink")
            .build();
  }

  String database() {
    return database;
  }

  void execute(String sql) throws IOException {
    try {
      client.execute(sql).get(TIMEOUT_S, TimeUnit.SECONDS).close();
    } catch (Exception e) {
      throw failure(e);
    }
  }

  List<GenericRecord> query(String sql) throws IOException {
    try {
      return client.queryAll(sql);
    } catch (RuntimeException e) {
      throw failure(e);
    }
  }

  void insert(String table, List<String> columns, InputStream rows, String token)
      throws IOException {
    InsertSettings settings =
        new InsertSettings()
            .setDatabase(database)
            .setDeduplicationToken(token)
            .serverSetting("insert_deduplicate", "1")
            .serverSetting("async_insert", "0")
            .serverSetting("max_insert_block_size", "10000000")
            .serverSetting("input_format_parallel_parsing", "0");
    try (InsertResponse response =
        client
            .insert(database + "." + table, columns, rows, ClickHouseFormat.RowBinary, settings)
            .get(TIMEOUT_S, TimeUnit.SECONDS)) {
      response.getWrittenRows();
    } catch (Exception e) {
      throw failure(e);
    }
  }

  private static IOException failure(Exception e) {
    if (e instanceof InterruptedException) {
      Thread.currentThread().interrupt();
      return new IOException("interrupted", e);
    }
    Throwable cause = e instanceof ExecutionException && e.getCause() != null ? e.getCause() : e;
    if (cause instanceof TimeoutException) {
      return new IOException("no answer within " + TIMEOUT_S + " s", e);
    }
    if (cause instanceof ServerException s) {
      return new IOException("ClickHouse error " + s.getCode() + ": " + s.getMessage(), e);
    }
    return new IOException(String.valueOf(cause.getMessage()), e);
  }

  @Override
  public void close() {
    client.close();
  }
}
