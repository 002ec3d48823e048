package io.sluice.fsm.provider;

import io.sluice.fsm.DealEnd;
import io.sluice.fsm.DealOutcome;
import io.sluice.fsm.DealReason;
import io.sluice.fsm.DealStanding;
import io.sluice.fsm.provider.ProviderInput.At;
import io.sluice.fsm.provider.ProviderInput.Ended;
import io.sluice.fsm.provider.ProviderInput.Opened;
import io.sluice.fsm.provider.ProviderInput.Paid;
import io.sluice.fsm.provider.ProviderInput.Restarted;
import io.sluice.fsm.provider.ProviderInput.Sent;
import io.sluice.fsm.provider.ProviderInput.Stopped;
import io.sluice.protocol.ipld.MapCodec;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.TokenAmount;
import java.time.Instant;
import java.util.Optional;

/**
 * A retrieval deal as its provider knows it. Immutable; the methods named after what happened are
 * the recorders of {@link ProviderDeals#TABLE}.
 *
 * @param order what was asked for
 * @param progress how far it has come
 * @param money terms, lane and credit; absent in a free deal, and until the opening
 * @param standing since when it is in its state, why, and its end
 */
public record ProviderDeal(
    ProviderOrder order,
    ProviderProgress progress,
    Optional<ProviderMoney> money,
    DealStanding standing) {
  static final MapCodec<ProviderDeal> CODEC =
      MapCodec.of(
          f ->
              new ProviderDeal(
                  f.get("Order", ProviderOrder.CODEC, ProviderDeal::order),
                  f.get("Progress", ProviderProgress.CODEC, ProviderDeal::progress),
                  f.find("Money", ProviderMoney.CODEC, ProviderDeal::money),
                  f.get("Standing", DealStanding.CODEC, ProviderDeal::standing)));

  /** A deal that was just proposed, to be served in that transfer channel. */
  public static ProviderDeal proposed(ProviderOrder order, long transfer, Instant at) {
    return new ProviderDeal(
        order,
        new ProviderProgress(transfer, 0, order.leftOut().skipFirst(), 0),
        Optional.empty(),
        DealStanding.begun(at));
  }

  /** The bytes charged, as last recorded. */
  public long charged() {
    return progress.charged();
  }

  /** What counts as paid. */
  public TokenAmount credit() {
    return money.map(ProviderMoney::credit).orElse(TokenAmount.ZERO);
  }

  /** The number of the highest voucher taken for it. */
  public long nonce() {
    return money.map(ProviderMoney::nonce).orElse(0L);
  }

  /** How many vouchers were taken. */
  public long vouchers() {
    return money.map(ProviderMoney::vouchers).orElse(0L);
  }

  /** What is not paid of what is due for the bytes charged, fee included; nothing without terms. */
  public TokenAmount owed() {
    return money.map(paying -> paying.owed(charged())).orElse(TokenAmount.ZERO);
  }

  /** Why it stands still or ended badly; absent while all goes well. */
  public Optional<DealCode> reason() {
    return standing.reason().map(DealReason::code);
  }

  /** How it ended, paid or not, if it has. */
  public Optional<DealOutcome> outcome() {
    return standing.end().map(DealEnd::outcome);
  }

  /** What users read as the state of such a deal: how it ended, and whether that is unpaid. */
  public String stateShown(ProviderState state) {
    return switch (state) {
      case UNPAID -> outcomeShown() + "_UNPAID";
      case ENDED -> outcomeShown();
      default -> state.name();
    };
  }

  private String outcomeShown() {
    DealOutcome outcome = outcome().orElseThrow();
    return outcome == DealOutcome.REJECTED ? "REFUSED" : outcome.name();
  }

  private ProviderDeal with(ProviderProgress other) {
    return new ProviderDeal(order, other, money, standing);
  }

  private ProviderDeal with(ProviderMoney other) {
    return new ProviderDeal(order, progress, Optional.of(other), standing);
  }

  private ProviderDeal with(DealStanding other) {
    return new ProviderDeal(order, progress, money, other);
  }

  ProviderDeal moved(ProviderInput input) {
    return with(standing.moved(input.at()));
  }

  ProviderDeal opened(Opened input) {
    return moved(input).with(ProviderMoney.on(input));
  }

  ProviderDeal progressed(Sent input) {
    return with(progress.charged(input.charged()));
  }

  ProviderDeal sent(Sent input) {
    return progressed(input).moved(input);
  }

  /** Nothing is credited to a deal without a lane. */
  ProviderDeal credited(Paid input) {
    return money.map(paying -> with(paying.with(input))).orElse(this);
  }

  ProviderDeal restarted(Restarted input) {
    return with(progress.with(input)).with(standing.goingOn(input.at()));
  }

  ProviderDeal stopped(Stopped input) {
    return with(progress.charged(input.charged()))
        .with(standing.because(input.at(), input.reason()));
  }

  ProviderDeal refused(Stopped input) {
    ProviderDeal stopped = stopped(input);
    return stopped.with(stopped.standing.ended(input.at(), DealOutcome.REJECTED));
  }

  ProviderDeal ended(Ended input) {
    return with(progress.charged(input.charged()))
        .with(standing.because(input.at(), input.reason()).ended(input.at(), input.outcome()));
  }

  /** Paid in full; a deal that ended unpaid keeps the end that it had. */
  ProviderDeal settled(At input) {
    return with(standing.moved(input.at()).ended(input.at(), DealOutcome.COMPLETED));
  }
}
