package io.sluice.fsm.client;

/** Where a deal stands at its client; how it ended is in the deal. */
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
  /** It has ended, well or not: {@link ClientDeal#outcome}. */
  ENDED
}
