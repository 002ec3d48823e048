package io.sluice.fsm.sync;

/** Where a push by dsync is, at the node that takes it. */
public enum ReceiveState {
  /** Blocks may come; all that came are kept. */
  RECEIVING,
  /** All of it is here and was taken. */
  COMPLETED,
  /** Its time was over before all of it was here. */
  EXPIRED
}
