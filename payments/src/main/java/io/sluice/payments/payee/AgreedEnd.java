package io.sluice.payments.payee;

import io.sluice.payments.ChannelView;
import io.sluice.payments.LatestView;
import io.sluice.payments.PaymentException;
import io.sluice.payments.PaymentRecord;
import io.sluice.payments.voucher.CloseConsent;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.DealCode;
import java.util.Optional;

/**
 * What this payee promised about the end of one channel. Not thread-safe: the channel's monitor
 * guards it.
 *
 * <p>A consent is a promise with a total in it: whoever has it can end the channel at that total,
 * whatever is signed later. So there is one at a time, and until it is used or over, nothing new
 * may be promised on the channel.
 */
final class AgreedEnd {
  private final LaneCredits lanes;
  private final LatestView view;
  private Optional<CloseConsent> consent = Optional.empty();

  /** Whether that is durable, so that it may be signed again for who asks again. */
  private boolean isKept;

  /** Nothing is promised; lanes and view are the channel's own, and move on. */
  AgreedEnd(LaneCredits lanes, LatestView view) {
    this.lanes = lanes;
    this.view = view;
  }

  /**
   * Agrees to the channel's end at the total that its payer asks for, if that is all that was
   * promised here and nothing is being promised.
   *
   * @param mostSeconds longest time that the consent may be good for
   * @param used whether a deal runs on it
   * @return what has to be durable before it is signed; empty if it is already
   * @throws PaymentException {@code CLOSE_REFUSED}, saying why; {@code CHANNEL_UNKNOWN} if the
   *     channel is not known to be open
   */
  Optional<PaymentRecord> agree(CloseConsent asked, long mostSeconds, boolean used) {
    ChannelView seen = open(asked.channel());
    long now = seen.head().time().getEpochSecond();
    Optional<CloseConsent> given = consent.filter(it -> it.deadline() >= now);
    if (given.isPresent()) {
      // Of two consents the payer could use the lower one.
      require(given.get().equals(asked), "another consent is good until " + given.get().deadline());
      require(isKept, "it is being agreed to already");
      return Optional.empty();
    }
    require(
        !used && lanes.all().stream().allMatch(lane -> lane.binding().isEmpty()),
        "a deal runs on it");
    // Both have to mean the same: by another total one of them has lost vouchers.
    require(
        asked.finalRedeemed().equals(lanes.vouchered().max(seen.channel().redeemed())),
        "the vouchers here come to another total than the request says");
    require(
        !asked.finalRedeemed().exceeds(seen.channel().deposit()), "the deposit is less than that");
    require(
        asked.deadline() >= now && asked.deadline() - now <= mostSeconds,
        "the deadline has to be at most %d s from the ledger's time".formatted(mostSeconds));
    consent = Optional.of(asked);
    isKept = false;
    return record();
  }

  private ChannelView open(Bytes32 id) {
    return view.view()
        .filter(it -> !it.channel().closed())
        .orElseThrow(() -> new PaymentException(DealCode.CHANNEL_UNKNOWN, "not open: " + id));
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new PaymentException(DealCode.CLOSE_REFUSED, otherwise);
    }
  }

  /** What was agreed to is durable. */
  void keep() {
    isKept = true;
  }

  /** It was not written, so nobody has it. */
  void forget() {
    consent = Optional.empty();
  }

  /** Whether it may still be used, by the ledger's time as it was last seen: never too early. */
  boolean isStanding() {
    return consent
        .filter(
            it ->
                view.view()
                    .filter(seen -> seen.head().time().getEpochSecond() > it.deadline())
                    .isEmpty())
        .isPresent();
  }

  /** Consent was given in an earlier run. */
  void restore(PaymentRecord.ConsentGiven given) {
    consent = Optional.of(new CloseConsent(given.channel(), given.total(), given.deadline()));
    isKept = true;
  }

  /** What a restart has to know. */
  Optional<PaymentRecord> record() {
    return consent.map(
        it -> new PaymentRecord.ConsentGiven(it.channel(), it.finalRedeemed(), it.deadline()));
  }
}
