package io.sluice.fsm.client;

/** Where a deal stands at its client. */
public enum ClientState {
  /** The deal is durable; a channel and a lane are being found, opened or topped up. */
  NEW,
  /** The proposal, or the restart, goes out and its answer is awaited. */
  PROPOSED,
  /** Blocks arrive and are paid for. */
  TRANSFERRING,
  /** The connection was lost; after a pause the deal goes on from its position. */
  RETRYING,
  /** Put aside by the user, who can take it up again. */
  PARKED,
  /** All is verified; the last voucher is signed and sent. */
  FINALIZING,
  /** It ends early: what was verified is paid for and the provider is told. */
  LEAVING,
  /** All is verified and paid. */
  COMPLETED,
  /** The provider lacked some blocks; the others are verified and paid. */
  PARTIAL,
  /** The provider refused the deal, or it could not be paid. */
  REJECTED,
  /** It failed; the reason is in the deal. */
  FAILED,
  /** The user called it off. */
  CANCELLED
}
