package io.sluice.fsm.replay;

import io.sluice.fsm.EntryHash;
import io.sluice.fsm.EventType;
import io.sluice.fsm.JournalEntry;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.Row;
import io.sluice.fsm.TransitionTable;
import io.sluice.protocol.ipld.Node;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * A deal, or any other machine, written down for a test: what happens, and in which state that
 * leaves it.
 *
 * <pre>{@code
 * @Test
 * void paidDealEndsCompleted() {
 *   DealScenario.of(ClientDeals.TABLE, ClientDeal.of(offer))
 *       .on(OPEN, new Opened(lane), PROPOSED)
 *       .on(ACCEPTED, new Accepted(terms), TRANSFERRING)
 *       .refuses(OPEN)
 *       .on(ALL_VERIFIED, NOTHING, COMPLETED)
 *       .holds("all is paid", deal -> deal.paid().equals(deal.owed()))
 *       .ended()
 *       .passedThrough(List.of(NEW, PROPOSED, TRANSFERRING, COMPLETED))
 *       .replays();
 * }
 * }</pre>
 *
 * <p>No step runs and nothing is stored: only the table is tried, as in a replay. What is not as
 * expected is an {@link AssertionError} that tells the way there, so JUnit 5 or any other test
 * framework shows it.
 */
public final class DealScenario<S extends Enum<S>, D, I> {
  private static final Instant START = Instant.EPOCH;

  private final TransitionTable<S, D, I> table;
  private final MachineId id;
  private final List<JournalEntry> history = new ArrayList<>();
  private EntryHash head = EntryHash.ZERO;
  private S state;
  private D data;

  private DealScenario(TransitionTable<S, D, I> table, MachineId id, S state, D data) {
    this.table = table;
    this.id = id;
    this.state = state;
    this.data = data;
  }

  /** Begins with a machine that has just been started with these data. */
  public static <S extends Enum<S>, D, I> DealScenario<S, D, I> of(
      TransitionTable<S, D, I> table, D data) {
    DealScenario<S, D, I> scenario =
        new DealScenario<>(table, new MachineId("scenario"), table.initial(), data);
    scenario.note(JournalEntry.STARTED, Node.ofNull(), "");
    return scenario;
  }

  /**
   * Begins where a recorded machine, from a journal or an export file, has got to. What was
   * recorded must replay.
   *
   * @param history entries of one machine, from its start
   */
  public static <S extends Enum<S>, D, I> DealScenario<S, D, I> recorded(
      TransitionTable<S, D, I> table, List<JournalEntry> history) {
    JournalEntry last = history.getLast();
    DealScenario<S, D, I> scenario =
        new DealScenario<>(
            table, last.machine(), table.state(last.after()), table.data().decode(last.data()));
    scenario.history.addAll(history);
    scenario.head = last.hash();
    return scenario.replays();
  }

  /** The event happens, and the machine is then in this state. */
  public <X extends I> DealScenario<S, D, I> on(EventType<X> event, X input, S expected) {
    Optional<Row<S, D>> row = table.row(state, event);
    if (row.isEmpty()) {
      throw wrong(event + " is refused in " + state);
    }
    S before = state;
    data = row.get().recorder().record(data, input);
    state = row.get().to();
    note(event.name(), table.input().encode(input), before.name());
    if (state != expected) {
      throw wrong(event + " leads from " + before + " to " + state + ", expected " + expected);
    }
    return this;
  }

  /** The event is refused, and so changes nothing. */
  public DealScenario<S, D, I> refuses(EventType<?> event) {
    table
        .row(state, event)
        .ifPresent(
            row -> {
              throw wrong(event + " leads from " + state + " to " + row.to() + ", not refused");
            });
    return this;
  }

  /** This is true of the data now. */
  public DealScenario<S, D, I> holds(String what, Predicate<D> condition) {
    if (!condition.test(data)) {
      throw wrong("it is not so that " + what + ": " + data);
    }
    return this;
  }

  /** The machine is in an end state. */
  public DealScenario<S, D, I> ended() {
    if (!table.isEnd(state)) {
      throw wrong(state + " is no end state");
    }
    return this;
  }

  /** These are the states it went through, the one it is in included; staying counts once. */
  public DealScenario<S, D, I> passedThrough(List<S> states) {
    List<String> passed = new ArrayList<>();
    for (JournalEntry entry : history) {
      if (passed.isEmpty() || !passed.getLast().equals(entry.after())) {
        passed.add(entry.after());
      }
    }
    List<String> expected = states.stream().map(Enum::name).toList();
    if (!passed.equals(expected)) {
      throw wrong("it went through " + passed + ", expected " + expected);
    }
    return this;
  }

  /** What was recorded so far comes out the same once more. */
  public DealScenario<S, D, I> replays() {
    ReplayReport report = Replay.of(history, KnownTables.of(table));
    report
        .difference()
        .ifPresent(
            difference -> {
              throw wrong("it does not replay: " + difference.message());
            });
    return this;
  }

  /** The state now. */
  public S state() {
    return state;
  }

  /** The data now. */
  public D data() {
    return data;
  }

  /** What was recorded so far. Entries are a second apart, from 1970 on. */
  public List<JournalEntry> history() {
    return List.copyOf(history);
  }

  private void note(String event, Node input, String before) {
    JournalEntry entry =
        new JournalEntry(
            id,
            table.name(),
            table.version(),
            history.size() + 1,
            event,
            input,
            before,
            state.name(),
            table.data().encode(data),
            time(),
            head,
            List.of());
    head = entry.hash();
    history.add(entry);
  }

  private Instant time() {
    return history.isEmpty() ? START : history.getLast().time().plusSeconds(1);
  }

  private AssertionError wrong(String what) {
    List<String> way = history.stream().map(e -> e.event() + " -> " + e.after()).toList();
    return new AssertionError(what + "; so far: " + String.join(", ", way));
  }
}
