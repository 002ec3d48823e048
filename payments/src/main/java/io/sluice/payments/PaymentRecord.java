package io.sluice.payments;

import io.sluice.payments.ledger.Intent;
import io.sluice.payments.ledger.IntentId;
import io.sluice.payments.voucher.Domain;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.retrieval.TokenAmount;
import java.time.Instant;
import java.util.Optional;

/**
 * One durable fact about money. Figures are absolute, so applying a record twice, or after a later
 * one of another lane, changes nothing.
 */
public sealed interface PaymentRecord {
  /** The name that tells records apart where they are stored. */
  default String kind() {
    return PaymentRecordCodec.kind(this);
  }

  /** The stored form. */
  default Node toNode() {
    return PaymentRecordCodec.encode(this);
  }

  /**
   * Reads the stored form.
   *
   * @throws io.sluice.protocol.ProtocolException {@code BAD_RECORD} for an unknown kind, or values
   *     that no such record has
   */
  static PaymentRecord of(String kind, Node value) {
    return PaymentRecordCodec.decode(kind, value);
  }

  // both sides

  /** Something will be done on a ledger; durable before the first try. */
  record IntentPlanned(Domain domain, Intent intent) implements PaymentRecord {}

  /** An intent needs no more tries: it is included, or refused for the reason given. */
  record IntentEnded(IntentId id, Optional<String> refused) implements PaymentRecord {}

  /** Since when credit gathers on a ledger that was not taken out. */
  record CreditGathers(Domain domain, EvmAddress token, Instant since) implements PaymentRecord {}

  // payer

  /** A deal waits for money in a channel. */
  record FundsAsked(DealRef deal, Bytes32 channel, TokenAmount amount) implements PaymentRecord {}

  /** A deal has a lane, from that base, and a budget. Replaces what the deal had before. */
  record LaneTaken(DealRef deal, Bytes32 channel, long lane, TokenAmount base, TokenAmount budget)
      implements PaymentRecord {}

  /** A voucher is given to the payee. */
  record VoucherGiven(DealRef deal, SignedVoucher voucher) implements PaymentRecord {}

  /** A voucher of ours that only the payee still knew; the deal's base is its amount. */
  record VoucherAdopted(DealRef deal, SignedVoucher voucher) implements PaymentRecord {}

  /**
   * A deal is over: its lane is free, its budget released, its wish for money dropped.
   *
   * @param mayOwe whether the payee may count more for it than was paid
   */
  record DealLeft(DealRef deal, boolean mayOwe) implements PaymentRecord {}

  /** Since when a channel that this home opened has had no deal on it. */
  record ChannelIdle(Bytes32 channel, Instant since) implements PaymentRecord {}

  // payee

  /**
   * Consent to a channel's end at that total was given, and can be used until the deadline.
   *
   * @param deadline seconds of the ledger's time since 1970
   */
  record ConsentGiven(Bytes32 channel, TokenAmount total, long deadline) implements PaymentRecord {}

  /**
   * A deal is bound to a lane, from that base.
   *
   * @param best the lane's best voucher as the opening brought it, if that was news
   */
  record DealBound(
      DealRef deal,
      Domain domain,
      Bytes32 channel,
      long lane,
      TokenAmount base,
      EvmAddress payer,
      EvmAddress signer,
      Terms terms,
      Optional<SignedVoucher> best)
      implements PaymentRecord {}

  /**
   * An authentic voucher, better than all before it on its lane.
   *
   * @param deal which deal brought it
   * @param credit how much of the lane counted as credit with it
   * @param time since when its channel has had something to redeem; absent in old records
   */
  record VoucherTaken(
      DealRef deal, SignedVoucher voucher, TokenAmount credit, Optional<Instant> time)
      implements PaymentRecord {}

  /** A deal is over with so many charged bytes; what it left unpaid is remembered from then on. */
  record DealEnded(DealRef deal, long charged, Instant time) implements PaymentRecord {}
}
