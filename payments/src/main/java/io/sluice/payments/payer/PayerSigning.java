package io.sluice.payments.payer;

import io.sluice.payments.DealRef;
import io.sluice.payments.PaymentException;
import io.sluice.payments.Prepared;
import io.sluice.payments.voucher.AccountSigner;
import io.sluice.payments.voucher.CloseConsent;
import io.sluice.payments.voucher.Domain;
import io.sluice.payments.voucher.OpenClaim;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.payments.voucher.TypedMessage;
import io.sluice.payments.voucher.Voucher;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Signature;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.util.Map;

/** Signs for deals that have a lane: their openings, and vouchers within budget and deposit. */
final class PayerSigning {
  private final Map<EvmAddress, ? extends AccountSigner> keys;
  private final LaneGrants lanes;
  private final PayerBook book;

  PayerSigning(Map<EvmAddress, ? extends AccountSigner> keys, LaneGrants lanes, PayerBook book) {
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
    return signed(ticket.signer(), ticket.domain(), claim);
  }

  /** As {@link PayerSide#pay}. */
  Prepared<SignedVoucher> pay(DealRef deal, TokenAmount due) {
    PayerChannel channel = book.with(deal);
    return channel.pay(deal, due, voucher -> signed(channel, voucher));
  }

  /** As {@link PayerSide#payLate}. */
  Prepared<SignedVoucher> payLate(LateDebt debt) {
    PayerChannel channel = book.channel(debt.channel());
    return channel.payLate(debt, voucher -> signed(channel, voucher));
  }

  /** Signs that the channel shall end. */
  Signature sign(PayerChannel channel, CloseConsent consent) {
    return signed(channel.open.signer(), channel.domain, consent);
  }

  private SignedVoucher signed(PayerChannel channel, Voucher voucher) {
    return new SignedVoucher(
        channel.domain, voucher, signed(channel.open.signer(), channel.domain, voucher));
  }

  private Signature signed(EvmAddress account, Domain domain, TypedMessage message) {
    AccountSigner signer = keys.get(account);
    if (signer == null) {
      throw new PaymentException(DealCode.NOT_OUR_VOUCHER, "no key of " + account + " here");
    }
    try {
      return signer.signature(domain, message);
    } catch (IOException e) {
      throw new PaymentException(DealCode.NOT_SIGNED, String.valueOf(e.getMessage()));
    }
  }
}
