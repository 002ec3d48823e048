package io.sluice.fsm;

import io.sluice.protocol.ipld.NodeCodec;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Collects the rows of a {@link TransitionTable} in the order in which a machine lives.
 *
 * <p>Start with {@link TransitionTable#named}, then {@link #between} and {@link #storedAs}, then
 * rows. Mistakes that can be seen in one row are thrown by that row; what takes the whole table to
 * see is thrown by {@link #build}, all of it in one message.
 */
public final class TableBuilder<S extends Enum<S>, D, I> {
  private record TableCell<S>(S state, EventType<?> event) {}

  private record Rule<S, D>(
      EventType<?> event,
      @Nullable S to,
      RowKind kind,
      Recorder<D, Object> recorder,
      String heading) {}

  private final String name;
  private final int version;
  private final List<EventType<? extends I>> events;
  private final Map<TableCell<S>, Row<S, D>> rows = new HashMap<>();
  private final Map<EventType<?>, Rule<S, D>> rules = new HashMap<>();

  /** Rows and rules in the order of the table, each giving the rows it comes to. */
  private final List<Function<Set<S>, List<Row<S, D>>>> parts = new ArrayList<>();

  private @Nullable S initial;
  private @Nullable Set<S> ends;
  private BiFunction<S, D, String> shown = (state, data) -> state.name();
  private @Nullable NodeCodec<D> data;
  private @Nullable NodeCodec<I> input;
  private String heading = "";

  TableBuilder(String name, int version, EventTypes<I> events) {
    if (name.isBlank() || version < 1) {
      throw new IllegalArgumentException("a table needs a name and a version from 1 up");
    }
    this.name = name;
    this.version = version;
    this.events = events.all();
  }

  /** Names the state in which machines start and those in which they have ended. */
  public TableBuilder<S, D, I> between(S initial, Set<S> ends) {
    if (ends.isEmpty() || ends.contains(initial)) {
      throw new IllegalArgumentException(
          name + " has to start in a live state and end in another: " + initial + ", " + ends);
    }
    this.initial = initial;
    this.ends = EnumSet.copyOf(ends);
    return this;
  }

  /** Says how data and inputs are stored. */
  public TableBuilder<S, D, I> storedAs(NodeCodec<D> data, NodeCodec<I> input) {
    this.data = data;
    this.input = input;
    return this;
  }

  /**
   * Says what people read as the state of a machine, where that is more than the state's name: an
   * end with its outcome, say.
   */
  public TableBuilder<S, D, I> shownAs(BiFunction<S, D, String> shown) {
    this.shown = shown;
    return this;
  }

  /** Puts the rows that follow under a heading, which documents show. */
  public TableBuilder<S, D, I> heading(String heading) {
    this.heading = heading;
    return this;
  }

  /** A move to another state; that state's step runs. */
  public <X extends I> TableBuilder<S, D, I> row(
      S from, EventType<X> event, S to, Recorder<D, ? super X> recorder) {
    return add(new Row<>(from, event, to, RowKind.MOVE, checked(event, recorder), heading, false));
  }

  /** A move from each of these states, in the order of their enum. */
  public <X extends I> TableBuilder<S, D, I> row(
      Set<S> from, EventType<X> event, S to, Recorder<D, ? super X> recorder) {
    EnumSet.copyOf(from).forEach(state -> row(state, event, to, recorder));
    return this;
  }

  /** Stays in the state and runs its step once more. */
  public <X extends I> TableBuilder<S, D, I> again(
      S state, EventType<X> event, Recorder<D, ? super X> recorder) {
    return add(
        new Row<>(state, event, state, RowKind.AGAIN, checked(event, recorder), heading, false));
  }

  /** Stays in whichever of these states it is and runs that state's step once more. */
  public <X extends I> TableBuilder<S, D, I> again(
      Set<S> states, EventType<X> event, Recorder<D, ? super X> recorder) {
    EnumSet.copyOf(states).forEach(state -> again(state, event, recorder));
    return this;
  }

  /** Stays in the state; the data change and nothing runs. */
  public <X extends I> TableBuilder<S, D, I> record(
      S state, EventType<X> event, Recorder<D, ? super X> recorder) {
    return add(
        new Row<>(state, event, state, RowKind.RECORD, checked(event, recorder), heading, false));
  }

  /** Stays in whichever of these states it is; the data change and nothing runs. */
  public <X extends I> TableBuilder<S, D, I> record(
      Set<S> states, EventType<X> event, Recorder<D, ? super X> recorder) {
    EnumSet.copyOf(states).forEach(state -> record(state, event, recorder));
    return this;
  }

  /**
   * A move from every live state that has no row of its own for this event, wherever in the table
   * such a row stands. In {@code to} itself the step runs once more.
   */
  public <X extends I> TableBuilder<S, D, I> fromAnyLive(
      EventType<X> event, S to, Recorder<D, ? super X> recorder) {
    return add(new Rule<>(event, to, RowKind.MOVE, checked(event, recorder), heading));
  }

  /** As {@link #again}, in every live state that has no row of its own for this event. */
  public <X extends I> TableBuilder<S, D, I> againInAnyLive(
      EventType<X> event, Recorder<D, ? super X> recorder) {
    return add(new Rule<>(event, null, RowKind.AGAIN, checked(event, recorder), heading));
  }

  /** As {@link #record}, in every live state that has no row of its own for this event. */
  public <X extends I> TableBuilder<S, D, I> recordInAnyLive(
      EventType<X> event, Recorder<D, ? super X> recorder) {
    return add(new Rule<>(event, null, RowKind.RECORD, checked(event, recorder), heading));
  }

  /**
   * Checks the whole and gives the table.
   *
   * @throws IllegalStateException naming every defect: a row out of an end state, an event without
   *     a row or a row without an event of this machine, a state that cannot be reached, a live
   *     state from which no way leads to an end, a rule that no state is left for
   */
  public TransitionTable<S, D, I> build() {
    if (initial == null || ends == null || data == null || input == null) {
      throw new IllegalStateException(name + " lacks between() or storedAs()");
    }
    if (parts.isEmpty()) {
      throw new IllegalStateException(name + " has no rows");
    }
    List<String> defects = new ArrayList<>();
    List<Row<S, D>> all = new ArrayList<>();
    EnumSet<S> live = EnumSet.complementOf(EnumSet.copyOf(ends));
    for (Function<Set<S>, List<Row<S, D>>> part : parts) {
      all.addAll(part.apply(live));
    }
    for (Rule<S, D> rule : rules.values()) {
      if (rowsOf(rule, live).isEmpty()) {
        defects.add("every live state has its own row for " + rule.event() + ": drop the rule");
      }
    }
    TransitionTable<S, D, I> table =
        new TransitionTable<>(name, version, initial, ends, events, data, input, shown, all);
    defects.addAll(TableCheck.defects(table));
    if (!defects.isEmpty()) {
      throw new IllegalStateException("table " + table + ": " + String.join("; ", defects));
    }
    return table;
  }

  private List<Row<S, D>> rowsOf(Rule<S, D> rule, Set<S> live) {
    List<Row<S, D>> made = new ArrayList<>();
    for (S from : live) {
      if (!rows.containsKey(new TableCell<>(from, rule.event()))) {
        S to = rule.to() == null ? from : rule.to();
        RowKind kind = rule.kind() == RowKind.MOVE && to == from ? RowKind.AGAIN : rule.kind();
        made.add(new Row<>(from, rule.event(), to, kind, rule.recorder(), rule.heading(), true));
      }
    }
    return made;
  }

  private TableBuilder<S, D, I> add(Row<S, D> row) {
    Row<S, D> other = rows.putIfAbsent(new TableCell<>(row.from(), row.event()), row);
    if (other != null) {
      throw new IllegalStateException(
          name + " has two rows for " + row.event() + " in " + row.from());
    }
    parts.add(live -> List.of(row));
    return this;
  }

  private TableBuilder<S, D, I> add(Rule<S, D> rule) {
    if (rules.putIfAbsent(rule.event(), rule) != null) {
      throw new IllegalStateException(
          name + " has two rules for " + rule.event() + " in any live state");
    }
    parts.add(live -> rowsOf(rule, live));
    return this;
  }

  /** The compiler has seen to what is sent; what a replay reads from a store is seen to here. */
  private static <D, X> Recorder<D, Object> checked(
      EventType<X> event, Recorder<D, ? super X> recorder) {
    return (data, input) -> recorder.record(data, event.cast(input));
  }
}
