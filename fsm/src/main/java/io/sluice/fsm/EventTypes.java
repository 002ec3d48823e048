package io.sluice.fsm;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The events of one machine. A class of constants adds each of its constants here, so that the
 * table can tell which of them no row takes.
 *
 * <p>Filled while that class is initialized, by one thread; complete from then on.
 *
 * @param <I> what the machine's events bring along
 */
public final class EventTypes<I> {
  private final Map<String, EventType<? extends I>> byName = new LinkedHashMap<>();

  /**
   * Adds an event.
   *
   * @param name stored with every such event; another name takes a new version of the table
   * @param input what it brings along
   * @throws IllegalArgumentException if there is one of this name
   */
  public <X extends I> EventType<X> add(String name, Class<X> input) {
    EventType<X> type = new EventType<>(name, input);
    if (name.isBlank() || name.equals(JournalEntry.STARTED) || byName.put(name, type) != null) {
      throw new IllegalArgumentException("not a name for one more event: " + name);
    }
    return type;
  }

  /** All of them, in the order in which they were added. */
  List<EventType<? extends I>> all() {
    return List.copyOf(byName.values());
  }
}
