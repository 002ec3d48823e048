package io.sluice.dealstore;

import io.sluice.fsm.EntryHash;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.StoredMachine;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The machines as their last entry left them. */
final class MachineTable {
  static final String SCHEMA =
      """
      CREATE TABLE IF NOT EXISTS machine (
        id VARCHAR PRIMARY KEY,
        machine_table VARCHAR NOT NULL,
        version INT NOT NULL,
        state VARCHAR NOT NULL,
        ended BOOLEAN NOT NULL,
        data BLOB NOT NULL,
        sequence BIGINT NOT NULL,
        head BINARY(32) NOT NULL,
        changed BIGINT NOT NULL,
        checksum INT NOT NULL);
      CREATE INDEX IF NOT EXISTS machine_live ON machine (machine_table, ended)
      """;

  static final CheckedTable TABLE =
      CheckedTable.counted(
          "machine",
          "id",
          "machine_table",
          "version",
          "state",
          "ended",
          "data",
          "sequence",
          "head",
          "changed");

  private MachineTable() {}

  static void put(Connection connection, StoredMachine machine) throws SQLException {
    TABLE.delete(connection, "id = ?", machine.id().value());
    TABLE.insert(
        connection,
        machine.id().value(),
        machine.table(),
        machine.version(),
        machine.state(),
        machine.ended(),
        Nodes.write(machine.data()),
        machine.sequence(),
        machine.head().bytes(),
        machine.changed().toEpochMilli());
  }

  static Optional<StoredMachine> get(Connection connection, MachineId id) throws SQLException {
    return TABLE.select(connection, "WHERE id = ?", MachineTable::read, id.value()).stream()
        .findFirst();
  }

  static List<StoredMachine> all(Connection connection, String table) throws SQLException {
    return TABLE.select(
        connection, "WHERE machine_table = ? ORDER BY changed, id", MachineTable::read, table);
  }

  static List<StoredMachine> notEnded(Connection connection) throws SQLException {
    return TABLE.select(connection, "WHERE NOT ended ORDER BY id", MachineTable::read);
  }

  /** The ended machines whose rows are sound; what cannot be read is passed over. */
  static List<StoredMachine> soundEnded(Connection connection) throws SQLException {
    List<StoredMachine> sound = new ArrayList<>();
    for (String id :
        Rows.query(connection, "SELECT id FROM machine WHERE ended", row -> row.getString(1))) {
      try {
        get(connection, new MachineId(id)).filter(StoredMachine::ended).ifPresent(sound::add);
      } catch (SQLException | RuntimeException e) {
        // This row is the damaged one, or one of them.
      }
    }
    return sound;
  }

  /** Adds those of which nothing is known. */
  static void putMissing(Connection connection, List<StoredMachine> machines) throws SQLException {
    for (StoredMachine machine : machines) {
      if (get(connection, machine.id()).isEmpty()) {
        put(connection, machine);
      }
    }
  }

  private static StoredMachine read(ResultSet row) throws SQLException {
    return new StoredMachine(
        new MachineId(row.getString(1)),
        row.getString(2),
        row.getInt(3),
        row.getString(4),
        row.getBoolean(5),
        Nodes.read(row.getBytes(6)),
        row.getLong(7),
        EntryHash.of(row.getBytes(8)),
        Instant.ofEpochMilli(row.getLong(9)));
  }
}
