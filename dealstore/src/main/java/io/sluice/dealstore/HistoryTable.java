package io.sluice.dealstore;

import io.sluice.dealstore.journal.Location;
import io.sluice.fsm.MachineId;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Where in the journal the entries of each machine lie. */
final class HistoryTable {
  static final String SCHEMA =
      """
      CREATE TABLE IF NOT EXISTS history (
        machine VARCHAR NOT NULL,
        position BIGINT NOT NULL,
        segment BIGINT NOT NULL,
        place BIGINT NOT NULL,
        checksum INT NOT NULL,
        PRIMARY KEY (machine, position));
      CREATE INDEX IF NOT EXISTS history_segment ON history (segment)
      """;

  private static final CheckedTable TABLE =
      CheckedTable.of("history", "machine", "position", "segment", "place");

  private HistoryTable() {}

  static void add(Connection connection, MachineId machine, Location location) throws SQLException {
    TABLE.insert(
        connection, machine.value(), location.sequence(), location.segment(), location.offset());
  }

  static List<Location> of(Connection connection, MachineId machine) throws SQLException {
    return TABLE.select(
        connection,
        "WHERE machine = ? ORDER BY position",
        row -> new Location(row.getLong(2), row.getLong(3), row.getLong(4)),
        machine.value());
  }

  /**
   * Whether a segment holds entries of a machine that lives, or that changed at or after a time.
   *
   * @param but tables whose machines do not count
   */
  static boolean isNeeded(Connection connection, long segment, long since, Set<String> but)
      throws SQLException {
    List<Object> values = new ArrayList<>(List.of(segment, since));
    values.addAll(but);
    String others = " AND m.machine_table <> ?".repeat(but.size());
    return Rows.query(
            connection,
            """
            SELECT EXISTS (
              SELECT 1 FROM history h JOIN machine m ON m.id = h.machine
              WHERE h.segment = ? AND (NOT m.ended OR m.changed >= ?)%s)
            """
                .formatted(others),
            row -> row.getBoolean(1),
            values.toArray())
        .getFirst();
  }

  static void forget(Connection connection, long segment) throws SQLException {
    Rows.update(connection, "DELETE FROM history WHERE segment = ?", segment);
  }
}
