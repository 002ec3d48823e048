package io.sluice.fsm.replay;

import io.sluice.fsm.TransitionTable;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The tables of all names and versions that histories may have been recorded with. Immutable. */
public final class KnownTables {
  private record TableVersion(String name, int version) {}

  private final Map<TableVersion, TransitionTable<?, ?, ?>> tables = new HashMap<>();

  private KnownTables() {}

  /**
   * Collects tables.
   *
   * @throws IllegalArgumentException if two have the same name and version
   */
  public static KnownTables of(TransitionTable<?, ?, ?>... tables) {
    KnownTables known = new KnownTables();
    for (TransitionTable<?, ?, ?> table : tables) {
      if (known.tables.put(new TableVersion(table.name(), table.version()), table) != null) {
        throw new IllegalArgumentException("two tables " + table);
      }
    }
    return known;
  }

  /** The table of this name and version, if it is known here. */
  public Optional<TransitionTable<?, ?, ?>> find(String name, int version) {
    return Optional.ofNullable(tables.get(new TableVersion(name, version)));
  }
}
