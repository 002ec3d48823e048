package io.sluice.payments.payer;

import io.sluice.payments.DealRef;
import io.sluice.payments.PaymentException;
import io.sluice.payments.PaymentRecord;
import io.sluice.payments.Prepared;
import io.sluice.payments.payer.PayerChannel.Hold;
import io.sluice.payments.voucher.OpenClaim;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.payments.voucher.SigningKey;
import io.sluice.payments.voucher.Voucher;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Signature;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.Map;
import java.util.Optional;

/** Signs for deals that have a lane: their openings, and vouchers within budget and deposit. */
final class PayerSigning {
  private final Map<EvmAddress, SigningKey> keys;
  private final LaneGrants lanes;
  private final PayerBook book;

  PayerSigning(Map<EvmAddress, SigningKey> keys, LaneGrants lanes, PayerBook book) {
    this.keys = Map.copyOf(keys);
    this.lanes = lanes;
    this.book = book;
  }

  /** As {@link PayerSide#signOpen}. */
  Signature signOpen(DealRef deal, OpenClaim claim) {
    LaneTicket ticket =
        lanes.ticket(deal).orElseThrow(() -> new PaymentException(DealCode.NO_LANE, deal.value()));
    if (!ticket.channel().equals(claim.channel()) || ticket.lane() != claim.lane()) {
      throw new PaymentException(
          DealCode.NO_LANE,
          "%s has lane %d of %s".formatted(deal, ticket.lane(), ticket.channel()));
    }
    return key(ticket.signer()).sign(claim.digest(ticket.domain()));
  }

  /** As {@link PayerSide#pay}. */
  Prepared<SignedVoucher> pay(DealRef deal, TokenAmount due) {
    PayerChannel channel = book.with(deal);
    Voucher voucher;
    PayerLane lane;
    channel.lock.lock();
    try {
      Hold hold = channel.held(deal);
      lane = hold.lane;
      TokenAmount total = hold.base.plus(due);
      if (lane.best.isPresent() && !total.exceeds(lane.amount())) {
        return Prepared.unchanged(lane.best.get());
      }
      check(channel, hold, due, total);
      if (lane.signing) {
        throw new IllegalStateException("lane %d: last voucher not done".formatted(lane.number));
      }
      lane.signing = true;
      voucher = new Voucher(channel.id, lane.number, lane.nonce() + 1, total);
    } finally {
      channel.lock.unlock();
    }
    SignedVoucher signed = key(channel.open.signer()).sign(channel.domain, voucher);
    return new Prepared<>(
        signed,
        Optional.of(new PaymentRecord.VoucherGiven(deal, signed)),
        () ->
            PayerBook.locked(
                channel,
                () -> {
                  PayerBook.better(lane, signed);
                  lane.signing = false;
                }),
        () -> PayerBook.locked(channel, () -> lane.signing = false));
  }

  private static void check(PayerChannel channel, Hold hold, TokenAmount due, TokenAmount total) {
    if (due.exceeds(hold.budget)) {
      throw new PaymentException(
          DealCode.BUDGET_EXCEEDED,
          "%s due, budget %s".formatted(due, hold.budget),
          due.minus(hold.budget));
    }
    if (channel.view.filter(seen -> seen.channel().closed()).isPresent()) {
      throw new PaymentException(DealCode.CHANNEL_CLOSING, "channel %s".formatted(channel.id));
    }
    TokenAmount signed = channel.signed().minus(hold.lane.amount()).plus(total);
    if (signed.exceeds(channel.counted())) {
      throw new PaymentException(
          DealCode.INSUFFICIENT_DEPOSIT,
          "%s would be signed, %s is confirmed".formatted(signed, channel.counted()),
          signed.minus(channel.counted()));
    }
  }

  private SigningKey key(EvmAddress signer) {
    SigningKey key = keys.get(signer);
    if (key == null) {
      throw new PaymentException(DealCode.NOT_OUR_VOUCHER, "no key of " + signer + " here");
    }
    return key;
  }
}
