package io.sluice.dealstore;

import io.sluice.fsm.EntryHash;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.StoredMachine;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
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
        changed BIGINT NOT NULL);
      CREATE INDEX IF NOT EXISTS machine_live ON machine (machine_table, ended)
      """;

  private static final String COLUMNS =
      "SELECT id, machine_table, version, state, ended, data, sequence, head, changed FROM machine"
          + " ";

  private MachineTable() {}

  static void put(Connection connection, StoredMachine machine) throws SQLException {
    Rows.update(
        connection,
        "MERGE INTO machine KEY (id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
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
    return Rows.query(connection, COLUMNS + "WHERE id = ?", MachineTable::read, id.value()).stream()
        .findFirst();
  }

  static List<StoredMachine> live(Connection connection, String table) throws SQLException {
    return Rows.query(
        connection,
        COLUMNS + "WHERE machine_table = ? AND NOT ended ORDER BY id",
        MachineTable::read,
        table);
  }

  static List<StoredMachine> all(Connection connection, String table) throws SQLException {
    return Rows.query(
        connection,
        COLUMNS + "WHERE machine_table = ? ORDER BY changed, id",
        MachineTable::read,
        table);
  }

  static List<StoredMachine> notEnded(Connection connection) throws SQLException {
    return Rows.query(connection, COLUMNS + "WHERE NOT ended ORDER BY id", MachineTable::read);
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
