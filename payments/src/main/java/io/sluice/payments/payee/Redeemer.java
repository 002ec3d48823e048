package io.sluice.payments.payee;

import static java.util.Comparator.comparing;

import io.sluice.payments.Forecast;
import io.sluice.payments.IntentQueue;
import io.sluice.payments.PlannedAct;
import io.sluice.payments.ledger.ChannelLedger;
import io.sluice.payments.ledger.Intent;
import io.sluice.payments.ledger.IntentId;
import io.sluice.payments.ledger.Outcome;
import io.sluice.payments.voucher.Domain;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns vouchers into money on the ledger: by policy, by hand, and at once when a payer settles.
 * Only the best voucher of a lane is ever submitted; redeeming again what was redeemed does no
 * harm.
 */
final class Redeemer {
  private static final Logger LOG = LoggerFactory.getLogger(Redeemer.class);

  private final PayeePolicy policy;
  private final Map<Domain, ChannelLedger> ledgers;
  private final IntentQueue intents;
  private final Clock clock;
  private final SecureRandom random;
  private final Consumer<PayeeChannel> refresh;
  private final Supplier<List<PayeeChannel>> all;
  private final Map<Domain, CostOfTheDay> costs = new ConcurrentHashMap<>();
  private final AtomicLong redemptions = new AtomicLong();

  Redeemer(
      PayeePolicy policy,
      Map<Domain, ChannelLedger> ledgers,
      IntentQueue intents,
      Clock clock,
      SecureRandom random,
      Consumer<PayeeChannel> refresh,
      Supplier<List<PayeeChannel>> all) {
    this.policy = policy;
    this.ledgers = ledgers;
    this.intents = intents;
    this.clock = clock;
    this.random = random;
    this.refresh = refresh;
    this.all = all;
  }

  /** Redeems the best voucher of every lane, unless that brings nothing or is under way. */
  Optional<Outcome> redeem(PayeeChannel channel) throws IOException {
    IntentId intent = IntentId.random(random);
    List<SignedVoucher> vouchers = channel.beginRedemption(intent, ChannelLedger.MAX_BATCH);
    return vouchers.isEmpty()
        ? Optional.empty()
        : Optional.of(attempt(channel, new Intent.Redeem(intent, channel.payee(), vouchers)));
  }

  /** Redeems everything and ends the channel; {@code CHANNEL_IN_USE} unless told otherwise. */
  Outcome close(PayeeChannel channel, boolean evenInUse) throws IOException {
    // More lanes than one batch takes are redeemed in batches before.
    boolean goesOn = true;
    while (goesOn && channel.toRedeem().size() > ChannelLedger.MAX_BATCH) {
      goesOn = redeem(channel).filter(Outcome.Included.class::isInstance).isPresent();
    }
    if (!evenInUse) {
      channel.checkUnused();
    }
    List<SignedVoucher> vouchers =
        channel.toRedeem().stream().limit(ChannelLedger.MAX_BATCH).toList();
    return attempt(
        channel, new Intent.Close(IntentId.random(random), channel.payee(), channel.id, vouchers));
  }

  private Outcome attempt(PayeeChannel channel, Intent intent) throws IOException {
    Outcome outcome = attempt(channel.domain, intent);
    refresh.accept(channel);
    return outcome;
  }

  private Outcome attempt(Domain domain, Intent intent) throws IOException {
    intents.plan(domain, intent);
    return intents.submit(intent.id(), this::ended);
  }

  /** Whose vouchers go to a ledger together: what they are worth adds up. */
  private record Purse(Domain domain, EvmAddress payee, EvmAddress token) {}

  /**
   * Redeems what it is time for, of all channels, and beside it what is worth the little that it
   * costs then: several lanes and channels at once.
   */
  void redeemDue() throws IOException {
    Map<Purse, List<PayeeChannel>> purses = new LinkedHashMap<>();
    for (PayeeChannel channel : withSomething()) {
      purses
          .computeIfAbsent(
              new Purse(channel.domain, channel.payee(), channel.token()), any -> new ArrayList<>())
          .add(channel);
    }
    for (Map.Entry<Purse, List<PayeeChannel>> purse : purses.entrySet()) {
      Optional<Price> price = price(purse.getKey().domain());
      List<PayeeChannel> due = due(purse.getValue(), price);
      if (!due.isEmpty()) {
        redeemTogether(purse.getKey(), due);
      }
    }
  }

  /** The channels on ledgers in use that owe something. */
  private List<PayeeChannel> withSomething() {
    return all.get().stream()
        .filter(it -> ledgers.containsKey(it.domain) && !it.redeemable().value().isZero())
        .toList();
  }

  /** Most valuable first; none if it is time for none. */
  private List<PayeeChannel> due(List<PayeeChannel> channels, Optional<Price> price) {
    boolean any = channels.stream().anyMatch(it -> isTime(it.redeemable(), price));
    return channels.stream()
        .filter(
            it ->
                any
                    && (isTime(it.redeemable(), price)
                        || price
                            .filter(now -> it.redeemable().joins(now.cost(), policy))
                            .isPresent()))
        .sorted(comparing((PayeeChannel it) -> it.redeemable().value()).reversed())
        .toList();
  }

  private void redeemTogether(Purse purse, List<PayeeChannel> channels) throws IOException {
    IntentId intent = IntentId.random(random);
    List<SignedVoucher> batch = new ArrayList<>();
    for (PayeeChannel channel : channels) {
      if (batch.size() == ChannelLedger.MAX_BATCH) {
        attempt(purse.domain(), new Intent.Redeem(intent, purse.payee(), batch));
        intent = IntentId.random(random);
        batch = new ArrayList<>();
      }
      batch.addAll(channel.beginRedemption(intent, ChannelLedger.MAX_BATCH - batch.size()));
    }
    if (!batch.isEmpty()) {
      attempt(purse.domain(), new Intent.Redeem(intent, purse.payee(), batch));
    }
    channels.forEach(refresh);
  }

  /** Hears what became of an intent, perhaps one of a run before. */
  void ended(Intent intent, Outcome outcome) {
    if (outcome instanceof Outcome.Refused refused) {
      LOG.warn("ledger refused {}: {}", intent.id(), refused.message());
    }
    if (outcome instanceof Outcome.Included included && !included.paid().isZero()) {
      redemptions.incrementAndGet();
    }
    all.get().forEach(channel -> channel.redemptionEnded(intent.id()));
  }

  /** How many of the intents that ended have brought something. */
  long redemptions() {
    return redemptions.get();
  }

  /** What a redemption costs on a ledger, and whether that is little for it. */
  private record Price(TokenAmount cost, boolean isCheap) {}

  /** Empty if the ledger does not say. */
  private Optional<Price> price(Domain domain) {
    ChannelLedger ledger = ledgers.get(domain);
    if (ledger == null) {
      return Optional.empty();
    }
    try {
      TokenAmount cost = ledger.redemptionCost();
      CostOfTheDay day = costs.computeIfAbsent(domain, any -> new CostOfTheDay());
      return Optional.of(new Price(cost, day.isCheap(cost, clock.instant())));
    } catch (IOException e) {
      LOG.warn("ledger {} cannot be asked: {}", domain, e.toString());
      return Optional.empty();
    }
  }

  /** Whether it is time to redeem by itself. */
  private boolean isTime(Redeemable redeemable, Optional<Price> price) {
    return price
        .map(it -> redeemable.isTime(it.cost(), it.isCheap(), policy, clock.instant()))
        // Too dear is better than too late.
        .orElse(redeemable.isEnding());
  }

  /** When what there is will be redeemed by itself, and why then. Asks the ledgers. */
  List<PlannedAct> plans() {
    List<PlannedAct> plans = new ArrayList<>();
    for (PayeeChannel channel : withSomething()) {
      Redeemable redeemable = channel.redeemable();
      Forecast forecast =
          price(channel.domain)
              .map(it -> redeemable.forecast(it.cost(), it.isCheap(), policy, clock.instant()))
              .orElseGet(() -> Forecast.waits("the ledger is silent"));
      plans.add(
          new PlannedAct(
              PlannedAct.Kind.REDEEM,
              channel.domain,
              Optional.of(channel.id),
              redeemable.token(),
              redeemable.value(),
              forecast.at(),
              forecast.reason()));
    }
    return plans;
  }
}
