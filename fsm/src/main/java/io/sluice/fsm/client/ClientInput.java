package io.sluice.fsm.client;

import io.sluice.fsm.DealOutcome;
import io.sluice.fsm.DealReason;
import io.sluice.protocol.retrieval.TokenAmount;
import java.time.Instant;

/** What an event brings along. All figures are absolute, so that an event may come twice. */
public sealed interface ClientInput {
  /** When it happened: recorders see no clock. */
  Instant at();

  /** Nothing but the time. */
  record At(Instant at) implements ClientInput {}

  /**
   * The deal has its money side.
   *
   * @param lane where it is paid from
   */
  record Funded(Instant at, LaneOpening lane) implements ClientInput {}

  /**
   * How far the walk has come.
   *
   * @param charged bytes that count as charged so far
   * @param received bytes of blocks received over the wire, those sent again too
   * @param position visits of the walk that are verified and synced
   */
  record Verified(Instant at, long charged, long received, long position) implements ClientInput {}

  /**
   * A voucher.
   *
   * @param amount what the lane pays with it, in all
   * @param nonce its number on the lane
   * @param bytes the charged bytes it pays for
   */
  record Signed(Instant at, TokenAmount amount, long nonce, long bytes) implements ClientInput {}

  /**
   * The deal goes out under a transfer number.
   *
   * @param transfer the number of the transfer channel it uses from now on
   */
  record Going(Instant at, long transfer) implements ClientInput {}

  /**
   * The deal stands still or is over.
   *
   * @param reason why
   */
  record Stopped(Instant at, DealReason reason) implements ClientInput {}

  /**
   * What had to be paid and told is paid and told.
   *
   * @param outcome how the deal ends
   */
  record Left(Instant at, DealOutcome outcome) implements ClientInput {}
}
