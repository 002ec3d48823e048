package io.sluice.payments.payee;

import io.sluice.payments.DealRef;
import io.sluice.payments.PaymentRecord;
import io.sluice.payments.Prepared;
import io.sluice.payments.payee.PayeeChannel.Claim;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.Payment;
import io.sluice.protocol.retrieval.TokenAmount;
import java.time.Instant;
import java.util.Optional;

/**
 * Judges vouchers. Every authentic one that is better than all before it is kept; what it counts
 * for is the channel's to say, once it is durable.
 */
final class VoucherIntake {
  private final PayeeBook book;
  private final PayeeViews views;

  VoucherIntake(PayeeBook book, PayeeViews views) {
    this.book = book;
    this.views = views;
  }

  /** As {@link PayeeSide#receive}. */
  VoucherDecision receive(DealRef deal, Payment payment) {
    Optional<DealAccount> found = book.account(deal);
    if (found.isEmpty()) {
      return new VoucherDecision.VoucherRefused(
          DealCode.VOUCHER_UNEXPECTED, "no account of " + deal);
    }
    DealAccount account = found.get();
    SignedVoucher voucher;
    try {
      voucher = SignedVoucher.of(payment);
    } catch (ProtocolException e) {
      return new VoucherDecision.VoucherRefused(DealCode.VOUCHER_MALFORMED, "" + e.getMessage());
    }
    PayeeChannel channel = account.channel;
    Optional<VoucherDecision.VoucherRefused> foreign =
        foreign(channel, account.lane.number, voucher);
    if (foreign.isPresent()) {
      return foreign.get();
    }
    if (isNews(account, voucher)) {
      if (!voucher.signedBy(channel.signer)) {
        return forged(channel);
      }
      channel.lock.lock();
      try {
        if (voucher.amount().exceeds(account.lane.amount())) {
          return new VoucherDecision.Kept(taking(account, voucher));
        }
      } finally {
        channel.lock.unlock();
      }
    }
    return new VoucherDecision.Kept(Prepared.unchanged(account.figures()));
  }

  private static boolean isNews(DealAccount account, SignedVoucher voucher) {
    account.channel.lock.lock();
    try {
      return voucher.amount().exceeds(account.lane.amount());
    } finally {
      account.channel.lock.unlock();
    }
  }

  /** Why a voucher cannot be the lane's, if it cannot. */
  static Optional<VoucherDecision.VoucherRefused> wrong(
      PayeeChannel channel, long lane, SignedVoucher voucher) {
    return foreign(channel, lane, voucher)
        .or(
            () ->
                voucher.signedBy(channel.signer) ? Optional.empty() : Optional.of(forged(channel)));
  }

  private static Optional<VoucherDecision.VoucherRefused> foreign(
      PayeeChannel channel, long lane, SignedVoucher voucher) {
    if (!voucher.domain().equals(channel.domain)
        || !voucher.voucher().channel().equals(channel.id)) {
      return Optional.of(
          new VoucherDecision.VoucherRefused(
              DealCode.VOUCHER_WRONG_CHANNEL,
              "for %s of %s, not %s of %s"
                  .formatted(
                      voucher.voucher().channel(), voucher.domain(), channel.id, channel.domain)));
    }
    if (voucher.voucher().lane() != lane) {
      return Optional.of(
          new VoucherDecision.VoucherRefused(
              DealCode.VOUCHER_WRONG_LANE,
              "for lane %d, not %d".formatted(voucher.voucher().lane(), lane)));
    }
    return Optional.empty();
  }

  private static VoucherDecision.VoucherRefused forged(PayeeChannel channel) {
    return new VoucherDecision.VoucherRefused(
        DealCode.VOUCHER_BAD_SIGNATURE, "not signed by " + channel.signer);
  }

  /** Reserves what the voucher makes count; under the channel's lock. */
  Prepared<Credit> taking(DealAccount account, SignedVoucher voucher) {
    PayeeChannel channel = account.channel;
    Claim claim = channel.claim(account.lane, voucher);
    TokenAmount counts = account.lane.counted.max(claim.granted);
    Instant now = book.now();
    return new Prepared<>(
        new Credit(account.deal(), account.share(counts), account.share(voucher.amount())),
        Optional.of(
            new PaymentRecord.VoucherTaken(account.deal(), voucher, counts, Optional.of(now))),
        () -> {
          channel.locked(() -> channel.take(claim, voucher, now));
          views.tellOthers(channel, account.deal());
        },
        () -> channel.locked(() -> channel.drop(claim)));
  }

  /** As {@link PayeeSide#ended}. */
  Prepared<DealRef> ended(DealRef deal, long charged) {
    Optional<DealAccount> found = book.account(deal);
    if (found.isEmpty()) {
      return Prepared.unchanged(deal);
    }
    DealAccount account = found.get();
    PayeeChannel channel = account.channel;
    channel.lock.lock();
    try {
      if (!account.live()) {
        return Prepared.unchanged(deal);
      }
    } finally {
      channel.lock.unlock();
    }
    Instant now = book.now();
    return new Prepared<>(
        deal,
        Optional.of(new PaymentRecord.DealEnded(deal, charged, now)),
        () -> {
          channel.locked(() -> account.ended(charged, now));
          book.forgetOld(channel);
          views.tellOthers(channel, deal);
        },
        () -> {});
  }
}
