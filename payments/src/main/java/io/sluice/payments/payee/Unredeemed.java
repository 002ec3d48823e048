package io.sluice.payments.payee;

import io.sluice.payments.ledger.IntentId;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.protocol.retrieval.EvmAddress;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Since when a channel has had something to redeem, and whether that is under way. Not thread-safe:
 * it never leaves its channel, whose monitor guards it.
 */
final class Unredeemed {
  private final LaneCredits lanes;
  private Optional<Instant> since = Optional.empty();

  /** One redemption at a time: a second beside it would bring nothing and cost as much. */
  private Optional<IntentId> underWay = Optional.empty();

  Unredeemed(LaneCredits lanes) {
    this.lanes = lanes;
  }

  /**
   * Since when there has been something; a snapshot keeps it, so that a restart makes none young.
   */
  Optional<Instant> since() {
    return since;
  }

  /**
   * What there is of a token at this moment, on a channel that ends or not, and is quiet or not.
   */
  Redeemable now(EvmAddress token, boolean isEnding, boolean isQuiet) {
    return new Redeemable(token, lanes.redeemable(), isEnding, isQuiet, since);
  }

  /** There is a voucher more than before. */
  void added(Instant now) {
    since = since.or(() -> Optional.of(now));
  }

  /** The ledger was asked. */
  void looked(Instant now) {
    // A refused redemption, or one that came too early for a voucher, leaves something to redeem.
    since = lanes.redeemable().isZero() ? Optional.empty() : since.or(() -> Optional.of(now));
  }

  /** The vouchers of a redemption, which is under way from now on; none if there is no need. */
  List<SignedVoucher> begin(IntentId intent, int most) {
    if (underWay.isPresent() || lanes.redeemable().isZero()) {
      return List.of();
    }
    planned(intent);
    return lanes.toRedeem().stream().limit(most).toList();
  }

  /** A redemption of all there is was planned: what comes from now on is new. */
  void planned(IntentId intent) {
    underWay = Optional.of(intent);
    since = Optional.empty();
  }

  /** Another may begin, if it was that one: an answer can come twice, and late. */
  void ended(IntentId intent) {
    underWay = underWay.filter(id -> !id.equals(intent));
  }
}
