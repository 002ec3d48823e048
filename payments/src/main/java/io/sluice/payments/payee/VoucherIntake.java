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
    // Also for a deal that has ended: what it left unpaid can be paid for as long as it is known.
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
    // Before the signature, which costs a thousand times as much as this comparison.
    if (channel.isNews(figures, voucher)) {
      if (!voucher.signedBy(channel.signer)) {
        return forged(channel);
      }
      // A better one may have come while the signature was checked: then this changes nothing.
      taken = channel.take(figures, voucher);
    }
    return new VoucherDecision.Kept(
        taken.orElseGet(() -> Prepared.unchanged(channel.figure(figures, Credit::of))));
  }

  /**
   * Why a voucher cannot be the lane's, if it cannot. For vouchers that come with an opening: what
   * is said of them there becomes the deal's base, so they are checked whatever they are worth.
   */
  static Optional<VoucherRefused> wrong(PayeeChannel channel, long lane, SignedVoucher voucher) {
    return foreign(channel, lane, voucher)
        .or(
            () ->
                voucher.signedBy(channel.signer) ? Optional.empty() : Optional.of(forged(channel)));
  }

  /** A signature is good for one lane of one channel of one contract, and worthless elsewhere. */
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
    if (found.isEmpty() || !found.get().home().figure(found.get().figures(), DealFigures::isLive)) {
      return Prepared.unchanged(deal);
    }
    PayeeChannel channel = found.get().home();
    // The record and the books have to say the same moment: debts fade from it on.
    Instant now = context.now();
    return new Prepared<>(
        deal,
        Optional.of(new PaymentRecord.DealEnded(deal, charged, now)),
        () -> {
          channel.end(found.get().figures(), charged, now);
          book.forgetOld(channel);
          // What it owed was held back from the deposit: gates of the others may open now.
          channel.tellOthers(deal);
        },
        () -> {});
  }
}
