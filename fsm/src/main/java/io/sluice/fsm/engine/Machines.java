package io.sluice.fsm.engine;

import io.sluice.fsm.Applied;
import io.sluice.fsm.Attachment;
import io.sluice.fsm.EntryHash;
import io.sluice.fsm.EventRefused;
import io.sluice.fsm.EventType;
import io.sluice.fsm.JournalEntry;
import io.sluice.fsm.MachineExists;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.MachinesStopped;
import io.sluice.fsm.NotApplied;
import io.sluice.fsm.RecordingFailed;
import io.sluice.fsm.Row;
import io.sluice.fsm.RowKind;
import io.sluice.fsm.Step;
import io.sluice.fsm.StoredMachine;
import io.sluice.fsm.TransitionListener;
import io.sluice.fsm.TransitionTable;
import io.sluice.fsm.UnknownMachine;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.ipld.NodeCodec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * All machines of one table: start them, send them events, look at them.
 *
 * <p>Events of one machine are handled in the order in which {@link #send} was called. A sender
 * waits only while the machine's stripe has a full mailbox. The futures complete on a stripe: what
 * depends on them must not block, or go to a thread of its own by the {@code …Async} methods. To
 * wait for one on a stripe is an {@link IllegalStateException}.
 *
 * <p>Safe for use from any thread except an event loop.
 */
public final class Machines<S extends Enum<S>, D, I> {
  private record RefusedCell(Enum<?> state, EventType<?> event) {}

  /** A live machine as it was kept last, and what its data mean once somebody wanted to know. */
  private static final class Known<D> {
    final StoredMachine stored;
    private volatile @Nullable D data;

    Known(StoredMachine stored) {
      this.stored = stored;
    }

    /** Two that ask at once may both decode: they get equal data. */
    D data(NodeCodec<D> codec) {
      D decoded = data;
      if (decoded == null) {
        decoded = codec.decode(stored.data());
        data = decoded;
      }
      return decoded;
    }
  }

  private final Engine engine;
  private final TransitionTable<S, D, I> table;
  private final StepRuns<S, D, I> steps;
  private final List<PooledMachine<S, D, I>> pool = new ArrayList<>();
  private final List<TransitionListener<S, D>> listeners = new CopyOnWriteArrayList<>();
  private final Map<RefusedCell, LongAdder> refusals = new ConcurrentHashMap<>();

  /**
   * What live machines' data mean. They are looked at several times between two events, and
   * decoding them took a fifth of what a voucher costs a provider. Written on the machine's stripe
   * alone, so that nothing is remembered of a machine that has ended.
   */
  private final Map<MachineId, Known<D>> known = new ConcurrentHashMap<>();

  Machines(Engine engine, TransitionTable<S, D, I> table, Map<S, Step<D, I>> steps) {
    steps.keySet().stream()
        .filter(table::isEnd)
        .forEach(
            state -> {
              throw new IllegalArgumentException("the end state " + state + " has a step");
            });
    this.engine = engine;
    this.table = table;
    this.steps = new StepRuns<>(this, engine, steps);
    for (int i = 0; i < engine.stripeCount(); i++) {
      pool.add(new PooledMachine<>(table));
    }
  }

  /** The table these machines obey. */
  public TransitionTable<S, D, I> table() {
    return table;
  }

  /**
   * Starts a machine in the table's initial state and runs that state's step, if it has one.
   *
   * @return done once it is durable; fails with {@link MachineExists}, {@link RecordingFailed} or
   *     {@link MachinesStopped}
   */
  public CompletableFuture<Applied<S, D>> start(MachineId id, D data) {
    return onStripe(id, () -> started(id, data));
  }

  /** As {@link #send(MachineId, EventType, Object, List)}, without attachments. */
  public <X extends I> CompletableFuture<Applied<S, D>> send(
      MachineId id, EventType<X> event, X input) {
    return send(id, event, input, List.of());
  }

  /**
   * Sends an event.
   *
   * @param attachments records that become durable together with the event, or not at all
   * @return done once the event is durable, before listeners are told; fails with {@link
   *     EventRefused}, {@link UnknownMachine} or {@link RecordingFailed}, after which nothing has
   *     changed, or with {@link MachinesStopped}, after which that is not known
   */
  public <X extends I> CompletableFuture<Applied<S, D>> send(
      MachineId id, EventType<X> event, X input, List<Attachment> attachments) {
    List<Attachment> attached = List.copyOf(attachments);
    return onStripe(id, () -> handled(id, event, input, attached));
  }

  /** The machine as the store has it now. */
  public Optional<MachineView<S, D>> get(MachineId id) throws IOException {
    Optional<StoredMachine> stored = engine.store().load(id);
    return stored.isEmpty() ? Optional.empty() : Optional.of(view(stored.get()));
  }

  /** What has happened to the machine, first entry first; empty if it was never started. */
  public Iterable<JournalEntry> history(MachineId id) throws IOException {
    return engine.store().history(id);
  }

  /** Adds a listener; it hears of events applied from now on. */
  public void listen(TransitionListener<S, D> listener) {
    listeners.add(listener);
  }

  /**
   * Runs the step of every live machine, as is due after a restart. To be called once, when
   * everything that steps need is there and before anything is received.
   */
  public Recovered recover() throws IOException {
    int resumed = 0;
    List<MachineId> unreadable = new ArrayList<>();
    for (StoredMachine stored : engine.store().live(table.name())) {
      S state;
      try {
        state = view(stored).state();
      } catch (RuntimeException e) {
        // Names and data come from the disk; whatever is wrong with them, the others go on.
        unreadable.add(stored.id());
        engine.watch().unreadable(stored.id(), e);
        continue;
      }
      stripe(stored.id())
          .put(
              new Stripe.StripeTask() {
                @Override
                public void run() throws IOException {
                  runStepIfIn(stored.id(), state);
                }

                @Override
                public void abandon(MachinesStopped why) {}
              });
      resumed++;
    }
    return new Recovered(resumed, List.copyOf(unreadable));
  }

  /** How often this event has been refused in this state since the start. */
  public long refused(S state, EventType<?> event) {
    LongAdder count = refusals.get(new RefusedCell(state, event));
    return count == null ? 0 : count.sum();
  }

  /** How many events have been refused since the start. */
  public long refused() {
    return refusals.values().stream().mapToLong(LongAdder::sum).sum();
  }

  /** On the stripe: runs the step if the machine is in this state. */
  void runStepIfIn(MachineId id, S state) throws IOException {
    Optional<StoredMachine> stored = engine.store().load(id);
    if (stored.isEmpty() || !stored.get().state().equals(state.name())) {
      return;
    }
    D data;
    try {
      data = data(stored.get());
    } catch (RuntimeException e) {
      engine.watch().unreadable(id, e); // as in recover(): the others go on
      return;
    }
    steps.begin(id, state, data);
  }

  private CompletableFuture<Applied<S, D>> onStripe(MachineId id, Callable<Applied<S, D>> work) {
    EventFuture<Applied<S, D>> answer = new EventFuture<>();
    stripe(id)
        .put(
            new Stripe.StripeTask() {
              @Override
              public void run() throws Exception {
                Applied<S, D> applied;
                try {
                  applied = work.call();
                } catch (NotApplied no) {
                  count(no);
                  answer.completeExceptionally(no);
                  return;
                }
                answer.complete(applied);
                tell(applied);
              }

              @Override
              public void abandon(MachinesStopped why) {
                answer.completeExceptionally(why);
              }
            });
    return answer;
  }

  /** The first entry of a history; what follows is chained to it by its hash. */
  private Applied<S, D> started(MachineId id, D data) throws IOException {
    if (engine.store().load(id).isPresent()) {
      throw new MachineExists(id);
    }
    S state = table.initial();
    JournalEntry entry;
    try {
      entry =
          new JournalEntry(
              id,
              table.name(),
              table.version(),
              1,
              JournalEntry.STARTED,
              Node.ofNull(),
              "",
              state.name(),
              table.data().encode(data),
              engine.clock().instant(),
              EntryHash.ZERO,
              List.of());
    } catch (RuntimeException e) {
      throw new RecordingFailed(id, JournalEntry.STARTED, e);
    }
    keep(entry, state);
    steps.begin(id, state, data);
    return new Applied<>(id, state, state, data, entry);
  }

  /**
   * One event: load, decide, make durable, then begin what follows from it. In this order: a step
   * that ran before its state is durable could do something that nobody remembers.
   */
  private Applied<S, D> handled(
      MachineId id, EventType<? extends I> event, I input, List<Attachment> attachments)
      throws IOException {
    StoredMachine stored =
        engine
            .store()
            .load(id)
            .filter(found -> found.table().equals(table.name()))
            .orElseThrow(() -> new UnknownMachine(id, table.name()));
    S before;
    PooledMachine.Fired<S, D> fired;
    JournalEntry entry;
    try {
      before = table.state(stored.state());
      fired = feed(id, before, event, data(stored), input);
      entry =
          new JournalEntry(
              id,
              table.name(),
              table.version(),
              stored.sequence() + 1,
              event.name(),
              table.input().encode(input),
              before.name(),
              fired.row().to().name(),
              table.data().encode(fired.data()),
              engine.clock().instant(),
              stored.head(),
              attachments);
    } catch (NotApplied e) {
      throw e;
    } catch (RuntimeException e) {
      // A recorder, a codec or the engine is wrong: this event is lost, the node lives.
      throw new RecordingFailed(id, event.name(), e);
    }
    Row<S, D> row = fired.row();
    keep(entry, row.to());
    if (row.kind() == RowKind.MOVE) {
      steps.left(id, before);
    }
    if (row.runsStep()) {
      steps.begin(id, row.to(), fired.data());
    }
    return new Applied<>(id, before, row.to(), fired.data(), entry);
  }

  /** Decides, by the table alone. One Spring machine a stripe is set to each machine's state. */
  private PooledMachine.Fired<S, D> feed(
      MachineId id, S state, EventType<? extends I> event, D data, I input) {
    int stripe = engine.stripeOf(id);
    try {
      return pool.get(stripe)
          .feed(state, event, data, input)
          .orElseThrow(() -> new EventRefused(id, state, event));
    } catch (IllegalStateException e) {
      // Perhaps only the recorder's; but if Spring's machine is in disorder, none of it may stay.
      pool.set(stripe, new PooledMachine<>(table));
      throw e;
    }
  }

  /** Any failure here leaves open what the disk holds, so it is the end of the engine. */
  private void keep(JournalEntry entry, S after) throws IOException {
    StoredMachine machine = entry.machineAfter(table.isEnd(after));
    engine.journal().append(entry, machine);
    remember(machine);
  }

  /** On the stripe. */
  private void remember(StoredMachine machine) {
    if (machine.ended()) {
      known.remove(machine.id());
    } else {
      known.put(machine.id(), new Known<>(machine));
    }
  }

  /**
   * What the stored data mean. The same object is looked for, since equal ones take long to tell;
   * stores may hand out copies; those are decoded each time.
   */
  @SuppressWarnings("ReferenceEquality")
  private D data(StoredMachine stored) {
    Known<D> latest = known.get(stored.id());
    return latest != null && latest.stored == stored
        ? latest.data(table.data())
        : table.data().decode(stored.data());
  }

  /** A refused event is no failure, but many of one kind mean that a row is missing. */
  private void count(NotApplied no) {
    switch (no) {
      case EventRefused refusal -> {
        refusals
            .computeIfAbsent(
                new RefusedCell(refusal.state(), refusal.event()), c -> new LongAdder())
            .increment();
        engine.watch().refused(refusal);
      }
      case RecordingFailed failure -> engine.watch().recordingFailed(failure);
      case UnknownMachine unknown -> {}
      case MachineExists exists -> {}
    }
  }

  private void tell(Applied<S, D> applied) {
    for (TransitionListener<S, D> listener : listeners) {
      try {
        listener.applied(applied);
      } catch (RuntimeException e) {
        // The event is durable whatever a listener thinks of it.
        engine.watch().listenerFailed(applied.machine(), e);
      }
    }
  }

  private MachineView<S, D> view(StoredMachine stored) {
    return new MachineView<>(
        stored.id(),
        table.state(stored.state()),
        stored.ended(),
        data(stored),
        stored.sequence(),
        stored.changed());
  }

  private Stripe stripe(MachineId id) {
    return engine.stripe(engine.stripeOf(id));
  }
}
