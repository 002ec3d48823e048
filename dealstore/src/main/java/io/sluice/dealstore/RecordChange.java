package io.sluice.dealstore;

import io.sluice.fsm.MachineId;
import io.sluice.fsm.StoredMachine;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What one journal record changes in the tables.
 *
 * @param machine the machine as the record leaves it, if it is about one
 * @param rest everything else
 */
record RecordChange(Optional<StoredMachine> machine, Database.DatabaseChange rest) {
  /** One that is about no machine. */
  static RecordChange of(Database.DatabaseChange change) {
    return new RecordChange(Optional.empty(), change);
  }

  /**
   * Makes the changes of records that follow each other. A deal's events come close together, and
   * of its rows only the last one will be asked for.
   */
  static void applyAll(Connection connection, List<RecordChange> changes) throws SQLException {
    Map<MachineId, StoredMachine> last = new LinkedHashMap<>();
    for (RecordChange change : changes) {
      change.rest().with(connection);
      change.machine().ifPresent(machine -> last.put(machine.id(), machine));
    }
    for (StoredMachine machine : last.values()) {
      MachineTable.put(connection, machine);
    }
  }
}
