package io.sluice.payments.payer;

import io.sluice.payments.ChannelView;
import io.sluice.payments.PaymentException;
import io.sluice.payments.PaymentRecord;
import io.sluice.payments.PlannedAct;
import io.sluice.payments.ledger.Channel;
import io.sluice.payments.ledger.Intent;
import io.sluice.payments.ledger.IntentId;
import io.sluice.payments.voucher.CloseConsent;
import io.sluice.payments.voucher.Domain;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Signature;
import io.sluice.protocol.retrieval.TokenAmount;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Optional;

/**
 * How what a channel does not need comes back to its payer: by settling it and collecting when the
 * challenge period is over, or at once, by its payee's consent. Not thread-safe: the channel's
 * monitor guards it.
 *
 * <p>Each way begins only while nothing is on its way for the channel and no deal is on it or waits
 * for it: a deal that is let in after that would pay with money that is being taken out.
 */
final class Refund {
  private final Domain domain;
  private final Intent.Open open;
  private final Bytes32 id;
  private final LanePool lanes;
  private final ChannelFunds funds;

  /** Since when it was seen without a deal; deals that come and leave let it begin anew. */
  private Optional<Instant> idleSince = Optional.empty();

  /** Of a channel that is used: lanes and funds are the channel's own, and move on. */
  Refund(Domain domain, Intent.Open open, LanePool lanes, ChannelFunds funds) {
    this.domain = domain;
    this.open = open;
    this.id = open.channel(domain);
    this.lanes = lanes;
    this.funds = funds;
  }

  // idling

  /** A deal has left: it has been of use until now. */
  void used() {
    idleSince = Optional.empty();
  }

  /** What a record of an earlier run says. */
  void idle(Instant since) {
    idleSince = Optional.of(since);
  }

  /** Since when it was seen without a deal. */
  Optional<Instant> idleSince() {
    return idleSince;
  }

  /** It is seen without a deal; what has to be durable if that is new. */
  Optional<PaymentRecord> seenIdle(Instant now) {
    if (idleSince.isPresent() || !isIdle()) {
      return Optional.empty();
    }
    idleSince = Optional.of(now);
    return Optional.of(new PaymentRecord.ChannelIdle(id, now));
  }

  private boolean isIdle() {
    return lanes.holds().isEmpty() && funds.waiting().isEmpty() && funds.isIdle();
  }

  /** What there is to get back, and since when nobody has used it; empty while it is used. */
  Optional<IdleFunds> idleFunds() {
    return isIdle() && funds.isUsable() && funds.view().view().isPresent()
        ? idleSince.map(
            since -> new IdleFunds(since, funds.view().deposit().minusOrZero(lanes.vouchered())))
        : Optional.empty();
  }

  // by settling and collecting

  /** The beginning of the channel's end, unless it is used by now. */
  Optional<Intent.Settle> planSettle(SecureRandom random) {
    if (idleFunds().isEmpty()) {
      return Optional.empty();
    }
    Intent.Settle settle = new Intent.Settle(IntentId.random(random), open.sender(), id);
    funds.begun(settle.id());
    return Optional.of(settle);
  }

  /** The collection of what is left, if the challenge period is over. */
  Optional<Intent.Collect> planCollect(EvmAddress sender, SecureRandom random) {
    if (!funds.isIdle() || funds.view().view().filter(ChannelView::isChallengeOver).isEmpty()) {
      return Optional.empty();
    }
    Intent.Collect collect = new Intent.Collect(IntentId.random(random), sender, id);
    funds.begun(collect.id());
    return Optional.of(collect);
  }

  /** When the rest will be taken back, if the channel is settling. */
  Optional<PlannedAct> planOfCollecting() {
    Optional<Channel> channel = funds.view().channel();
    return channel
        .filter(it -> !it.closed())
        .flatMap(Channel::settleAt)
        .map(
            at ->
                new PlannedAct(
                    PlannedAct.Kind.COLLECT,
                    domain,
                    Optional.of(id),
                    open.token(),
                    channel.map(Channel::headroom).orElse(TokenAmount.ZERO),
                    Optional.of(at),
                    "the payee may redeem until then"));
  }

  // by consent

  /**
   * What the payee is to consent to. The total is all that was ever signed, so that nothing may be
   * signed from here on: the payee would have consented to less than it was promised.
   *
   * @throws PaymentException {@code CHANNEL_CLOSING} if it ends already, or something else is under
   *     way
   */
  CloseConsent proposeClose(long deadline) {
    if (!isIdle() || funds.isClosing() || funds.view().isClosed()) {
      throw new PaymentException(DealCode.CHANNEL_CLOSING, "channel %s".formatted(id));
    }
    funds.closing(true);
    return new CloseConsent(id, lanes.vouchered(), deadline);
  }

  /** The channel's end at what its payee consented to. */
  Intent.CloseByConsent planClose(CloseConsent consent, Signature payees, SecureRandom random) {
    Intent.CloseByConsent close =
        new Intent.CloseByConsent(IntentId.random(random), open.sender(), consent, payees);
    funds.begun(close.id());
    return close;
  }
}
