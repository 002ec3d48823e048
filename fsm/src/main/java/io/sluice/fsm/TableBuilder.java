package io.sluice.fsm;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Collects the rows of a {@link TransitionTable} in the order in which a machine lives.
 *
 * <p>Start with {@link TransitionTable#named}, then {@link #between} and {@link #storedAs}, then
 * rows. Mistakes that can be seen in one row are thrown by that row; what takes the whole table to
 * see is thrown by {@link #build}, all of it in one message.
 */
public final class TableBuilder<S extends Enum<S>, E extends Enum<E>, D, I> {

  private record Cell<S, E>(S state, E event) {}

  private record Rule<S, E, D, I>(
      E event, @Nullable S to, RowKind kind, Recorder<D, I> recorder, String heading) {}

  private final String name;
  private final int version;
  private final Map<Cell<S, E>, Row<S, E, D, I>> rows = new HashMap<>();
  private final Map<E, Rule<S, E, D, I>> rules = new HashMap<>();

  /** Rows and rules in the order of the table, each giving the rows it comes to. */
  private final List<Function<Set<S>, List<Row<S, E, D, I>>>> parts = new ArrayList<>();

  private final Set<E> never = new LinkedHashSet<>();
  private @Nullable S initial;
  private @Nullable Set<S> ends;
  private @Nullable DataCodec<D> data;
  private @Nullable DataCodec<I> input;
  private String heading = "";

  TableBuilder(String name, int version) {
    if (name.isBlank() || version < 1) {
      throw new IllegalArgumentException("a table needs a name and a version from 1 up");
    }
    this.name = name;
    this.version = version;
  }

  /** Names the state in which machines start and those in which they have ended. */
  public TableBuilder<S, E, D, I> between(S initial, Set<S> ends) {
    if (ends.isEmpty() || ends.contains(initial)) {
      throw new IllegalArgumentException(
          name + " has to start in a live state and end in another: " + initial + ", " + ends);
    }
    this.initial = initial;
    this.ends = EnumSet.copyOf(ends);
    return this;
  }

  /** Says how data and inputs are stored. */
  public TableBuilder<S, E, D, I> storedAs(DataCodec<D> data, DataCodec<I> input) {
    this.data = data;
    this.input = input;
    return this;
  }

  /** Puts the rows that follow under a heading, which documents show. */
  public TableBuilder<S, E, D, I> heading(String heading) {
    this.heading = heading;
    return this;
  }

  /** A move to another state; that state's step runs. */
  public TableBuilder<S, E, D, I> row(S from, E event, S to, Recorder<D, I> recorder) {
    return add(new Row<>(from, event, to, RowKind.MOVE, recorder, heading, false));
  }

  /** A move from each of these states, in the order of their enum. */
  public TableBuilder<S, E, D, I> row(Set<S> from, E event, S to, Recorder<D, I> recorder) {
    EnumSet.copyOf(from).forEach(state -> row(state, event, to, recorder));
    return this;
  }

  /** Stays in the state and runs its step once more. */
  public TableBuilder<S, E, D, I> again(S state, E event, Recorder<D, I> recorder) {
    return add(new Row<>(state, event, state, RowKind.AGAIN, recorder, heading, false));
  }

  /** Stays in whichever of these states it is and runs that state's step once more. */
  public TableBuilder<S, E, D, I> again(Set<S> states, E event, Recorder<D, I> recorder) {
    EnumSet.copyOf(states).forEach(state -> again(state, event, recorder));
    return this;
  }

  /** Stays in the state; the data change and nothing runs. */
  public TableBuilder<S, E, D, I> record(S state, E event, Recorder<D, I> recorder) {
    return add(new Row<>(state, event, state, RowKind.RECORD, recorder, heading, false));
  }

  /** Stays in whichever of these states it is; the data change and nothing runs. */
  public TableBuilder<S, E, D, I> record(Set<S> states, E event, Recorder<D, I> recorder) {
    EnumSet.copyOf(states).forEach(state -> record(state, event, recorder));
    return this;
  }

  /**
   * A move from every live state that has no row of its own for this event, wherever in the table
   * such a row stands. In {@code to} itself the step runs once more.
   */
  public TableBuilder<S, E, D, I> fromAnyLive(E event, S to, Recorder<D, I> recorder) {
    return add(new Rule<>(event, to, RowKind.MOVE, recorder, heading));
  }

  /** As {@link #again}, in every live state that has no row of its own for this event. */
  public TableBuilder<S, E, D, I> againInAnyLive(E event, Recorder<D, I> recorder) {
    return add(new Rule<>(event, null, RowKind.AGAIN, recorder, heading));
  }

  /** As {@link #record}, in every live state that has no row of its own for this event. */
  public TableBuilder<S, E, D, I> recordInAnyLive(E event, Recorder<D, I> recorder) {
    return add(new Rule<>(event, null, RowKind.RECORD, recorder, heading));
  }

  /**
   * Events that are refused everywhere, on purpose: an enum that others own may hold more events
   * than this machine takes. Any other event without a row is a defect.
   */
  public TableBuilder<S, E, D, I> never(Set<E> events) {
    never.addAll(events);
    return this;
  }

  /**
   * Checks the whole and gives the table.
   *
   * @throws IllegalStateException naming every defect: a row out of an end state, an event without
   *     a row, a state that cannot be reached, a live state from which no way leads to an end, a
   *     rule that no state is left for
   */
  public TransitionTable<S, E, D, I> build() {
    if (initial == null || ends == null || data == null || input == null) {
      throw new IllegalStateException(name + " lacks between() or storedAs()");
    }
    if (parts.isEmpty()) {
      throw new IllegalStateException(name + " has no rows");
    }
    List<String> defects = new ArrayList<>();
    List<Row<S, E, D, I>> all = new ArrayList<>();
    EnumSet<S> live = EnumSet.complementOf(EnumSet.copyOf(ends));
    for (Function<Set<S>, List<Row<S, E, D, I>>> part : parts) {
      all.addAll(part.apply(live));
    }
    for (Rule<S, E, D, I> rule : rules.values()) {
      if (rowsOf(rule, live).isEmpty()) {
        defects.add("every live state has its own row for " + rule.event() + ": drop the rule");
      }
    }
    TransitionTable<S, E, D, I> table =
        new TransitionTable<>(
            name,
            version,
            initial,
            ends,
            all.getFirst().event().getDeclaringClass(),
            data,
            input,
            all);
    defects.addAll(TableCheck.defects(table, never));
    if (!defects.isEmpty()) {
      throw new IllegalStateException("table " + table + ": " + String.join("; ", defects));
    }
    return table;
  }

  private List<Row<S, E, D, I>> rowsOf(Rule<S, E, D, I> rule, Set<S> live) {
    List<Row<S, E, D, I>> made = new ArrayList<>();
    for (S from : live) {
      if (!rows.containsKey(new Cell<>(from, rule.event()))) {
        S to = rule.to() == null ? from : rule.to();
        RowKind kind = rule.kind() == RowKind.MOVE && to == from ? RowKind.AGAIN : rule.kind();
        made.add(new Row<>(from, rule.event(), to, kind, rule.recorder(), rule.heading(), true));
      }
    }
    return made;
  }

  private TableBuilder<S, E, D, I> add(Row<S, E, D, I> row) {
    Row<S, E, D, I> other = rows.putIfAbsent(new Cell<>(row.from(), row.event()), row);
    if (other != null) {
      throw new IllegalStateException(
          name + " has two rows for " + row.event() + " in " + row.from());
    }
    parts.add(live -> List.of(row));
    return this;
  }

  private TableBuilder<S, E, D, I> add(Rule<S, E, D, I> rule) {
    if (rules.putIfAbsent(rule.event(), rule) != null) {
      throw new IllegalStateException(
          name + " has two rules for " + rule.event() + " in any live state");
    }
    parts.add(live -> rowsOf(rule, live));
    return this;
  }
}
