package io.sluice.fsm.sync;

/** Where a sync with a neighbour is. */
public enum SyncState {
  /** Pulls whenever the neighbour can be reached. */
  ACTIVE,
  /** The operator wants nothing pulled for now; what is done stays done. */
  PAUSED,
  /** The operator took it back. */
  REMOVED
}
