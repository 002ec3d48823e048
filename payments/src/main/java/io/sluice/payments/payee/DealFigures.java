package io.sluice.payments.payee;

import io.sluice.payments.DealRef;
import io.sluice.payments.PaymentRecord;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.retrieval.TokenAmount;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * The sums of one deal. Not thread-safe: they never leave the deal's channel, whose monitor guards
 * them.
 *
 * <p>A deal's credit is the part of its lane that lies above its base, up to the end if it has one:
 * lanes are cut into deals without gaps, so nothing counts twice.
 */
final class DealFigures {
  private static final double DAY_SECONDS = 86_400;

  private final DealRef deal;
  private final PayeeLane lane;
  private final TokenAmount base;
  private final Terms terms;
  private Optional<TokenAmount> end = Optional.empty();
  private Optional<Instant> endedAt = Optional.empty();
  private long charged;
  private long exposed;

  DealFigures(DealRef deal, PayeeLane lane, TokenAmount base, Terms terms) {
    this.deal = deal;
    this.lane = lane;
    this.base = base;
    this.terms = terms;
  }

  DealRef deal() {
    return deal;
  }

  PayeeLane lane() {
    return lane;
  }

  TokenAmount base() {
    return base;
  }

  Terms terms() {
    return terms;
  }

  /** The part of a lane's amount that belongs to this deal. */
  TokenAmount share(TokenAmount laneAmount) {
    return end.map(laneAmount::min).orElse(laneAmount).minusOrZero(base);
  }

  TokenAmount credit() {
    return share(lane.credit());
  }

  TokenAmount vouchered() {
    return share(lane.vouchered());
  }

  long charged() {
    return charged;
  }

  /** The figure is absolute: one that comes late, or twice, changes nothing. */
  void charge(long total) {
    charged = Math.max(charged, total);
  }

  TokenAmount due() {
    return terms.due(charged);
  }

  TokenAmount owed() {
    return due().minusOrZero(vouchered());
  }

  boolean isSettled() {
    return !due().exceeds(credit());
  }

  boolean isLive() {
    return endedAt.isEmpty();
  }

  boolean isFrozen() {
    return end.isPresent();
  }

  /** The lane goes on without this deal, or the deal is paid: nothing more becomes its credit. */
  void freeze(TokenAmount at) {
    if (end.isEmpty()) {
      end = Optional.of(at.max(base));
    }
  }

  void end(long total, Instant time) {
    charge(total);
    endedAt = endedAt.or(() -> Optional.of(time));
    freezeIfPaid();
  }

  /** An ended deal is done with once its vouchers cover it. */
  void freezeIfPaid() {
    if (!isLive() && owed().isZero()) {
      freeze(lane.vouchered());
    }
  }

  /** By how many bytes more, or less, the deal is exposed since this was last asked. */
  long exposureChange() {
    long paid = terms.paidBytes(credit());
    long open = isLive() ? Math.max(0, charged - paid) : 0;
    long change = open - exposed;
    exposed = open;
    return change;
  }

  /** The bytes that this deal left unpaid when it ended, less one first interval for each day. */
  long debt(Instant now) {
    if (endedAt.isEmpty()) {
      return 0;
    }
    long open = charged - terms.paidBytes(vouchered());
    double days = Duration.between(endedAt.get(), now).toSeconds() / DAY_SECONDS;
    return Math.max(0, open - (long) (Math.max(0, days) * terms.interval()));
  }

  /** Nobody can ask about it any more: over, paid, and two deals ago on its lane. */
  boolean isForgettable(Instant now) {
    return !isLive() && isFrozen() && lane.deal() != this && debt(now) == 0;
  }

  Optional<PaymentRecord> endRecord() {
    return endedAt.map(time -> new PaymentRecord.DealEnded(deal, charged, time));
  }
}
