package io.sluice.fsm;

import org.jspecify.annotations.Nullable;

/** An event was not applied. Nothing has changed, nothing was recorded, attachments included. */
public abstract sealed class NotApplied extends RuntimeException
    permits EventRefused, UnknownMachine, MachineExists, RecordingFailed {
  NotApplied(String message, @Nullable Throwable cause, boolean withTrace) {
    super(message, cause, false, withTrace);
  }
}
