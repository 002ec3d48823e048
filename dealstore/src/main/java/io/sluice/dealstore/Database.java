package io.sluice.dealstore;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The H2 file with the queryable state, and the number of the last journal record it contains. It
 * can be made again from the snapshot and the journal at any time, so one that does not open is put
 * aside and made anew.
 */
final class Database implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Database.class);

  /**
   * A delay would have H2 write from threads of its own, also in the middle of a transaction: one
   * that a kill cuts off so can come back as neither done nor undone, its rows locked for ever. The
   * retention stays as H2 has it: shorter ones have made it fail at its own end.
   */
  private static final String SETTINGS = ";WRITE_DELAY=0;DB_CLOSE_ON_EXIT=FALSE";

  private static final int SCHEMA_VERSION = 1;
  private static final List<String> SCHEMA =
      List.of(
          "CREATE TABLE IF NOT EXISTS meta (version INT NOT NULL, position BIGINT NOT NULL)",
          MachineTable.SCHEMA,
          HistoryTable.SCHEMA,
          PaymentTable.SCHEMA,
          DocumentTable.SCHEMA);

  private final Connection connection;

  private Database(Connection connection) {
    this.connection = connection;
  }

  /** Opens {@code NAME.mv.db} in a folder; a file that cannot be read is put aside. */
  static Database open(Path directory, String name) throws IOException {
    try {
      return connect(directory.resolve(name));
    } catch (SQLException broken) {
      Path file = directory.resolve(name + ".mv.db");
      if (!Files.exists(file)) {
        throw new IOException("the database cannot be opened: " + broken.getMessage(), broken);
      }
      LOG.warn("{} cannot be read and is made anew from the journal", file, broken);
      putAside(directory, name);
      try {
        return connect(directory.resolve(name));
      } catch (SQLException e) {
        throw new IOException("the database cannot be made: " + e.getMessage(), e);
      }
    }
  }

  /** Takes a closed database out of the way; the next to open makes an empty one. */
  static void putAside(Path directory, String name) throws IOException {
    Files.move(
        directory.resolve(name + ".mv.db"),
        directory.resolve(name + ".mv.db.bad"),
        StandardCopyOption.REPLACE_EXISTING);
  }

  private static Database connect(Path path) throws SQLException {
    Connection connection =
        DriverManager.getConnection("jdbc:h2:file:" + path.toAbsolutePath() + SETTINGS);
    try {
      try (Statement statement = connection.createStatement()) {
        for (String table : SCHEMA) {
          statement.execute(table);
        }
      }
      connection.setAutoCommit(false);
      List<Integer> versions =
          Rows.query(connection, "SELECT version FROM meta", row -> row.getInt(1));
      if (versions.isEmpty()) {
        Rows.update(connection, "INSERT INTO meta VALUES (?, 0)", SCHEMA_VERSION);
        connection.commit();
      } else if (versions.getFirst() > SCHEMA_VERSION) {
        throw new IllegalStateException(
            "the store has schema %d, newer than this program's %d"
                .formatted(versions.getFirst(), SCHEMA_VERSION));
      }
      return new Database(connection);
    } catch (SQLException | RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  /** What {@link #read} and {@link #write} do with the connection. */
  @FunctionalInterface
  interface DatabaseRead<T> {
    T with(Connection connection) throws SQLException;
  }

  /** What a transaction writes. */
  @FunctionalInterface
  interface DatabaseChange {
    void with(Connection connection) throws SQLException;
  }

  synchronized <T> T read(DatabaseRead<T> work) throws IOException {
    try {
      return work.with(connection);
    } catch (SQLException e) {
      throw new TablesUnusable("the database cannot be read: " + e.getMessage(), e);
    }
  }

  /** One transaction, after which the database contains the journal up to {@code position}. */
  void write(long position, DatabaseChange change) throws IOException {
    write(
        open -> {
          change.with(open);
          Rows.update(open, "UPDATE meta SET position = ?", position);
        });
  }

  /** One transaction that brings nothing of the journal. */
  synchronized void write(DatabaseChange change) throws IOException {
    try {
      change.with(connection);
      connection.commit();
    } catch (SQLException e) {
      throw new TablesUnusable("the database cannot be written: " + e.getMessage(), e);
    }
  }

  /** Makes all that was written durable, which no transaction waits for. */
  synchronized void sync() throws IOException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("CHECKPOINT SYNC");
      connection.commit();
    } catch (SQLException e) {
      throw new TablesUnusable("the database cannot be written: " + e.getMessage(), e);
    }
  }

  /** The number of the last journal record that is contained. */
  long position() throws IOException {
    return read(
        open -> Rows.query(open, "SELECT position FROM meta", row -> row.getLong(1)).getFirst());
  }

  @Override
  public synchronized void close() throws IOException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("SHUTDOWN");
    } catch (SQLException e) {
      throw new IOException("the database cannot be closed: " + e.getMessage(), e);
    }
  }
}
