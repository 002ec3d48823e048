package io.sluice.fsm;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Where a step's events go: to the machine the step belongs to, as any other event.
 *
 * @param <I> what the machine's events bring along
 */
public interface EventSink<I> {
  /**
   * Sends an event. A refusal, because the machine has moved on meanwhile, is counted and no fault
   * of the step.
   *
   * @return done once the event is durable; fails with {@link EventRefused} or {@link
   *     MachinesStopped}. It need not be looked at.
   */
  <X extends I> CompletableFuture<?> send(
      EventType<X> event, X input, List<Attachment> attachments);

  /** Sends an event without attachments. */
  default <X extends I> void send(EventType<X> event, X input) {
    var unused = send(event, input, List.of());
  }

  /** Whether the machine is still in the state this run belongs to. May change at any moment. */
  boolean isCurrent();
}
