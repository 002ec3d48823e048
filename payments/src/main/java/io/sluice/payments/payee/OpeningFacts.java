package io.sluice.payments.payee;

import io.sluice.payments.ChannelView;
import io.sluice.payments.DealRef;
import io.sluice.payments.ledger.Channel;
import io.sluice.payments.payee.OpeningDecision.OpeningRefused;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.Payee;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What an opening is judged by, at one moment.
 *
 * @param channel as the ledger has it
 * @param confirmed how much of its deposit lies deep enough
 * @param vouchered what all its lanes together have vouchered
 * @param full whether the lane would be one too many
 * @param best the lane's best voucher here
 * @param redeemed what the ledger has paid on the lane
 * @param binding the deal that is just taking the lane
 * @param live the live deal that has it
 * @param unpaid the payer's record, if it speaks against a new deal
 */
record OpeningFacts(
    Channel channel,
    TokenAmount confirmed,
    TokenAmount vouchered,
    boolean full,
    Optional<SignedVoucher> best,
    TokenAmount redeemed,
    Optional<DealRef> binding,
    Optional<DealRef> live,
    Optional<OpeningRefused> unpaid) {

  /** The facts of one lane of a channel; null if nobody has asked for it before. */
  static OpeningFacts of(
      ChannelView view,
      TokenAmount vouchered,
      boolean full,
      long number,
      @Nullable PayeeLane lane,
      Optional<OpeningRefused> unpaid) {
    Optional<PayeeLane> known = Optional.ofNullable(lane);
    return new OpeningFacts(
        view.channel(),
        view.confirmed(),
        vouchered,
        full,
        known.flatMap(PayeeLane::best),
        view.redeemed(number),
        known.flatMap(PayeeLane::binding),
        known.flatMap(PayeeLane::liveDeal),
        unpaid);
  }

  /**
   * Why the lane cannot be had, if it cannot: first what is wrong with the channel, then with the
   * payer, then with the lane.
   *
   * @param payee the condition that the opening names
   * @param theirs the lane's best voucher as the opening has it
   */
  Optional<OpeningRefused> refusal(Payee payee, Optional<SignedVoucher> theirs) {
    return unacceptable(payee)
        .or(() -> tooSmall(payee, theirs))
        .or(() -> tooMany())
        .or(() -> unpaid)
        .or(() -> busy())
        .or(() -> behind(payee, theirs));
  }

  private Optional<OpeningRefused> unacceptable(Payee payee) {
    if (!channel.token().equals(payee.token())) {
      return refused(DealCode.CHANNEL_UNACCEPTABLE, "pays in " + channel.token());
    }
    if (channel.challengeSeconds() < payee.minChallenge()) {
      return refused(
          DealCode.CHANNEL_UNACCEPTABLE,
          "challenge of %d s, at least %d s are needed"
              .formatted(channel.challengeSeconds(), payee.minChallenge()));
    }
    return channel.ending()
        ? refused(DealCode.CHANNEL_CLOSING, "the channel is " + channel.state())
        : Optional.empty();
  }

  /** At least 1 has to be free, beside what is signed away already, the opening's news with it. */
  private Optional<OpeningRefused> tooSmall(Payee payee, Optional<SignedVoucher> theirs) {
    TokenAmount news = amount(theirs).minusOrZero(amount(best));
    TokenAmount needed = payee.minDeposit().max(vouchered.plus(news).plus(TokenAmount.of(1)));
    return needed.exceeds(confirmed)
        ? Optional.of(
            OpeningRefused.of(
                DealCode.INSUFFICIENT_DEPOSIT,
                "%s of the deposit count, %s are needed"
                    .formatted(
                        PayeePolicy.written(payee, confirmed), PayeePolicy.written(payee, needed)),
                needed.minus(confirmed)))
        : Optional.empty();
  }

  private Optional<OpeningRefused> tooMany() {
    return full
        ? refused(DealCode.TOO_MANY_LANES, "use a lane that is free again")
        : Optional.empty();
  }

  private Optional<OpeningRefused> busy() {
    return binding
        .map(deal -> OpeningRefused.of(DealCode.LANE_BUSY, "being taken by another", deal))
        .or(
            () ->
                live.map(
                    deal ->
                        OpeningRefused.of(
                            DealCode.LANE_BUSY, "the lane's deal has not ended", deal)));
  }

  /** A client that lost its state would sign for less than it owes already. */
  private Optional<OpeningRefused> behind(Payee payee, Optional<SignedVoucher> theirs) {
    TokenAmount ours = amount(best).max(redeemed);
    return ours.exceeds(amount(theirs))
        ? Optional.of(
            new OpeningRefused(
                DealCode.LANE_BEHIND,
                "the lane stands at %s, the opening says %s"
                    .formatted(
                        PayeePolicy.written(payee, ours),
                        PayeePolicy.written(payee, amount(theirs))),
                best,
                Optional.empty(),
                Optional.empty()))
        : Optional.empty();
  }

  private static TokenAmount amount(Optional<SignedVoucher> voucher) {
    return voucher.map(SignedVoucher::amount).orElse(TokenAmount.ZERO);
  }

  private static Optional<OpeningRefused> refused(DealCode code, String message) {
    return Optional.of(OpeningRefused.of(code, message));
  }
}
