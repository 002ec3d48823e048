package io.sluice.payments.payee;

import io.sluice.payments.IntentQueue;
import io.sluice.payments.PaymentException;
import io.sluice.payments.ledger.ChannelLedger;
import io.sluice.payments.ledger.Intent;
import io.sluice.payments.ledger.IntentId;
import io.sluice.payments.ledger.Outcome;
import io.sluice.payments.voucher.Domain;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.math.BigInteger;
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

  // How many times its cost a redemption has to bring: when nobody is about to add to it, when
  // the ledger is cheap, and when it is old or much.
  private static final long WORTH = 20;
  private static final long WORTH_WHEN_CHEAP = 5;
  private static final long WORTH_WHEN_PRESSING = 3;

  private final PayeePolicy policy;
  private final Map<Domain, ChannelLedger> ledgers;
  private final IntentQueue outbox;
  private final Clock clock;
  private final SecureRandom random;
  private final Consumer<PayeeChannel> refresh;
  private final Supplier<List<PayeeChannel>> all;
  private final Map<Domain, CostOfTheDay> costs = new ConcurrentHashMap<>();

  Redeemer(
      PayeePolicy policy,
      Map<Domain, ChannelLedger> ledgers,
      IntentQueue outbox,
      Clock clock,
      SecureRandom random,
      Consumer<PayeeChannel> refresh,
      Supplier<List<PayeeChannel>> all) {
    this.policy = policy;
    this.ledgers = ledgers;
    this.outbox = outbox;
    this.clock = clock;
    this.random = random;
    this.refresh = refresh;
    this.all = all;
  }

  /** Redeems the best voucher of every lane, unless that brings nothing or is under way. */
  Optional<Outcome> redeem(PayeeChannel channel) throws IOException {
    List<SignedVoucher> vouchers;
    IntentId intent = IntentId.random(random);
    channel.lock.lock();
    try {
      if (channel.redeeming.isPresent() || channel.redeemable().isZero()) {
        return Optional.empty();
      }
      vouchers = channel.toRedeem(ChannelLedger.MAX_BATCH);
      channel.redemptionPlanned(intent);
    } finally {
      channel.lock.unlock();
    }
    outbox.plan(channel.domain, new Intent.Redeem(intent, payeeOf(channel), vouchers));
    return Optional.of(attempt(channel, intent));
  }

  /** Redeems everything and ends the channel; {@code CHANNEL_IN_USE} unless told otherwise. */
  Outcome close(PayeeChannel channel, boolean evenInUse) throws IOException {
    // More lanes than one batch takes are redeemed in batches before.
    while (vouchersOf(channel).size() > ChannelLedger.MAX_BATCH
        && redeem(channel).filter(Outcome.Included.class::isInstance).isPresent()) {
      refresh.accept(channel);
    }
    List<SignedVoucher> vouchers;
    channel.lock.lock();
    try {
      if (!evenInUse && !channel.liveDeals().isEmpty()) {
        throw new PaymentException(
            DealCode.CHANNEL_IN_USE,
            "channel %s pays %s".formatted(channel.id, channel.liveDeals()));
      }
      vouchers = channel.toRedeem(ChannelLedger.MAX_BATCH);
    } finally {
      channel.lock.unlock();
    }
    IntentId intent = IntentId.random(random);
    outbox.plan(channel.domain, new Intent.Close(intent, payeeOf(channel), channel.id, vouchers));
    return attempt(channel, intent);
  }

  private static List<SignedVoucher> vouchersOf(PayeeChannel channel) {
    channel.lock.lock();
    try {
      return channel.toRedeem(Integer.MAX_VALUE);
    } finally {
      channel.lock.unlock();
    }
  }

  private EvmAddress payeeOf(PayeeChannel channel) {
    return channel.view.map(seen -> seen.channel().payee()).orElse(EvmAddress.ZERO);
  }

  private Outcome attempt(PayeeChannel channel, IntentId intent) throws IOException {
    Outcome outcome = outbox.submit(intent, this::ended);
    refresh.accept(channel);
    return outcome;
  }

  /** Hears what became of an intent, perhaps one of a run before. */
  void ended(Intent intent, Outcome outcome) {
    if (outcome instanceof Outcome.Refused refused) {
      LOG.warn("ledger refused {}: {}", intent.id(), refused.message());
    }
    for (PayeeChannel channel : all.get()) {
      channel.lock.lock();
      try {
        channel.redeeming = channel.redeeming.filter(id -> !id.equals(intent.id()));
      } finally {
        channel.lock.unlock();
      }
    }
  }

  /**
   * Whether it is time to redeem by itself: at once when the payer settles, else when it is worth
   * it. Between deals that is soon; while a deal runs, more is about to come, so it has to be old,
   * much, or cheap.
   */
  boolean timeFor(PayeeChannel channel) throws IOException {
    ChannelLedger ledger = ledgers.get(channel.domain);
    if (ledger == null) {
      return false;
    }
    Instant now = clock.instant();
    TokenAmount value;
    boolean settling;
    boolean quiet;
    boolean pressing;
    channel.lock.lock();
    try {
      value = channel.redeemable();
      settling = channel.ending();
      quiet = channel.liveDeals().isEmpty();
      pressing =
          value.exceeds(policy.maxUnredeemed())
              || channel
                  .unredeemedSince
                  .filter(since -> since.plus(policy.maxUnredeemedAge()).isBefore(now))
                  .isPresent();
    } finally {
      channel.lock.unlock();
    }
    if (value.isZero()) {
      return false;
    }
    TokenAmount cost;
    try {
      cost = ledger.redemptionCost();
    } catch (IOException e) {
      return settling;
    }
    boolean cheap =
        costs.computeIfAbsent(channel.domain, any -> new CostOfTheDay()).isCheap(cost, now);
    if (settling) {
      return value.exceeds(cost);
    }
    if (policy.minimumRedemption().exceeds(value)) {
      return false;
    }
    return (quiet && worth(value, cost, WORTH))
        || (cheap && worth(value, cost, WORTH_WHEN_CHEAP))
        || (pressing && worth(value, cost, WORTH_WHEN_PRESSING));
  }

  private static boolean worth(TokenAmount value, TokenAmount cost, long times) {
    return value.value().compareTo(cost.value().multiply(BigInteger.valueOf(times))) >= 0;
  }
}
