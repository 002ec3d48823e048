package io.sluice.fsm.replay;

/**
 * Where a recorded history is not what its tables make of it.
 *
 * @param kind what is wrong
 * @param position the number of the entry in the history, from 1; one more than the last if the end
 *     is wrong
 * @param message for people: the entry, what was recorded and what came out
 */
public record Difference(Kind kind, long position, String message) {
  /** What can be wrong with a history. */
  public enum Kind {
    /** An entry cannot be read at all. */
    UNREADABLE,
    /** An entry is of a table or a version that is not known here. */
    UNKNOWN_TABLE,
    /** A machine's entries do not count up by one, or do not begin with its start. */
    SEQUENCE,
    /**
     * An entry does not hold the hash of the machine's entry before it: one of the two was changed.
     */
    CHAIN,
    /** The table has no row for the event in that state, or no such state or event. */
    NO_ROW,
    /** The table leads to another state than was recorded, or starts from another. */
    STATE,
    /** The table makes other data than were recorded. */
    DATA,
    /** There is no footer: the history was cut off. */
    CUT_OFF,
    /** The footer counts other than the entries there are. */
    COUNT,
    /** The footer's hash is not that of the entries. */
    HEAD
  }
}
