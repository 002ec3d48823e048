package io.sluice.fsm.client;

/** What happens to a deal at its client. */
public enum ClientEvent {
  /** Nothing has to be paid. */
  FREE,
  /** Channel, lane and opening are there. */
  FUNDED,
  /** The channel or lane cannot be had. */
  UNFUNDED,
  /** The provider wants another lane, or knows a higher voucher of ours: propose anew. */
  REOPENED,
  /** The provider agreed. */
  ACCEPTED,
  /** The provider said no. */
  REFUSED,
  /** So much has been verified and synced by now. */
  PROGRESS,
  /** A voucher for more than before is signed. */
  VOUCHER_SIGNED,
  /** Every block is verified and synced. */
  ALL_VERIFIED,
  /** The walk ended without some blocks, which the provider lacks. */
  BLOCKS_MISSING,
  /** The last voucher is durable and was sent. */
  FINAL_SENT,
  /** The connection or the provider went away. */
  CONNECTION_LOST,
  /** The pause is over: try again. */
  RETRY,
  /** The user puts the deal aside. */
  PARK,
  /** The user takes it up again. */
  RESUME,
  /** The user calls the deal off. */
  CANCEL,
  /** The deal cannot go on. */
  GIVE_UP,
  /** A new process takes the deal up: its state's step runs again. */
  WAKE,
  /** What had to be paid and told is paid and told: the end is partial. */
  LEFT_PARTIAL,
  /** As {@link #LEFT_PARTIAL}: the end is a refusal. */
  LEFT_REJECTED,
  /** As {@link #LEFT_PARTIAL}: the end is a failure. */
  LEFT_FAILED,
  /** As {@link #LEFT_PARTIAL}: the end is the user's wish. */
  LEFT_CANCELLED
}
