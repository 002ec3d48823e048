package io.sluice.payments.payee;

import io.sluice.payments.DealRef;
import io.sluice.payments.PaymentRecord;
import io.sluice.payments.Prepared;
import io.sluice.payments.payee.VoucherDecision.VoucherRefused;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.Payment;
import java.time.Instant;
import java.util.Optional;

/**
 * Judges vouchers. Every authentic one that is better than all before it is kept; what it counts
 * for is the channel's to say, once it is durable.
 *
 * <p>Signatures are checked without the channel's monitor, a millisecond each, and only of vouchers
 * that would be news: old ones may arrive as often as anybody likes.
 */
final class VoucherIntake {
  private final PayeeContext context;
  private final PayeeBook book;

  VoucherIntake(PayeeContext context, PayeeBook book) {
    this.context = context;
    this.book = book;
  }

  /** As {@link PayeeSide#receive}. */
  VoucherDecision receive(DealRef deal, Payment payment) {
    Optional<DealAccount> found = book.account(deal);
    if (found.isEmpty()) {
      return new VoucherRefused(DealCode.VOUCHER_UNEXPECTED, "no account of " + deal);
    }
    DealFigures figures = found.get().figures();
    PayeeChannel channel = found.get().home();
    SignedVoucher voucher;
    try {
      voucher = SignedVoucher.of(payment);
    } catch (ProtocolException e) {
      return new VoucherRefused(DealCode.VOUCHER_MALFORMED, "" + e.getMessage());
    }
    Optional<VoucherRefused> foreign = foreign(channel, figures.lane().number(), voucher);
    if (foreign.isPresent()) {
      return foreign.get();
    }
    Optional<Prepared<Credit>> taken = Optional.empty();
    if (channel.isNews(figures, voucher)) {
      if (!voucher.signedBy(channel.signer)) {
        return forged(channel);
      }
      // A better one may have come while the signature was checked.
      taken = channel.take(figures, voucher);
    }
    return new VoucherDecision.Kept(
        taken.orElseGet(() -> Prepared.unchanged(channel.credit(figures))));
  }

  /** Why a voucher cannot be the lane's, if it cannot. */
  static Optional<VoucherRefused> wrong(PayeeChannel channel, long lane, SignedVoucher voucher) {
    return foreign(channel, lane, voucher)
        .or(
            () ->
                voucher.signedBy(channel.signer) ? Optional.empty() : Optional.of(forged(channel)));
  }

  private static Optional<VoucherRefused> foreign(
      PayeeChannel channel, long lane, SignedVoucher voucher) {
    if (!voucher.domain().equals(channel.domain)
        || !voucher.voucher().channel().equals(channel.id)) {
      return Optional.of(
          new VoucherRefused(
              DealCode.VOUCHER_WRONG_CHANNEL,
              "for %s of %s, not %s of %s"
                  .formatted(
                      voucher.voucher().channel(), voucher.domain(), channel.id, channel.domain)));
    }
    if (voucher.voucher().lane() != lane) {
      return Optional.of(
          new VoucherRefused(
              DealCode.VOUCHER_WRONG_LANE,
              "for lane %d, not %d".formatted(voucher.voucher().lane(), lane)));
    }
    return Optional.empty();
  }

  private static VoucherRefused forged(PayeeChannel channel) {
    return new VoucherRefused(DealCode.VOUCHER_BAD_SIGNATURE, "not signed by " + channel.signer);
  }

  /** As {@link PayeeSide#ended}. */
  Prepared<DealRef> ended(DealRef deal, long charged) {
    Optional<DealAccount> found = book.account(deal);
    if (found.isEmpty() || !found.get().home().isLive(found.get().figures())) {
      return Prepared.unchanged(deal);
    }
    PayeeChannel channel = found.get().home();
    Instant now = context.now();
    return new Prepared<>(
        deal,
        Optional.of(new PaymentRecord.DealEnded(deal, charged, now)),
        () -> {
          channel.end(found.get().figures(), charged, now);
          book.forgetOld(channel);
          channel.tellOthers(deal);
        },
        () -> {});
  }
}
