package io.sluice.payments.payer;

import io.sluice.payments.DealRef;
import io.sluice.payments.PaymentException;
import io.sluice.payments.Prepared;
import io.sluice.payments.voucher.CloseConsent;
import io.sluice.payments.voucher.OpenClaim;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.payments.voucher.SigningKey;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Signature;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.Map;

/** Signs for deals that have a lane: their openings, and vouchers within budget and deposit. */
final class PayerSigning {
  private final Map<EvmAddress, SigningKey> keys;
  private final LaneGrants lanes;
  private final PayerBook book;

  PayerSigning(Map<EvmAddress, SigningKey> keys, LaneGrants lanes, PayerBook book) {
    this.keys = keys;
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
    return channel.pay(
        deal, due, voucher -> key(channel.open.signer()).sign(channel.domain, voucher));
  }

  /** As {@link PayerSide#payLate}. */
  Prepared<SignedVoucher> payLate(LateDebt debt) {
    PayerChannel channel = book.channel(debt.channel());
    return channel.payLate(
        debt, voucher -> key(channel.open.signer()).sign(channel.domain, voucher));
  }

  /** Signs that the channel shall end. */
  Signature sign(PayerChannel channel, CloseConsent consent) {
    return key(channel.open.signer()).sign(consent.digest(channel.domain));
  }

  private SigningKey key(EvmAddress signer) {
    SigningKey key = keys.get(signer);
    if (key == null) {
      throw new PaymentException(DealCode.NOT_OUR_VOUCHER, "no key of " + signer + " here");
    }
    return key;
  }
}
