package io.sluice.payments.payee;

import io.sluice.payments.payee.OpeningDecision.OpeningRefused;
import io.sluice.payments.payee.VoucherDecision.VoucherRefused;
import io.sluice.payments.token.AmountMessage;
import io.sluice.payments.voucher.Domain;
import io.sluice.payments.voucher.Signatures;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.DealOpening;
import io.sluice.protocol.retrieval.Payee;
import io.sluice.protocol.retrieval.Terms;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Judges openings, and binds deals to their lanes. */
final class Openings {
  private static final Logger LOG = LoggerFactory.getLogger(Openings.class);

  private final PayeeContext context;
  private final PayeeBook book;
  private final PayeeViews views;

  Openings(PayeeContext context, PayeeBook book, PayeeViews views) {
    this.context = context;
    this.book = book;
    this.views = views;
  }

  /** As {@link PayeeSide#open}. */
  OpeningDecision open(OpenRequest request) {
    DealOpening open = request.open();
    Optional<Payee> payee = ours(open.payee());
    if (payee.isEmpty()) {
      return OpeningRefused.of(
          DealCode.CHANNEL_UNACCEPTABLE, "not a payee of ours: " + open.payee());
    }
    Domain domain = new Domain(open.payee().chainId(), open.payee().contract());
    PayeeChannel channel;
    try {
      channel = views.look(domain, open.channel(), payee.get(), open.lane());
    } catch (IOException e) {
      LOG.warn("ledger {} cannot be asked: {}", domain, e.toString());
      return OpeningRefused.of(DealCode.CHAIN_STALE, "the ledger does not answer");
    }
    if (channel == null) {
      return OpeningRefused.of(DealCode.CHANNEL_UNACCEPTABLE, "unknown channel " + open.channel());
    }
    if (!Signatures.by(channel.signer, open.signature(), request.claim().digest(domain))) {
      return OpeningRefused.of(
          DealCode.OPEN_BAD_SIGNATURE, "not signed by " + channel.signer + " for this deal");
    }
    Optional<SignedVoucher> best;
    try {
      best = open.best().map(SignedVoucher::of);
    } catch (ProtocolException e) {
      return OpeningRefused.of(DealCode.VOUCHER_MALFORMED, "" + e.getMessage());
    }
    if (best.isPresent()) {
      Optional<VoucherRefused> wrong = VoucherIntake.wrong(channel, open.lane(), best.get());
      if (wrong.isPresent()) {
        return OpeningRefused.of(wrong.get().code(), wrong.get().message());
      }
    }
    if (!channel.isFresh()) {
      return OpeningRefused.of(DealCode.CHAIN_STALE, "the ledger's newest block is too old");
    }
    if (book.hasTooMany(channel)) {
      return OpeningRefused.of(
          DealCode.CHANNEL_UNACCEPTABLE, channel.payer + " has too many channels here");
    }
    return admit(request, payee.get(), book.remembered(channel), best);
  }

  private Optional<Payee> ours(Payee offered) {
    return context.policy().payees().stream()
        .filter(
            mine ->
                mine.chainId() == offered.chainId()
                    && mine.contract().equals(offered.contract())
                    && mine.token().equals(offered.token())
                    && mine.address().equals(offered.address()))
        .findFirst();
  }

  private OpeningDecision admit(
      OpenRequest request, Payee payee, PayeeChannel channel, Optional<SignedVoucher> best) {
    Optional<OpeningRefused> unpaid = unpaid(channel, request.open().terms());
    boolean known = book.account(request.deal()).isPresent();
    return channel.admit(request, payee, best, unpaid, known, book::add);
  }

  /** A payer's record is about the payer, whichever channel and peer it comes with now. */
  private Optional<OpeningRefused> unpaid(PayeeChannel channel, Terms terms) {
    Instant now = context.clock().instant();
    long sum = 0;
    DealAccount worst = null;
    long most = 0;
    for (DealAccount account : book.accountsOf(channel.payer)) {
      long debt = account.debt(now);
      sum += debt;
      if (debt > most) {
        most = debt;
        worst = account;
      }
    }
    channel.indebted(sum > 0);
    if (worst == null || sum <= Math.max(terms.interval(), tolerated(worst, most))) {
      return Optional.empty();
    }
    return Optional.of(
        new OpeningRefused(
            DealCode.UNPAID,
            "%s left %d bytes unpaid, most of it, worth %s, in %s"
                .formatted(channel.payer, sum, written(worst), worst.deal()),
            Optional.empty(),
            Optional.of(worst.owed()),
            Optional.of(worst.deal())));
  }

  /** The debt in its own token, which need not be the one that is offered now. */
  private String written(DealAccount debtor) {
    return context.policy().payees().stream()
        .filter(mine -> mine.token().equals(debtor.home().token()))
        .findFirst()
        .map(mine -> PayeePolicy.written(mine, debtor.owed()))
        .orElseGet(() -> AmountMessage.inBaseUnits(debtor.owed()));
  }

  /**
   * What a gate lets out before it closes may be under way when a connection breaks: an honest
   * client that paid for all that it has leaves that much, in one deal. All its deals together may
   * leave a window; one that goes on breaking off is to pay for that.
   */
  private static long tolerated(DealAccount worst, long debt) {
    Terms terms = worst.terms();
    long paid = terms.paidBytes(worst.vouchered());
    return Math.max(terms.window(paid), Math.min(debt, terms.mostUnpaid(paid)));
  }
}
