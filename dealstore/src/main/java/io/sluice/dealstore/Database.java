package io.sluice.dealstore;

import io.sluice.dealstore.disk.DiskWatch;
import io.sluice.dealstore.disk.StorageFullException;
import io.sluice.fsm.StoredMachine;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.h2.store.fs.FileUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The H2 file with the queryable state, and the number of the last journal record it contains. It
 * can be made again from the snapshot and the journal at any time, so one that does not open, or in
 * which a row is not what it was, is put aside and made anew.
 */
final class Database implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Database.class);

  /**
   * A delay would have H2 write from threads of its own, also in the middle of a transaction: one
   * that a kill cuts off so can come back as neither done nor undone, its rows locked for ever. The
   * retention stays as H2 has it: shorter ones have made it fail at its own end. The statements are
   * few, and all of them stay parsed.
   */
  private static final String SETTINGS =
      ";WRITE_DELAY=0;DB_CLOSE_ON_EXIT=FALSE;QUERY_CACHE_SIZE=64";

  private static final int SCHEMA_VERSION = 2;

  /**
   * What machines, payments and documents consist of lies in their rows up to so many bytes. Apart
   * from them, which is where H2 would put all beyond 256, each costs entries in two more maps, and
   * whoever reads it an object that the session keeps for five minutes.
   */
  private static final int IN_THE_ROW = 64 << 10;

  private static final CheckedTable META = CheckedTable.of("meta", "version", "position");
  private static final List<String> SCHEMA =
      List.of(
          "CREATE TABLE IF NOT EXISTS meta"
              + " (version INT NOT NULL, position BIGINT NOT NULL, checksum INT NOT NULL)",
          CheckedTable.SUM_SCHEMA,
          MachineTable.SCHEMA,
          HistoryTable.SCHEMA,
          PaymentTable.SCHEMA,
          DocumentTable.SCHEMA);

  /** H2 replaces one by the other, and takes what follows a semicolon as settings. */
  private static final String NOT_IN_PATHS = ";\\";

  private static final String FILE = "deals";
  private static final String SUFFIX = ".mv.db";
  private static final AtomicInteger COPIES = new AtomicInteger();

  private final Connection connection;

  /** For single questions, which so wait for no transaction that is being written. */
  private final Connection reader;

  private final Object reading = new Object();
  private final Path file;
  private final DiskWatch watch;

  private Database(Connection connection, Connection reader, Path file, DiskWatch watch) {
    this.connection = connection;
    this.reader = reader;
    this.file = file;
    this.watch = watch;
  }

  /** The database's file in a folder. */
  private static Path file(Path directory) {
    return directory.resolve(FILE + SUFFIX);
  }

  /** Lies beside a database in which something was found damaged. */
  private static Path mark(Path directory) {
    return directory.resolve(FILE + ".damaged");
  }

  /**
   * Refuses a folder whose path H2 would not take as it is; before anything is written there.
   *
   * @throws IOException with the reason
   */
  static void requireUsable(Path directory) throws IOException {
    String path = directory.toAbsolutePath().toString();
    if (path.chars().anyMatch(it -> NOT_IN_PATHS.indexOf(it) >= 0)) {
      throw new IOException(
          path + ": the database cannot lie in a path with ';' or '\\'; choose another one");
    }
  }

  /**
   * Opens the database of a folder and reads it through.
   *
   * @param files how H2 reaches its files, {@code file:} for the disk
   * @throws TablesUnusable if it cannot be trusted; then it is closed
   */
  static Database open(Path directory, String files, DiskWatch watch) throws IOException {
    if (Files.exists(mark(directory))) {
      throw new TablesUnusable("something in it was found damaged when it was last used");
    }
    Path path = directory.resolve(FILE).toAbsolutePath();
    try {
      return connect("jdbc:h2:" + files + path, file(directory), watch);
    } catch (SQLException e) {
      if (StorageFullException.isFull(e)) {
        throw StorageFullException.typed(path, e);
      }
      if (!Files.exists(file(directory))) {
        throw new IOException("the database cannot be made: " + e.getMessage(), e);
      }
      throw new TablesUnusable("it cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * Opens a copy in memory, for a disk that takes nothing any more.
   *
   * @param trusted whether to begin with what the file holds
   */
  static Database openCopy(Path directory, boolean trusted) throws IOException {
    String copy = "memFS:sluice-" + COPIES.incrementAndGet();
    try {
      if (trusted && Files.exists(file(directory))) {
        try (OutputStream out = FileUtils.newOutputStream(copy + SUFFIX, false)) {
          Files.copy(file(directory), out);
        }
      }
      return connect("jdbc:h2:" + copy, file(directory), DiskWatch.NONE);
    } catch (SQLException e) {
      throw new TablesUnusable("it cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * What is sound in a database that cannot be trusted.
   *
   * @param ended the ended machines: of deals that ended long ago nothing else may have the last
   *     state
   * @param position the last journal record that it contains; where that cannot be read the first,
   *     since tables are not damaged before there is something to keep in them
   */
  record SoundRest(List<StoredMachine> ended, long position) {}

  /** Reads what is sound in a closed database that cannot be trusted. */
  static SoundRest soundRest(Path directory) throws IOException {
    List<StoredMachine> ended = new ArrayList<>();
    long position = 0;
    if (Files.exists(file(directory))) {
      position = 1;
      try (Connection connection =
          DriverManager.getConnection(
              "jdbc:h2:file:" + directory.resolve(FILE).toAbsolutePath() + SETTINGS)) {
        try {
          position = position(connection);
        } catch (SQLException e) {
          LOG.warn("how far {} had come cannot be read: {}", file(directory), e.getMessage());
        }
        ended.addAll(MachineTable.soundEnded(connection));
        try (Statement statement = connection.createStatement()) {
          statement.execute("SHUTDOWN IMMEDIATELY");
        }
      } catch (SQLException e) {
        LOG.warn("nothing more can be read of {}: {}", file(directory), e.getMessage());
      }
    }
    return new SoundRest(ended, position);
  }

  /** Takes a closed database out of the way; the next to open makes an empty one. */
  static void putAside(Path directory) throws IOException {
    if (Files.exists(file(directory))) {
      Files.move(
          file(directory),
          directory.resolve(FILE + SUFFIX + ".bad"),
          StandardCopyOption.REPLACE_EXISTING);
    }
    Files.deleteIfExists(mark(directory));
  }

  private static Database connect(String url, Path file, DiskWatch watch) throws SQLException {
    Connection connection = DriverManager.getConnection(url + SETTINGS);
    try {
      try (Statement statement = connection.createStatement()) {
        statement.execute("SET MAX_LENGTH_INPLACE_LOB " + IN_THE_ROW);
        for (String table : SCHEMA) {
          statement.execute(table);
        }
      }
      connection.setAutoCommit(false);
      List<Integer> versions = META.select(connection, "", row -> row.getInt(1));
      if (versions.isEmpty()) {
        META.insert(connection, SCHEMA_VERSION, 0L);
        CheckedTable.begin(connection);
        connection.commit();
      } else if (versions.getFirst() > SCHEMA_VERSION) {
        throw new IllegalStateException(
            "the store has schema %d, newer than this program's %d"
                .formatted(versions.getFirst(), SCHEMA_VERSION));
      }
      // Where each entry lies is compared with the entry itself when it is read.
      CheckedTable.check(
          connection, List.of(MachineTable.TABLE, PaymentTable.TABLE, DocumentTable.TABLE));
      return new Database(connection, DriverManager.getConnection(url + SETTINGS), file, watch);
    } catch (SQLException | RuntimeException e) {
      try (connection;
          Statement statement = connection.createStatement()) {
        statement.execute("SHUTDOWN IMMEDIATELY");
      } catch (SQLException worse) {
        e.addSuppressed(worse);
      }
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
      throw failed("read", e);
    }
  }

  /**
   * As {@link #read} for one statement: it sees what is committed, and does not wait while more is
   * being written.
   */
  <T> T lookUp(DatabaseRead<T> statement) throws IOException {
    synchronized (reading) {
      try {
        return statement.with(reader);
      } catch (SQLException e) {
        throw failed("read", e);
      }
    }
  }

  /** One transaction, after which the database contains the journal up to {@code position}. */
  void write(long position, DatabaseChange change) throws IOException {
    write(
        open -> {
          change.with(open);
          Rows.update(open, "DELETE FROM meta");
          META.insert(open, SCHEMA_VERSION, position);
        });
  }

  /** One transaction that brings nothing of the journal. */
  synchronized void write(DatabaseChange change) throws IOException {
    try {
      change.with(connection);
      connection.commit();
    } catch (SQLException e) {
      throw failed("written", e);
    }
  }

  /** Makes all that was written durable, which no transaction waits for. */
  synchronized void sync() throws IOException {
    try (Statement statement = connection.createStatement()) {
      watch.before(file, DiskWatch.Change.FORCE_TABLES);
      statement.execute("CHECKPOINT SYNC");
      connection.commit();
    } catch (IOException e) {
      throw StorageFullException.typed(file, e);
    } catch (SQLException e) {
      throw failed("written", e);
    }
  }

  /** The failure, typed; what is damaged is noted for the next start, which makes it anew. */
  private IOException failed(String done, SQLException cause) {
    if (StorageFullException.isFull(cause)) {
      return StorageFullException.typed(file, cause);
    }
    try {
      Path folder = file.toAbsolutePath().getParent();
      if (folder != null && !connection.isClosed()) {
        Files.write(mark(folder), new byte[0]);
      }
    } catch (IOException | SQLException e) {
      cause.addSuppressed(e);
    }
    return new TablesUnusable(
        "the database cannot be %s: %s".formatted(done, cause.getMessage()), cause);
  }

  /** The number of the last journal record that is contained. */
  long position() throws IOException {
    return read(Database::position);
  }

  static long position(Connection connection) throws SQLException {
    List<Long> positions = META.select(connection, "", row -> row.getLong(2));
    if (positions.size() != 1) {
      throw new SQLException(positions.size() + " positions in place of one");
    }
    return positions.getFirst();
  }

  @Override
  public synchronized void close() throws IOException {
    // The connections, too: H2 complains of one that is left, in a file beside the next database.
    try (connection;
        reader;
        Statement statement = connection.createStatement()) {
      statement.execute("SHUTDOWN");
    } catch (SQLException e) {
      throw new IOException("the database cannot be closed: " + e.getMessage(), e);
    }
  }
}
