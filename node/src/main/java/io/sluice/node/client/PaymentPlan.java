package io.sluice.node.client;

import io.sluice.fsm.DealReason;
import io.sluice.payments.token.AmountMessage;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.DealResult;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.retrieval.TokenAmount;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/**
 * When an attempt at a deal pays, and for how much: everything it has to know as one immutable
 * value. What arrives gives a new plan; {@link #next} reads off what is to be done. Nothing here
 * looks at a clock, signs or sends, so each rule can be tried on its own.
 *
 * <p>The idea: blocks are paid for when half a window is unpaid, so that the provider's gate never
 * closes while all goes well. A demand means that it did close: until a voucher is sent that opens
 * it again, every byte is paid for as soon as it is verified, and the last voucher goes out again
 * in case it was lost. Where a gate must be open by the terms and nothing comes, its window is
 * smaller than they say, as that of a node at its cap may be: then all that has arrived is paid
 * for. Never is anything paid for that has not arrived; a provider that demands so is believed no
 * further than its own gate could have let it go.
 *
 * @param rules what holds for the whole attempt
 * @param arrived how far the walk has come
 * @param recorded how far it had come when that was last recorded in the deal
 * @param paid what the vouchers sent so far come to
 * @param demand what the provider asks for
 * @param patience what it is given time for
 */
record PaymentPlan(
    PlanRules rules,
    Arrived arrived,
    Arrived recorded,
    PaidSoFar paid,
    Demand demand,
    Patience patience) {

  /** A voucher that was sent so lately may just not have arrived when a demand was made. */
  static final Duration RESEND_AFTER = Duration.ofMillis(250);

  private static final long RESEND_NANOS = RESEND_AFTER.toNanos();

  /**
   * What holds for the whole attempt.
   *
   * @param terms what the deal costs; absent in a free deal
   * @param progressBytes progress is recorded at least so often
   * @param answer longest wait for the answer to the proposal
   * @param stall longest time without a block or a payment afterwards
   * @param shown how an amount is told to people: a reason is kept as it was said
   */
  record PlanRules(
      Optional<Terms> terms,
      long progressBytes,
      Duration answer,
      Duration stall,
      Function<TokenAmount, String> shown) {}

  /**
   * How far the walk has come.
   *
   * @param charged bytes that count as charged
   * @param bytes bytes of blocks that came over the wire, those sent again too
   * @param position visits that are verified
   */
  record Arrived(long charged, long bytes, long position) {}

  /**
   * What the vouchers sent so far come to.
   *
   * @param upTo charged bytes that are paid for
   * @param amount what the deal has paid with them
   * @param sentAt when the last one went out, in nanoseconds of the ticker
   */
  record PaidSoFar(long upTo, TokenAmount amount, long sentAt) {}

  /**
   * What the provider asks for.
   *
   * @param wanted up to where it wants to be paid, in charged bytes
   * @param reopened where the voucher that opens its gate reaches, in charged bytes
   * @param claimed the bytes it says it sent
   * @param unmet whether nothing has come since it asked: what was sent may have been lost
   */
  record Demand(long wanted, long reopened, long claimed, boolean unmet) {
    Demand unmet(boolean now) {
      return new Demand(wanted, reopened, claimed, now);
    }
  }

  /**
   * What the provider is given time for.
   *
   * @param accepted whether it has agreed, now or in an earlier attempt
   * @param heardOf whether it has answered in this attempt
   * @param toppingUp deposits under way that it asked for and has to wait for
   * @param lastNews when something came that counts, in nanoseconds of the ticker
   */
  record Patience(boolean accepted, boolean heardOf, int toppingUp, long lastNews) {}

  /** What to do next. */
  sealed interface Next {}

  /**
   * Nothing, unless something arrives.
   *
   * @param until nanoseconds after which to look again; absent if waiting alone changes nothing
   */
  record Wait(Optional<Long> until) implements Next {}

  /**
   * Make what has arrived durable, then record it and pay for it.
   *
   * @param arrived what that is
   * @param recording whether enough came for a record of the deal's progress
   * @param payment what kind of voucher follows
   */
  record RecordAndPay(Arrived arrived, boolean recording, VoucherDue payment) implements Next {}

  /** The voucher that is to follow once what arrived is durable. */
  enum VoucherDue {
    /** None. */
    NONE,
    /** One for all that arrived. */
    MORE,
    /** The last one once more: nothing else is due, but it may have been lost. */
    SAME_AGAIN
  }

  /** The plan of an attempt that begins now. */
  static PaymentPlan begin(
      PlanRules rules, Arrived here, TokenAmount paid, boolean accepted, long now) {
    long upTo = rules.terms().map(terms -> terms.paidBytes(paid)).orElse(Terms.UNLIMITED);
    return new PaymentPlan(
        rules,
        here,
        new Arrived(here.charged(), 0, here.position()),
        new PaidSoFar(upTo, paid, now - RESEND_NANOS),
        new Demand(0, 0, 0, false),
        new Patience(accepted, false, 0, now));
  }

  boolean isFree() {
    return rules.terms().isEmpty();
  }

  // ---- what arrives

  /** The walk passed a block, of which {@code wireBytes} came over the wire just now. */
  PaymentPlan visited(long charged, long wireBytes, long position, long now) {
    Arrived more =
        new Arrived(
            Math.max(arrived.charged, charged), // a restart passes what is here once more
            arrived.bytes + wireBytes,
            Math.max(arrived.position, position));
    // Where it goes on, nothing that was sent has been lost.
    boolean unmet = demand.unmet && wireBytes == 0;
    return new PaymentPlan(
        rules,
        more,
        recorded,
        paid,
        unmet == demand.unmet ? demand : demand.unmet(unmet),
        news(now));
  }

  /** The walk has ended, with so much charged. */
  PaymentPlan ended(long charged) {
    return new PaymentPlan(
        rules,
        new Arrived(Math.max(arrived.charged, charged), arrived.bytes, arrived.position),
        recorded,
        paid,
        demand,
        patience);
  }

  /** The provider agrees. Only its first answer counts as news: it could go on agreeing. */
  PaymentPlan answered(long now) {
    return with(
        new Patience(true, true, patience.toppingUp, patience.heardOf ? patience.lastNews : now));
  }

  /** The provider asks for money, which {@link #excess} found nothing wrong with. */
  PaymentPlan demanded(ProviderAnswer answer) {
    if (answer.result().isEmpty() && demand.claimed > 0) {
      // The classic words for what our own say better: one that names bytes names them each time.
      return with(demand.unmet(true));
    }
    return with(
        new Demand(
            Math.max(demand.wanted, wantedBy(answer)),
            Math.max(demand.reopened, reopenedBy(answer)),
            Math.max(demand.claimed, answer.bytes()),
            true));
  }

  /** A deposit that the provider asked for is on its way. */
  PaymentPlan toppingUp() {
    return with(
        new Patience(
            patience.accepted, patience.heardOf, patience.toppingUp + 1, patience.lastNews));
  }

  /** It has arrived, or will not: the provider judges the best voucher anew once it has that. */
  PaymentPlan toppedUp(long now) {
    return with(new Patience(patience.accepted, patience.heardOf, patience.toppingUp - 1, now))
        .with(demand.unmet(true));
  }

  // ---- what was done

  /** Somebody sees to the plan's next step; a demand that comes from now on is another one. */
  PaymentPlan taken() {
    return with(demand.unmet(false));
  }

  /** The deal's progress up to there was recorded. */
  PaymentPlan recorded(Arrived upTo) {
    return new PaymentPlan(rules, arrived, upTo, paid, demand, patience);
  }

  /** A voucher went out that pays for so many bytes; the deal has paid {@code total} with it. */
  PaymentPlan sent(long upTo, TokenAmount total, long now) {
    boolean more = total.exceeds(paid.amount);
    return new PaymentPlan(
        rules,
        arrived,
        recorded,
        new PaidSoFar(Math.max(paid.upTo, upTo), total.max(paid.amount), now),
        demand,
        more ? news(now) : patience);
  }

  // ---- what follows

  /** What to do next, as things stand. */
  Next next(long now) {
    boolean recording = arrived.bytes - recorded.bytes >= rules.progressBytes;
    if ((recording && arrived.position > recorded.position) || isPaymentDue(now)) {
      return new RecordAndPay(arrived, recording, voucherDue());
    }
    if (!patience.accepted) {
      return new Wait(Optional.empty());
    }
    if (demand.unmet) {
      return new Wait(Optional.of(resendIn(now)));
    }
    return new Wait(isBehindDemand() ? Optional.of(quietIn(now)) : Optional.empty());
  }

  private boolean isPaymentDue(long now) {
    if (isFree() || !patience.accepted) {
      return false;
    }
    if (demand.unmet && resendIn(now) <= 0) {
      return true;
    }
    long unpaid = arrived.charged - paid.upTo;
    return unpaid > 0
        && (demand.reopened > paid.upTo
            || unpaid >= terms().window(paid.upTo) / 2
            || (isBehindDemand() && quietIn(now) <= 0));
  }

  /** The provider has asked for more than is paid, and some of that is here. */
  private boolean isBehindDemand() {
    return demand.wanted > paid.upTo && arrived.charged > paid.upTo;
  }

  private long quietIn(long now) {
    return patience.lastNews + RESEND_NANOS - now;
  }

  /** Whatever it was that made a payment due, it is made for everything that has arrived. */
  private VoucherDue voucherDue() {
    if (isFree()) {
      return VoucherDue.NONE;
    }
    if (arrived.charged > paid.upTo || terms().due(arrived.charged).exceeds(paid.amount)) {
      return VoucherDue.MORE;
    }
    return demand.unmet ? VoucherDue.SAME_AGAIN : VoucherDue.NONE;
  }

  private long resendIn(long now) {
    return paid.sentAt + RESEND_NANOS - now;
  }

  /**
   * What is wrong with a demand, if it can't be an honest one. Nothing was signed for more than has
   * been verified, and a gate lets one window and one block through beyond that; whatever else is
   * on its way does not matter.
   */
  Optional<DealReason> excess(ProviderAnswer answer) {
    long most = terms().mostSent(arrived.charged);
    if (answer.bytes() > most) {
      return Optional.of(overcharged(answer.bytes()));
    }
    TokenAmount due = terms().due(answer.result().flatMap(DealResult::bytes).orElse(most));
    return answer
        .owed()
        .filter(owed -> owed.exceeds(due))
        .map(
            owed ->
                new DealReason(
                    DealCode.OVERCHARGED,
                    AmountMessage.of(
                            "the provider asks for %s, by the terms it can be %s at most",
                            owed, due)
                        .written(rules.shown())));
  }

  /**
   * Up to where a demand reaches. It may overtake the blocks that it is for. One that names a sum
   * alone is taken to come on top of all that was paid, which it may overtake, too.
   */
  private long wantedBy(ProviderAnswer answer) {
    return answer
        .result()
        .flatMap(DealResult::bytes)
        .orElseGet(
            () ->
                terms()
                    .paidBytes(
                        terms().due(paid.upTo).plus(answer.owed().orElse(TokenAmount.ZERO))));
  }

  /**
   * Where the voucher that opens the gate again reaches. The gate closed a window and at most a
   * block beyond what the provider had been paid for, so a block more than that opens it. Blocks
   * are no longer than an interval, or the next one alone is more than that.
   */
  private long reopenedBy(ProviderAnswer answer) {
    long wanted = wantedBy(answer);
    Optional<Long> sent = answer.result().flatMap(DealResult::bytes);
    if (sent.isEmpty()) {
      return Math.min(wanted, paid.upTo + 1); // how far its credit is, it does not say
    }
    TokenAmount credit =
        terms().due(sent.get()).minusOrZero(answer.owed().orElse(TokenAmount.ZERO));
    long interval = terms().interval();
    return Math.min(wanted - interval, terms().paidBytes(credit)) + interval;
  }

  /**
   * Why the attempt is lost, if it has been quiet for too long. Words alone do not count: a
   * provider that only talks would hold the deal up for ever.
   */
  Optional<DealReason> stalled(long now) {
    long quiet = now - patience.lastNews;
    Duration longest = patience.accepted ? rules.stall : rules.answer;
    if (patience.toppingUp > 0 || quiet <= longest.toNanos()) {
      return Optional.empty();
    }
    return Optional.of(
        demand.claimed > arrived.charged
            ? overcharged(demand.claimed)
            : new DealReason(DealCode.TIMEOUT, "nothing came for " + quiet / 1_000_000_000 + " s"));
  }

  private DealReason overcharged(long bytes) {
    return new DealReason(
        DealCode.OVERCHARGED,
        "the provider asks to be paid for %d bytes, %d came".formatted(bytes, arrived.charged));
  }

  private Terms terms() {
    return rules.terms.orElseThrow(() -> new IllegalStateException("a free deal pays nothing"));
  }

  private Patience news(long now) {
    return new Patience(patience.accepted, patience.heardOf, patience.toppingUp, now);
  }

  private PaymentPlan with(Demand other) {
    return new PaymentPlan(rules, arrived, recorded, paid, other, patience);
  }

  private PaymentPlan with(Patience other) {
    return new PaymentPlan(rules, arrived, recorded, paid, demand, other);
  }
}
