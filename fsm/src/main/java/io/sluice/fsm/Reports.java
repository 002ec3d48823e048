package io.sluice.fsm;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Where a step's events go: to the machine the step belongs to, as any other event.
 *
 * @param <E> the machine's events
 * @param <I> what events bring along
 */
public interface Reports<E extends Enum<E>, I> {

  /**
   * Sends an event. A refusal, because the machine has moved on meanwhile, is counted and no fault
   * of the step.
   *
   * @return done once the event is durable; fails with {@link EventRefused} or {@link
   *     MachinesStopped}. It need not be looked at.
   */
  CompletableFuture<?> send(E event, I input, List<Attachment> attachments);

  /** Sends an event without attachments. */
  default void send(E event, I input) {
    var unused = send(event, input, List.of());
  }

  /** Whether the machine is still in the state this run belongs to. May change at any moment. */
  boolean stillThere();
}
