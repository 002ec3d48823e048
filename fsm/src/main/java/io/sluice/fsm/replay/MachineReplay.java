package io.sluice.fsm.replay;

import io.sluice.fsm.EntryHash;
import io.sluice.fsm.JournalEntry;
import io.sluice.fsm.Row;
import io.sluice.fsm.TransitionTable;
import io.sluice.protocol.ipld.DagCbor;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.ipld.NodeCodec;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One machine on its way through a replay. */
final class MachineReplay {
  /** How an entry is not what it should be. */
  record Deviation(Difference.Kind kind, String message) {}

  private @Nullable JournalEntry last;
  private EntryHash head = EntryHash.ZERO;
  private Optional<String> state = Optional.empty();

  /** What people read as the machine's state, once it has one. */
  Optional<String> state() {
    return state;
  }

  /** The hash of the last entry. */
  EntryHash head() {
    return head;
  }

  /** Follows an entry; nothing if it is as it should be. */
  Optional<Deviation> follow(JournalEntry entry, KnownTables tables) {
    long number = last == null ? 1 : last.sequence() + 1;
    if (entry.sequence() != number) {
      return deviation(Difference.Kind.SEQUENCE, "its number should be " + number);
    }
    if (!entry.previousHash().equals(head)) {
      return deviation(
          Difference.Kind.CHAIN,
          "it follows on " + entry.previousHash() + ", the entry before is " + head);
    }
    Optional<TransitionTable<?, ?, ?>> table = tables.find(entry.table(), entry.version());
    if (table.isEmpty()) {
      return deviation(
          Difference.Kind.UNKNOWN_TABLE,
          "no table " + entry.table() + " v" + entry.version() + " is known");
    }
    if (last != null && !entry.table().equals(last.table())) {
      return deviation(Difference.Kind.UNKNOWN_TABLE, "until now it was a " + last.table());
    }
    Optional<Deviation> deviation =
        last == null ? begin(entry, table.get()) : step(last, entry, table.get());
    if (deviation.isEmpty()) {
      last = entry;
      head = entry.hash();
      state = Optional.of(table.get().shown(entry.after(), entry.data()));
    }
    return deviation;
  }

  private static <S extends Enum<S>, D, I> Optional<Deviation> begin(
      JournalEntry entry, TransitionTable<S, D, I> table) {
    if (!entry.before().isEmpty() || !entry.after().equals(table.initial().name())) {
      return deviation(
          Difference.Kind.STATE,
          "a machine starts in " + table.initial() + ", not in " + entry.after());
    }
    try {
      return compare(entry, table.data(), table.data().decode(entry.data()));
    } catch (RuntimeException e) {
      // Recorded data may be anything; a codec that does not read them has found a difference.
      return deviation(Difference.Kind.DATA, "its data cannot be read: " + e.getMessage());
    }
  }

  private static <S extends Enum<S>, D, I> Optional<Deviation> step(
      JournalEntry last, JournalEntry entry, TransitionTable<S, D, I> table) {
    if (!entry.before().equals(last.after())) {
      return deviation(
          Difference.Kind.STATE, "it starts from " + entry.before() + ", not " + last.after());
    }
    Optional<Row<S, D>> found;
    try {
      found = table.row(table.state(entry.before()), table.event(entry.event()));
    } catch (IllegalArgumentException e) {
      return deviation(Difference.Kind.NO_ROW, e.getMessage());
    }
    if (found.isEmpty()) {
      return deviation(Difference.Kind.NO_ROW, table + " has no row for it in " + entry.before());
    }
    Row<S, D> row = found.get();
    if (!row.to().name().equals(entry.after())) {
      return deviation(
          Difference.Kind.STATE, "it leads to " + row.to() + ", recorded is " + entry.after());
    }
    try {
      D before = table.data().decode(last.data());
      I input = table.input().decode(entry.input());
      return compare(entry, table.data(), row.recorder().record(before, input));
    } catch (RuntimeException e) {
      // As above: whatever a changed record makes codecs and recorders throw is a difference.
      return deviation(Difference.Kind.DATA, "it cannot be recorded again: " + e.getMessage());
    }
  }

  private static <D> Optional<Deviation> compare(
      JournalEntry entry, NodeCodec<D> codec, D computed) {
    Node again = codec.encode(computed);
    if (DagCbor.same(again, entry.data())) {
      return Optional.empty();
    }
    return deviation(Difference.Kind.DATA, FirstDifference.between(again, entry.data()));
  }

  private static Optional<Deviation> deviation(Difference.Kind kind, @Nullable String message) {
    return Optional.of(new Deviation(kind, Objects.requireNonNullElse(message, "")));
  }
}
