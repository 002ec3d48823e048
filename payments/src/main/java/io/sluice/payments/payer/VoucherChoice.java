package io.sluice.payments.payer;

import io.sluice.payments.DealRef;
import io.sluice.payments.PaymentException;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.payments.voucher.Voucher;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.TokenAmount;

/** What a deal pays with: the voucher that its lane has, or one that is yet to be signed. */
sealed interface VoucherChoice {
  /**
   * It is worth enough already. Sent again as it is stored: a second signature over the same sum is
   * one too many to check.
   */
  record Kept(SignedVoucher voucher) implements VoucherChoice {}

  /** The lane waits for this one to be signed, or given up. */
  record ToSign(PayerLane lane, Voucher voucher) implements VoucherChoice {}

  /**
   * Chooses for one deal, and reserves what is to be signed. Called with the channel's monitor
   * held: else two payments at once would both find the same sum free.
   *
   * @param due what the deal's payments have to come to in all
   * @throws PaymentException if the deal, its channel or its budget does not allow that
   */
  static VoucherChoice of(
      DealRef deal, TokenAmount due, Bytes32 channel, LanePool lanes, ChannelFunds funds) {
    LaneHold hold = lanes.of(deal);
    PayerLane lane = hold.lane();
    TokenAmount total = hold.base().plus(due);
    if (lane.best().isPresent() && !total.exceeds(lane.vouchered())) {
      return new Kept(lane.best().get());
    }
    hold.checkBudget(due);
    // What is signed while a consent is asked for, the payee could not redeem after it is used.
    if (funds.view().isClosed() || funds.isClosing()) {
      throw new PaymentException(DealCode.CHANNEL_CLOSING, "channel %s".formatted(channel));
    }
    lanes.checkCovered(lane, total, funds.view().confirmed());
    return new ToSign(lane, lane.next(channel, total));
  }
}
