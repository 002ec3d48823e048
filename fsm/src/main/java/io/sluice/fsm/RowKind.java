package io.sluice.fsm;

/** What a row of a table does beside recording. */
public enum RowKind {
  /** Leaves the state for another one, whose step then runs. */
  MOVE,
  /** Stays in the state and runs its step once more. */
  AGAIN,
  /** Stays in the state and runs nothing. */
  RECORD
}
