package io.sluice.payments.ledger;

import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.time.Instant;

/**
 * Something that happened on a ledger, in absolute figures: applying an event twice is harmless,
 * and all state can be rebuilt from events alone. Spec: PAYMENT CHANNELS, 6.6.
 */
public sealed interface LedgerEvent {
  /** When and by which intent. */
  Stamp at();

  /**
   * Where an event stands.
   *
   * @param height the block
   * @param time the ledger's time there
   * @param intent the id that caused it
   */
  record Stamp(long height, Instant time, IntentId intent) {}

  /** An event of one channel. */
  sealed interface OfChannel extends LedgerEvent {
    /** The channel's id. */
    Bytes32 channel();
  }

  /** A channel was opened. */
  record ChannelOpened(
      Stamp at,
      Bytes32 channel,
      EvmAddress payer,
      EvmAddress payee,
      EvmAddress token,
      EvmAddress signer,
      TokenAmount deposit,
      long challengeSeconds,
      Bytes32 salt)
      implements OfChannel {}

  /** A deposit grew by {@code added} to {@code deposit}. */
  record ChannelToppedUp(Stamp at, Bytes32 channel, TokenAmount added, TokenAmount deposit)
      implements OfChannel {}

  /**
   * A lane advanced by {@code paid} to {@code cumulative}, the channel's total to {@code total}.
   * Numbers that no payer of this program uses are shown as they fit: a lane from 2^63 on as
   * negative, a nonce as 2^63 - 1.
   */
  record Redeemed(
      Stamp at,
      Bytes32 channel,
      long lane,
      long nonce,
      TokenAmount cumulative,
      TokenAmount paid,
      TokenAmount total)
      implements OfChannel {}

  /** The payer wants its change back: vouchers can be redeemed until {@code settleAt}. */
  record SettleStarted(Stamp at, Bytes32 channel, EvmAddress by, Instant settleAt)
      implements OfChannel {}

  /** A channel ended; the payee got {@code payeeTotal} over its life, the payer {@code refund}. */
  record ChannelClosed(
      Stamp at, Bytes32 channel, TokenAmount payeeTotal, TokenAmount refund, How how)
      implements OfChannel {}

  /** Credit was taken out. */
  record Withdrawn(
      Stamp at, EvmAddress account, EvmAddress token, EvmAddress to, TokenAmount amount)
      implements LedgerEvent {}

  /**
   * The chain's end changed, and with it what was said of a channel: all that is known of it from
   * events counts no more. What is so now follows, and has to be asked for, since the channel may
   * be as it was before those events, or not be there at all.
   */
  record Voided(Stamp at, Bytes32 channel) implements OfChannel {}

  /** The ways in which a channel ends. */
  enum How {
    /** After its challenge period. */
    COLLECT,
    /** By the payee. */
    PAYEE,
    /** By the payer with the payee's consent. */
    COOPERATIVE
  }
}
