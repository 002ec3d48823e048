package io.sluice.fsm.engine;

import io.sluice.fsm.Attachment;
import io.sluice.fsm.EventSink;
import io.sluice.fsm.EventType;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.MachinesStopped;
import io.sluice.fsm.Step;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;

/**
 * Runs the steps of one table's machines, at most one at a time of each machine's each state.
 *
 * <p>Runs are begun and ended on the machine's stripe, so two of them never meet; only the step
 * itself runs elsewhere. A step that is due again while it runs is run once more when it is done,
 * however often it was due: it looks at how things are then, not at what led there.
 */
final class StepRuns<S extends Enum<S>, D, I> {
  /** A step of a state that was left may still run when the machine is in its next one. */
  private record MachineInState<S>(MachineId machine, S state) {}

  private static final class StepRun {
    /** On the stripe: whether to run once more when this one is done. */
    boolean onceMore;

    /** Whether the machine has left the state meanwhile. */
    volatile boolean left;
  }

  private final Machines<S, D, I> machines;
  private final Engine engine;
  private final Map<S, Step<D, I>> steps;
  private final Map<MachineInState<S>, StepRun> running = new ConcurrentHashMap<>();

  StepRuns(Machines<S, D, I> machines, Engine engine, Map<S, Step<D, I>> steps) {
    this.machines = machines;
    this.engine = engine;
    this.steps = steps.isEmpty() ? Map.of() : new EnumMap<>(steps);
  }

  /** On the stripe: the machine is in this state and its step is due. */
  void begin(MachineId machine, S state, D data) {
    Step<D, I> step = steps.get(state);
    if (step == null) {
      return;
    }
    MachineInState<S> key = new MachineInState<>(machine, state);
    StepRun underWay = running.get(key);
    if (underWay != null) {
      underWay.onceMore = true;
      underWay.left = false;
      return;
    }
    StepRun run = new StepRun();
    running.put(key, run);
    try {
      engine.workers().execute(() -> work(key, run, step, data));
    } catch (RejectedExecutionException e) {
      // The owner of the workers shuts down first; the step runs after the next start.
      running.remove(key);
    }
  }

  /** On the stripe: the machine has left this state. */
  void left(MachineId machine, S state) {
    StepRun run = running.get(new MachineInState<>(machine, state));
    if (run != null) {
      run.left = true;
    }
  }

  private void work(MachineInState<S> key, StepRun run, Step<D, I> step, D data) {
    try {
      step.run(key.machine(), data, sink(key.machine(), run));
    } catch (InterruptedException e) {
      // The owner of the workers shuts down; the step runs again after the next start.
      Thread.currentThread().interrupt();
    } catch (Throwable e) {
      // Anything at all: a step that is wrong must not take its worker's owner along.
      engine.watch().stepFailed(key.machine(), key.state(), e);
    } finally {
      engine
          .stripe(engine.stripeOf(key.machine()))
          .putAtOnce(
              new Stripe.StripeTask() {
                @Override
                public void run() throws Exception {
                  ended(key);
                }

                @Override
                public void abandon(MachinesStopped why) {}
              });
    }
  }

  /** On the stripe. Once more with what the machine is by now, if it still is in that state. */
  private void ended(MachineInState<S> key) throws Exception {
    StepRun run = running.remove(key);
    if (run != null && run.onceMore) {
      machines.runStepIfIn(key.machine(), key.state());
    }
  }

  /** What a step may do to its machine: send events, and ask whether it still matters. */
  private EventSink<I> sink(MachineId machine, StepRun run) {
    return new EventSink<>() {
      @Override
      public <X extends I> CompletableFuture<?> send(
          EventType<X> event, X input, List<Attachment> attachments) {
        return machines.send(machine, event, input, attachments);
      }

      @Override
      public boolean isCurrent() {
        return !run.left;
      }
    };
  }
}
