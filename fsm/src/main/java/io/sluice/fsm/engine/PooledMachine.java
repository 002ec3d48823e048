package io.sluice.fsm.engine;

import io.sluice.fsm.EventType;
import io.sluice.fsm.Row;
import io.sluice.fsm.RowKind;
import io.sluice.fsm.TransitionTable;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.messaging.support.MessageBuilder;
import org.springframework.statemachine.StateMachine;
import org.springframework.statemachine.config.StateMachineBuilder;
import org.springframework.statemachine.support.DefaultStateMachineContext;
import reactor.core.publisher.Mono;

/**
 * A few Spring machines that play any number of our machines in turn: one is put into a state, fed
 * an event, and looked at. Only for rows that lead to another state: of most events, nothing but
 * the data changes, and those would wait for it to no purpose. They are made as such rows come.
 *
 * <p>To put a Spring machine into a state costs more than the event does. Machines that go to and
 * fro between two states, as deals do that wait for payment after payment, mostly find one that
 * stands where they are.
 *
 * <p>Spring's answer to an event does not say what happened: it is the same for an event that has
 * no transition and for an action that threw, and an accepted event need not have changed the
 * state. So the actions here throw nothing, they note which row they belong to and what its
 * recorder made; and after each event the note, the table and the machine's state have to agree.
 * Where they do not, the engine is wrong and says so.
 *
 * <p>Used by one thread.
 */
final class PooledMachine<S extends Enum<S>, D, I> {
  /** The row that fired, and what its recorder made. */
  record Fired<S extends Enum<S>, D>(Row<S, D> row, D data) {}

  private record Feed<D>(D data, Object input) {}

  /** Enough for a few states that many machines pass through; each takes some memory. */
  private static final int MOST = 4;

  private final TransitionTable<S, D, I> table;

  /** The one that has stood still for longest first. */
  private final Deque<StateMachine<S, EventType<?>>> standing = new ArrayDeque<>(MOST);

  private @Nullable Feed<D> feed;
  private @Nullable Row<S, D> fired;
  private @Nullable D made;
  private @Nullable Throwable thrown;

  PooledMachine(TransitionTable<S, D, I> table) {
    this.table = table;
  }

  /**
   * Feeds one event to a machine in this state.
   *
   * @return the row that fired and the new data, or nothing if the event is refused
   * @throws RuntimeException what the recorder threw
   * @throws IllegalStateException if engine and table disagree
   */
  Optional<Fired<S, D>> feed(S state, EventType<?> event, D data, Object input) {
    Optional<Row<S, D>> row = table.row(state, event);
    if (row.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Fired<>(
            row.get(),
            row.get().kind() == RowKind.MOVE
                ? move(row.get(), data, input)
                : row.get().recorder().record(data, input)));
  }

  private D move(Row<S, D> row, D data, Object input) {
    StateMachine<S, EventType<?>> machine = in(row.from());
    standing.addLast(machine);
    feed = new Feed<>(data, input);
    fired = null;
    made = null;
    thrown = null;
    machine
        .sendEvent(Mono.just(MessageBuilder.<EventType<?>>withPayload(row.event()).build()))
        .blockLast();
    feed = null;
    S after = machine.getState().getId();
    if (after != row.to() || !row.equals(fired)) {
      throw new IllegalStateException(
          "%s: %s in %s fired %s and led to %s, the table says %s"
              .formatted(table, row.event(), row.from(), fired, after, row));
    }
    if (thrown instanceof RuntimeException e) {
      throw e;
    }
    if (thrown instanceof Error e) {
      throw e;
    }
    return Objects.requireNonNull(made);
  }

  /** One that stands in this state, taken from the others. */
  private StateMachine<S, EventType<?>> in(S state) {
    for (StateMachine<S, EventType<?>> machine : standing) {
      if (machine.getState().getId() == state) {
        standing.remove(machine);
        return machine;
      }
    }
    StateMachine<S, EventType<?>> machine;
    if (standing.size() < MOST) {
      machine = build();
      machine.startReactively().block();
    } else {
      machine = standing.removeFirst();
    }
    if (machine.getState().getId() != state) {
      restore(machine, state);
    }
    return machine;
  }

  private void restore(StateMachine<S, EventType<?>> machine, S state) {
    machine.stopReactively().block();
    machine
        .getStateMachineAccessor()
        .doWithAllRegions(
            region ->
                region
                    .resetStateMachineReactively(
                        new DefaultStateMachineContext<>(state, null, null, null))
                    .block());
    machine.startReactively().block();
    if (machine.getState().getId() != state) {
      throw new IllegalStateException(table + ": the machine did not go back to " + state);
    }
  }

  /** Runs inside Spring, which swallows what is thrown. */
  private void fire(Row<S, D> row) {
    try {
      Feed<D> fed = feed;
      if (fed == null || fired != null) {
        throw new IllegalStateException(table + ": two rows fired: " + fired + ", " + row);
      }
      fired = row;
      made = Objects.requireNonNull(row.recorder().record(fed.data(), fed.input()));
    } catch (RuntimeException | Error e) {
      thrown = e;
    }
  }

  private StateMachine<S, EventType<?>> build() {
    try {
      StateMachineBuilder.Builder<S, EventType<?>> builder = StateMachineBuilder.builder();
      builder.configureConfiguration().withConfiguration().autoStartup(false);
      builder
          .configureStates()
          .withStates()
          .initial(table.initial())
          .states(EnumSet.copyOf(table.states()));
      for (Row<S, D> row : table.rows()) {
        if (row.kind() == RowKind.MOVE) {
          builder
              .configureTransitions()
              .withExternal()
              .source(row.from())
              .event(row.event())
              .target(row.to())
              .action(context -> fire(row));
        }
      }
      return builder.build();
    } catch (Exception e) {
      // The builder declares Exception; with a checked table it has no reason to throw.
      throw new IllegalStateException("no machine can be built from " + table, e);
    }
  }
}
