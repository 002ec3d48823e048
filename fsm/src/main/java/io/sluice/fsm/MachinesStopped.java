package io.sluice.fsm;

import org.jspecify.annotations.Nullable;

/**
 * The engine takes no more events: it was closed, or the journal or the store failed. In the second
 * case nobody knows whether the last event is durable until the process starts anew.
 */
public final class MachinesStopped extends RuntimeException {
  /**
   * Says why.
   *
   * @param cause what failed, or null if the engine was closed
   */
  public MachinesStopped(String message, @Nullable Throwable cause) {
    super(message, cause, false, false);
  }
}
