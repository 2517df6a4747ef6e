package io.kymo.acceptance;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * What an application does with a database, run as a process of its own inside the client's
 * namespace. Argument: the JDBC URL.
 */
public final class MariaDbClient {
  private MariaDbClient() {}

  public static void main(String[] args) throws SQLException {
    try (Connection connection = DriverManager.getConnection(args[0])) {
      try (Statement statement = connection.createStatement()) {
        statement.execute(
            "CREATE TABLE IF NOT EXISTS orders (id INT PRIMARY KEY AUTO_INCREMENT, customer VARCHAR(80), total DECIMAL(10,2))");
        statement.execute("SELECT 1; SELECT 2");
        while (statement.getMoreResults() || statement.getUpdateCount() != -1) {
          // all results are taken
        }
        fails(statement, "SELECT * FROM no_such_table");
        fails(statement, "SELEC 1");
      }
      try (PreparedStatement insert =
          connection.prepareStatement("INSERT INTO orders (customer, total) VALUES (?, ?)")) {
        for (int i = 0; i < 50; i++) {
          insert.setString(1, "planted-secret-" + i);
          insert.setBigDecimal(2, java.math.BigDecimal.valueOf(i));
          insert.executeUpdate();
        }
      }
      try (PreparedStatement select =
          connection.prepareStatement(
              "SELECT id, customer, total FROM orders WHERE id > ? ORDER BY id LIMIT 20")) {
        for (int i = 0; i < 50; i++) {
          select.setInt(1, i);
          try (ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
              rows.getString(2);
            }
          }
        }
      }
    }
  }

  private static void fails(Statement statement, String sql) {
    try {
      statement.execute(sql);
    } catch (SQLException expected) {
      return;
    }
    throw new IllegalStateException("did not fail: " + sql);
  }
}
