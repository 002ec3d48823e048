package io.sluice.fsm.replay;

import io.sluice.fsm.JournalEntry;
import io.sluice.fsm.MachineId;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Runs a recorded history through the tables it was made with and compares every step: the state
 * before and after, the data byte for byte in their canonical form, the numbering, the chain of
 * hashes, and at the end the count and the hash over everything. Entries of several machines may be
 * mixed, each machine's in order.
 *
 * <p>Entries are added one by one, so that a history of any length can be read from a file; whether
 * there is a footer is known only at its end. Stops at the first difference. Not for use by several
 * threads.
 */
public final class Replay {
  private final KnownTables tables;
  private final Map<MachineId, MachineReplay> machines = new LinkedHashMap<>();
  private final HistoryDigest digest = new HistoryDigest();
  private @Nullable Difference difference;

  /** Begins a replay. */
  public Replay(KnownTables tables) {
    this.tables = tables;
  }

  /** Replays a history that has no footer, such as a store's own. */
  public static ReplayReport of(Iterable<JournalEntry> history, KnownTables tables) {
    Replay replay = new Replay(tables);
    for (JournalEntry entry : history) {
      if (!replay.add(entry)) {
        break;
      }
    }
    return replay.report();
  }

  /** Replays the next entry; says whether to go on. */
  public boolean add(JournalEntry entry) {
    if (difference != null) {
      return false;
    }
    MachineReplay machine = machines.computeIfAbsent(entry.machine(), id -> new MachineReplay());
    Optional<MachineReplay.Deviation> deviation = machine.follow(entry, tables);
    if (deviation.isPresent()) {
      MachineReplay.Deviation found = deviation.get();
      difference =
          new Difference(
              found.kind(),
              position(),
              "%s of %s as its number %d: %s"
                  .formatted(entry.event(), entry.machine(), entry.sequence(), found.message()));
      return false;
    }
    digest.add(machine.head());
    return true;
  }

  /** Ends a history whose next entry cannot be read. */
  public ReplayReport endUnreadable(String why) {
    return end(Difference.Kind.UNREADABLE, "it cannot be read: " + why);
  }

  /** Ends a history that should have a footer and has none. */
  public ReplayReport endCutOff() {
    return end(
        Difference.Kind.CUT_OFF,
        "the history ends after " + digest.footer().count() + " entries, without a footer");
  }

  /** Ends a history with its footer. */
  public ReplayReport end(HistoryFooter footer) {
    HistoryFooter found = digest.footer();
    if (footer.count() != found.count()) {
      return end(
          Difference.Kind.COUNT,
          "the footer counts " + footer.count() + " entries, there are " + found.count());
    }
    if (!footer.head().equals(found.head())) {
      return end(
          Difference.Kind.HEAD,
          "the footer's hash is " + footer.head() + ", that of the entries " + found.head());
    }
    return report();
  }

  private ReplayReport end(Difference.Kind kind, String message) {
    if (difference == null) {
      difference = new Difference(kind, position(), message);
    }
    return report();
  }

  private ReplayReport report() {
    Map<MachineId, String> states = new LinkedHashMap<>();
    machines.forEach((id, machine) -> machine.state().ifPresent(state -> states.put(id, state)));
    return new ReplayReport(digest.footer().count(), states, Optional.ofNullable(difference));
  }

  private long position() {
    return digest.footer().count() + 1;
  }
}
