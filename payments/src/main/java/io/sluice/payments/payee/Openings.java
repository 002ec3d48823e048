package io.sluice.payments.payee;

import io.sluice.payments.PaymentRecord;
import io.sluice.payments.Prepared;
import io.sluice.payments.ledger.Channel;
import io.sluice.payments.voucher.Domain;
import io.sluice.payments.voucher.Signatures;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.DealOpening;
import io.sluice.protocol.retrieval.Payee;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Judges openings, and binds deals to their lanes. */
final class Openings {
  private static final Logger LOG = LoggerFactory.getLogger(Openings.class);

  private final PayeePolicy policy;
  private final Clock clock;
  private final PayeeBook book;
  private final PayeeViews views;
  private final VoucherIntake takings;

  Openings(
      PayeePolicy policy, Clock clock, PayeeBook book, PayeeViews views, VoucherIntake takings) {
    this.policy = policy;
    this.clock = clock;
    this.book = book;
    this.views = views;
    this.takings = takings;
  }

  /** As {@link PayeeSide#open}. */
  OpeningDecision open(OpenRequest request) {
    DealOpening open = request.open();
    Optional<Payee> payee = ours(open.payee());
    if (payee.isEmpty()) {
      return OpeningDecision.OpeningRefused.of(
          DealCode.CHANNEL_UNACCEPTABLE, "not a payee of ours: " + open.payee());
    }
    Domain domain = new Domain(open.payee().chainId(), open.payee().contract());
    PayeeChannel channel;
    try {
      channel = views.look(domain, open.channel(), payee.get(), Set.of(open.lane()));
    } catch (IOException e) {
      LOG.warn("ledger {} cannot be asked: {}", domain, e.toString());
      return OpeningDecision.OpeningRefused.of(DealCode.CHAIN_STALE, "the ledger does not answer");
    }
    if (channel == null) {
      return OpeningDecision.OpeningRefused.of(
          DealCode.CHANNEL_UNACCEPTABLE, "unknown channel " + open.channel());
    }
    if (!Signatures.by(channel.signer, open.signature(), request.claim().digest(domain))) {
      return OpeningDecision.OpeningRefused.of(
          DealCode.OPEN_BAD_SIGNATURE, "not signed by " + channel.signer + " for this deal");
    }
    Optional<SignedVoucher> best;
    try {
      best = open.best().map(SignedVoucher::of);
    } catch (ProtocolException e) {
      return OpeningDecision.OpeningRefused.of(DealCode.VOUCHER_MALFORMED, "" + e.getMessage());
    }
    if (best.isPresent()) {
      Optional<VoucherDecision.VoucherRefused> wrong =
          VoucherIntake.wrong(channel, open.lane(), best.get());
      if (wrong.isPresent()) {
        return OpeningDecision.OpeningRefused.of(wrong.get().code(), wrong.get().message());
      }
    }
    if (book.crowded(channel)) {
      return OpeningDecision.OpeningRefused.of(
          DealCode.CHANNEL_UNACCEPTABLE, channel.payer + " has too many channels here");
    }
    return admit(request, payee.get(), book.remembered(channel), best);
  }

  private Optional<Payee> ours(Payee offered) {
    return policy.payees().stream()
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
    Optional<OpeningDecision.OpeningRefused> unpaid = unpaid(channel, request.open().terms());
    channel.lock.lock();
    try {
      DealOpening open = request.open();
      DealAccount bound = channel.accounts.get(request.deal());
      if (bound != null && bound.lane.number == open.lane() && bound.terms.equals(open.terms())) {
        return new OpeningDecision.Admitted(Prepared.unchanged(bound));
      }
      if (bound != null || book.account(request.deal()).isPresent()) {
        return OpeningDecision.OpeningRefused.of(
            DealCode.DEAL_ID_TAKEN, request.deal() + " is bound to another opening");
      }
      Optional<OpeningDecision> previous = previousPaid(channel, open.lane(), best);
      if (previous.isPresent()) {
        return previous.get();
      }
      Optional<OpeningDecision.OpeningRefused> refused =
          unacceptable(channel, payee, open, best)
              .or(() -> unpaid)
              .or(() -> busy(channel, open, best));
      if (refused.isPresent()) {
        return refused.get();
      }
      return new OpeningDecision.Admitted(bind(request, channel, best));
    } finally {
      channel.lock.unlock();
    }
  }

  /** A payer's record is about the payer, whichever channel and peer it comes with now. */
  private Optional<OpeningDecision.OpeningRefused> unpaid(PayeeChannel channel, Terms terms) {
    Instant now = clock.instant();
    long sum = 0;
    DealAccount worst = null;
    long most = 0;
    for (DealAccount account : book.accountsOf(channel.payer)) {
      long debt;
      account.channel.lock.lock();
      try {
        debt = account.debt(now);
      } finally {
        account.channel.lock.unlock();
      }
      sum += debt;
      if (debt > most) {
        most = debt;
        worst = account;
      }
    }
    channel.indebted = sum > 0;
    if (worst == null || sum <= terms.interval()) {
      return Optional.empty();
    }
    return Optional.of(
        new OpeningDecision.OpeningRefused(
            DealCode.UNPAID,
            "%s left %d bytes unpaid, most of it in %s".formatted(channel.payer, sum, worst.deal()),
            Optional.empty(),
            Optional.of(worst.owed()),
            Optional.of(worst.deal())));
  }

  /** What the opening's best brings above ours belongs to the deal that had the lane. */
  private Optional<OpeningDecision> previousPaid(
      PayeeChannel channel, long number, Optional<SignedVoucher> best) {
    PayeeLane lane = channel.lanes.get(number);
    if (lane == null || lane.account == null || lane.account.frozen() || best.isEmpty()) {
      return Optional.empty();
    }
    if (!best.get().amount().exceeds(lane.amount())) {
      return Optional.empty();
    }
    return Optional.of(
        new OpeningDecision.PreviousPaid(
            lane.account.deal(), takings.taking(lane.account, best.get())));
  }

  private Optional<OpeningDecision.OpeningRefused> unacceptable(
      PayeeChannel channel, Payee payee, DealOpening open, Optional<SignedVoucher> best) {
    Channel facts = channel.view.orElseThrow().channel();
    if (!facts.token().equals(payee.token())) {
      return Optional.of(
          OpeningDecision.OpeningRefused.of(
              DealCode.CHANNEL_UNACCEPTABLE, "pays in " + facts.token()));
    }
    if (facts.challengeSeconds() < payee.minChallenge()) {
      return Optional.of(
          OpeningDecision.OpeningRefused.of(
              DealCode.CHANNEL_UNACCEPTABLE,
              "challenge of %d s, at least %d s are needed"
                  .formatted(facts.challengeSeconds(), payee.minChallenge())));
    }
    if (channel.ending()) {
      return Optional.of(
          OpeningDecision.OpeningRefused.of(
              DealCode.CHANNEL_CLOSING, "the channel is " + facts.state()));
    }
    PayeeLane lane = channel.lanes.get(open.lane());
    TokenAmount news =
        best.map(SignedVoucher::amount)
            .orElse(TokenAmount.ZERO)
            .minusOrZero(lane == null ? TokenAmount.ZERO : lane.amount());
    TokenAmount needed = payee.minDeposit().max(channel.best().plus(news).plus(TokenAmount.of(1)));
    if (needed.exceeds(channel.counted())) {
      return Optional.of(
          OpeningDecision.OpeningRefused.of(
              DealCode.INSUFFICIENT_DEPOSIT,
              "%s of the deposit count, %s are needed".formatted(channel.counted(), needed),
              needed.minus(channel.counted())));
    }
    if (lane == null && channel.lanes.size() >= policy.maxLanes()) {
      return Optional.of(
          OpeningDecision.OpeningRefused.of(
              DealCode.TOO_MANY_LANES, "use a lane that is free again"));
    }
    return Optional.empty();
  }

  private static Optional<OpeningDecision.OpeningRefused> busy(
      PayeeChannel channel, DealOpening open, Optional<SignedVoucher> best) {
    PayeeLane lane = channel.lanes.get(open.lane());
    if (lane != null && lane.binding != null) {
      return Optional.of(
          OpeningDecision.OpeningRefused.of(
              DealCode.LANE_BUSY, "being taken by another", lane.binding));
    }
    if (lane != null && lane.account != null && lane.account.live()) {
      return Optional.of(
          OpeningDecision.OpeningRefused.of(
              DealCode.LANE_BUSY, "the lane's deal has not ended", lane.account.deal()));
    }
    TokenAmount stored = lane == null ? TokenAmount.ZERO : lane.amount();
    TokenAmount redeemed = channel.view.orElseThrow().redeemed(open.lane());
    TokenAmount theirs = best.map(SignedVoucher::amount).orElse(TokenAmount.ZERO);
    if (stored.max(redeemed).exceeds(theirs)) {
      return Optional.of(
          new OpeningDecision.OpeningRefused(
              DealCode.LANE_BEHIND,
              "the lane stands at %s, the opening says %s".formatted(stored.max(redeemed), theirs),
              lane == null ? Optional.empty() : lane.best,
              Optional.empty(),
              Optional.empty()));
    }
    return Optional.empty();
  }

  private Prepared<DealAccount> bind(
      OpenRequest request, PayeeChannel channel, Optional<SignedVoucher> best) {
    DealOpening open = request.open();
    PayeeLane lane = channel.lane(open.lane());
    TokenAmount base = best.map(SignedVoucher::amount).orElse(TokenAmount.ZERO);
    Optional<SignedVoucher> news = best.filter(voucher -> base.exceeds(lane.amount()));
    PaymentRecord.DealBound record =
        new PaymentRecord.DealBound(
            request.deal(),
            channel.domain,
            channel.id,
            open.lane(),
            base,
            channel.payer,
            channel.signer,
            open.terms(),
            news);
    DealAccount account = book.account(record, channel, lane);
    lane.binding = request.deal();
    return new Prepared<>(
        account,
        Optional.of(record),
        () -> book.bound(channel, account, news, book.now()),
        () -> channel.locked(() -> lane.binding = null));
  }
}
