package io.sluice.fsm;

import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.ipld.NodeCodec;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;

/**
 * A state machine as data: its states, its events and every legal move, each of them once.
 *
 * <p>The engine, the diagrams, the replay of recorded histories and the tests are all fed from
 * these rows; there is no second place where a move is written down. What is not in the table is
 * refused.
 *
 * <pre>{@code
 * TransitionTable.<ClientState, ClientDeal, ClientInput>named("client-deal", 1, ClientEvent.ALL)
 *     .between(NEW, EnumSet.of(COMPLETED, ABANDONED))
 *     .storedAs(ClientDeal.CODEC, ClientInput.CODEC)
 *     .heading("agreeing")
 *     .row(NEW, OPEN, PROPOSED, ClientDeal::opened)
 *     .again(PROPOSED, RECONNECTED, ClientDeal::unchanged)
 *     .record(PROPOSED, BLOCKS_RECEIVED, ClientDeal::bytesCounted)
 *     .heading("leaving early")
 *     .fromAnyLive(CANCEL, CLEANING_UP, ClientDeal::cancelAsked)
 *     .row(CLEANING_UP, CLEANED_UP, ABANDONED, ClientDeal::unchanged)
 *     .build();
 * }</pre>
 *
 * <p>Name and version, and the names of the states and events, are stored with every event of every
 * machine. Renaming one, or changing what a recorder makes of the same input, therefore takes a new
 * version; the old table stays for replaying what was recorded under it.
 *
 * <p>Immutable and safe for use from any thread.
 *
 * @param <S> the states, at most one step each
 * @param <D> the machine's data, an immutable value
 * @param <I> what events bring along, an immutable value
 */
public final class TransitionTable<S extends Enum<S>, D, I> {
  private final String name;
  private final int version;
  private final S initial;
  private final Set<S> ends;
  private final List<EventType<? extends I>> events;
  private final NodeCodec<D> data;
  private final NodeCodec<I> input;
  private final BiFunction<S, D, String> shown;
  private final List<Row<S, D>> rows;
  private final Map<S, Map<EventType<?>, Row<S, D>>> cells;

  TransitionTable(
      String name,
      int version,
      S initial,
      Set<S> ends,
      List<EventType<? extends I>> events,
      NodeCodec<D> data,
      NodeCodec<I> input,
      BiFunction<S, D, String> shown,
      List<Row<S, D>> rows) {
    this.name = name;
    this.version = version;
    this.initial = initial;
    this.ends = Collections.unmodifiableSet(EnumSet.copyOf(ends));
    this.events = events;
    this.data = data;
    this.input = input;
    this.shown = shown;
    this.rows = List.copyOf(rows);
    this.cells = new EnumMap<>(initial.getDeclaringClass());
    for (Row<S, D> row : rows) {
      cells.computeIfAbsent(row.from(), s -> new HashMap<>()).put(row.event(), row);
    }
  }

  /**
   * Begins a table.
   *
   * @param name what the machine is called in stores and documents, such as {@code client-deal}
   * @param version counts up from 1 when histories of the old table would no longer replay
   * @param events all that can happen to such a machine
   */
  public static <S extends Enum<S>, D, I> TableBuilder<S, D, I> named(
      String name, int version, EventTypes<I> events) {
    return new TableBuilder<>(name, version, events);
  }

  /** The name under which machines of this kind are stored. */
  public String name() {
    return name;
  }

  /** The version under which events are recorded. */
  public int version() {
    return version;
  }

  /** The state in which every machine starts. */
  public S initial() {
    return initial;
  }

  /** The states in which a machine has ended: none has a row out of it. */
  public Set<S> ends() {
    return ends;
  }

  /** Whether a machine in this state has ended. */
  public boolean isEnd(S state) {
    return ends.contains(state);
  }

  /** All states, in the order of their enum. */
  public List<S> states() {
    return List.of(initial.getDeclaringClass().getEnumConstants());
  }

  /** All events, in the order in which their class names them. */
  public List<EventType<? extends I>> events() {
    return events;
  }

  /** All rows, in the order of the table; a rule for all live states stands here as its rows. */
  public List<Row<S, D>> rows() {
    return rows;
  }

  /** The row for a state and an event, or nothing if the event is refused there. */
  public Optional<Row<S, D>> row(S state, EventType<?> event) {
    Map<EventType<?>, Row<S, D>> cells = this.cells.get(state);
    return cells == null ? Optional.empty() : Optional.ofNullable(cells.get(event));
  }

  /** What people read as the state of a machine, of which both are given as they are stored. */
  public String shown(String state, Node data) {
    return shown.apply(state(state), this.data.decode(data));
  }

  /** How the machine's data are stored. */
  public NodeCodec<D> data() {
    return data;
  }

  /** How the events' inputs are stored. */
  public NodeCodec<I> input() {
    return input;
  }

  /**
   * The state of this name.
   *
   * @throws IllegalArgumentException if the table has none
   */
  public S state(String name) {
    return Enum.valueOf(initial.getDeclaringClass(), name);
  }

  /**
   * The event of this name.
   *
   * @throws IllegalArgumentException if the table has none
   */
  public EventType<? extends I> event(String name) {
    return events.stream()
        .filter(event -> event.name().equals(name))
        .findAny()
        .orElseThrow(() -> new IllegalArgumentException(this + " has no event " + name));
  }

  @Override
  public String toString() {
    return name + " v" + version;
  }
}
