package io.sluice.fsm;

/**
 * One legal move: in this state, on this event, to that state, recorded thus.
 *
 * @param from the state the machine is in
 * @param event what happened
 * @param to the state the machine is in afterwards; {@code from} unless the row moves
 * @param kind whether the state's step runs
 * @param recorder makes the new data; takes an input that the event takes, and no other
 * @param heading the heading of the table under which the row stands
 * @param anyLive whether the row is one of many made by a rule for all live states
 */
public record Row<S extends Enum<S>, D>(
    S from,
    EventType<?> event,
    S to,
    RowKind kind,
    Recorder<D, Object> recorder,
    String heading,
    boolean anyLive) {

  /** Checks that kind and states agree. */
  public Row {
    if ((kind == RowKind.MOVE) == (from == to)) {
      throw new IllegalArgumentException(
          kind == RowKind.MOVE
              ? "a row from " + from + " to itself on " + event + " is an again or a record"
              : "a row that stays in " + from + " leads to " + to);
    }
  }

  /** Whether the step of {@link #to} runs after this row. */
  public boolean runsStep() {
    return kind != RowKind.RECORD;
  }
}
