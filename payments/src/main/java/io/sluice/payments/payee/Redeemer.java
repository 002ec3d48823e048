package io.sluice.payments.payee;

import io.sluice.payments.IntentQueue;
import io.sluice.payments.ledger.ChannelLedger;
import io.sluice.payments.ledger.Intent;
import io.sluice.payments.ledger.IntentId;
import io.sluice.payments.ledger.Outcome;
import io.sluice.payments.voucher.Domain;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
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
    intents.plan(channel.domain, intent);
    Outcome outcome = intents.submit(intent.id(), this::ended);
    refresh.accept(channel);
    return outcome;
  }

  /** Hears what became of an intent, perhaps one of a run before. */
  void ended(Intent intent, Outcome outcome) {
    if (outcome instanceof Outcome.Refused refused) {
      LOG.warn("ledger refused {}: {}", intent.id(), refused.message());
    }
    all.get().forEach(channel -> channel.redemptionEnded(intent.id()));
  }

  /** Whether it is time to redeem by itself. Asks the ledger for its cost if there is anything. */
  boolean isTime(PayeeChannel channel) {
    ChannelLedger ledger = ledgers.get(channel.domain);
    Redeemable redeemable = channel.redeemable();
    if (ledger == null || redeemable.value().isZero()) {
      return false;
    }
    Instant now = clock.instant();
    TokenAmount cost;
    try {
      cost = ledger.redemptionCost();
    } catch (IOException e) {
      // Too dear is better than too late.
      return redeemable.isEnding();
    }
    boolean cheap =
        costs.computeIfAbsent(channel.domain, any -> new CostOfTheDay()).isCheap(cost, now);
    return redeemable.isTime(cost, cheap, policy, now);
  }
}
