package io.sluice.dealstore;

import io.sluice.dealstore.Rows.ReadRow;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.Blob;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * A table whose rows carry a checksum over all their columns: H2 has none over what it stores, so a
 * flipped bit would change an amount and nobody would know. A row that does not match is never
 * handed out. Damage to H2's own pages can also hide rows: for that the sum of all checksums of the
 * counted tables is kept beside them.
 *
 * @param name of the table
 * @param columns in their order, the checksum's not among them
 * @param counted whether its rows are part of the sum
 */
record CheckedTable(String name, List<String> columns, boolean counted) {
  static final String SUM_SCHEMA = "CREATE TABLE IF NOT EXISTS row_sum (total BIGINT NOT NULL)";
  private static final String CHECKSUM = "checksum";

  static CheckedTable of(String name, String... columns) {
    return new CheckedTable(name, List.of(columns), false);
  }

  static CheckedTable counted(String name, String... columns) {
    return new CheckedTable(name, List.of(columns), true);
  }

  /** Begins the sum, in empty tables. */
  static void begin(Connection connection) throws SQLException {
    Rows.update(connection, "INSERT INTO row_sum VALUES (0)");
  }

  /**
   * Reads every row of all counted tables.
   *
   * @throws SQLException if one does not match its checksum, or their sum is another
   */
  static void check(Connection connection, List<CheckedTable> all) throws SQLException {
    long sum = 0;
    for (CheckedTable table : all) {
      int checksum = table.columns.size() + 1;
      for (int each : table.select(connection, "", row -> row.getInt(checksum))) {
        sum += each;
      }
    }
    if (!Rows.query(connection, "SELECT total FROM row_sum", row -> row.getLong(1))
        .equals(List.of(sum))) {
      throw new SQLException("rows are missing, or there are too many");
    }
  }

  /** Adds a row; never in the place of another. */
  void insert(Connection connection, Object... values) throws SQLException {
    int checksum = checksum(values);
    Object[] all = Arrays.copyOf(values, values.length + 1);
    all[values.length] = checksum;
    String marks = String.join(", ", Collections.nCopies(all.length, "?"));
    Rows.update(connection, "INSERT INTO " + name + " VALUES (" + marks + ")", all);
    count(connection, checksum);
  }

  /** Takes rows away. */
  void delete(Connection connection, String where, Object... arguments) throws SQLException {
    for (int checksum :
        Rows.query(
            connection,
            "SELECT %s FROM %s WHERE %s".formatted(CHECKSUM, name, where),
            row -> row.getInt(1),
            arguments)) {
      count(connection, -(long) checksum);
    }
    Rows.update(connection, "DELETE FROM " + name + " WHERE " + where, arguments);
  }

  private void count(Connection connection, long change) throws SQLException {
    if (counted && change != 0) {
      Rows.update(connection, "UPDATE row_sum SET total = total + ?", change);
    }
  }

  /**
   * Reads rows.
   *
   * @param where what follows the table's name
   * @throws SQLException also if a row does not match its checksum
   */
  <T> List<T> select(Connection connection, String where, ReadRow<T> reader, Object... arguments)
      throws SQLException {
    return Rows.query(
        connection,
        "SELECT %s, %s FROM %s %s".formatted(String.join(", ", columns), CHECKSUM, name, where),
        row -> reader.read(checked(row)),
        arguments);
  }

  private ResultSet checked(ResultSet row) throws SQLException {
    if (!matches(row)) {
      throw new SQLException("a row of " + name + " does not match its checksum");
    }
    return row;
  }

  /** Whether a row of {@link #select}'s columns is as it was written. */
  private boolean matches(ResultSet row) throws SQLException {
    Object[] values = new Object[columns.size()];
    for (int i = 0; i < values.length; i++) {
      Object value = row.getObject(i + 1);
      values[i] = value instanceof Blob ? row.getBytes(i + 1) : value;
    }
    return row.getInt(columns.size() + 1) == checksum(values);
  }

  private static int checksum(Object... values) {
    CRC32C checksum = new CRC32C();
    for (Object value : values) {
      byte[] bytes =
          value instanceof byte[] raw
              ? raw
              : String.valueOf(value).getBytes(StandardCharsets.UTF_8);
      checksum.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, bytes.length));
      checksum.update(bytes);
    }
    return (int) checksum.getValue();
  }
}
