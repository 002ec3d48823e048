package io.sluice.fsm.engine;

import io.sluice.fsm.EventRefused;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.RecordingFailed;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears of what goes wrong in an engine. The methods are called on stripes and workers and must not
 * block; as they stand they write to the log.
 */
public interface EngineWatch {
  /**
   * The journal, the store or the engine itself failed. Nothing more is handled: the process has to
   * end and start anew, which recovers from the journal. Called once.
   */
  default void fatal(Throwable cause) {
    log().error("the journal or the store failed, no more events are handled", cause);
  }

  /** A step threw, which steps must not do. Its machine stays as it is. */
  default void stepFailed(MachineId machine, Enum<?> state, Throwable cause) {
    log().error("the step of {} in {} is wrong", machine, state, cause);
  }

  /** A recorder or codec threw. The event was not applied. */
  default void recordingFailed(RecordingFailed failure) {
    log().error("an event was lost", failure);
  }

  /** A listener threw. The event stands. */
  default void listenerFailed(MachineId machine, Throwable cause) {
    log().error("a listener failed at an event of {}", machine, cause);
  }

  /** A stored machine cannot be read by its table. It is left alone. */
  default void unreadable(MachineId machine, Throwable cause) {
    log().error("the stored {} cannot be read", machine, cause);
  }

  /** An event was refused; peers cause that too. */
  default void refused(EventRefused refusal) {
    log().debug("{}", refusal.getMessage());
  }

  private static Logger log() {
    return LoggerFactory.getLogger(EngineWatch.class);
  }
}
