package io.sluice.node.transfer;

import io.sluice.fsm.Applied;
import io.sluice.fsm.EventType;
import io.sluice.fsm.TransitionTable;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What the events of a deal mean to its transfer channel. Each event has a meaning, be it that
 * nothing follows: a new event of the table cannot be forgotten.
 *
 * @param <S> the deal's states
 * @param <D> the deal's data
 */
public final class EventMeanings<S extends Enum<S>, D> {
  private final TransitionTable<S, D, ?> table;
  private final Map<EventType<?>, Consumer<Applied<S, D>>> meanings;

  /**
   * What follows each event.
   *
   * @throws IllegalStateException if an event of the table is left out
   */
  public EventMeanings(
      TransitionTable<S, D, ?> table, Map<EventType<?>, Consumer<Applied<S, D>>> meanings) {
    if (!meanings.keySet().equals(Set.copyOf(table.events()))) {
      throw new IllegalStateException("an event of " + table + " has no meaning for its channel");
    }
    this.table = table;
    this.meanings = Map.copyOf(meanings);
  }

  /** Does what follows an event; the start of a deal is none. */
  public void applied(Applied<S, D> applied) {
    if (!applied.started()) {
      Objects.requireNonNull(meanings.get(table.event(applied.event()))).accept(applied);
    }
  }
}
