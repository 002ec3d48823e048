package io.sluice.payments.home;

import io.sluice.payments.Forecast;
import io.sluice.payments.IntentQueue;
import io.sluice.payments.PaymentRecord;
import io.sluice.payments.PlannedAct;
import io.sluice.payments.ledger.ChannelLedger;
import io.sluice.payments.ledger.Intent;
import io.sluice.payments.ledger.IntentId;
import io.sluice.payments.voucher.Domain;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes credit out of contracts by itself, as the policy says. One withdrawal of a token is on its
 * way at a time. Not thread-safe: payments call it from their one thread at a time.
 */
final class Payouts {
  private static final Logger LOG = LoggerFactory.getLogger(Payouts.class);

  /** Credit changes with redemptions, which are rare; ledgers are not asked at each look. */
  private static final Duration BETWEEN_LOOKS = Duration.ofMinutes(1);

  /** Of what there is one credit. */
  private record Purse(Domain domain, EvmAddress token) {}

  private final Payments.Setup setup;
  private final IntentQueue outbox;
  private final IntentQueue.IntentListener listener;
  private final Map<Purse, Instant> since = new LinkedHashMap<>();
  private Instant nextLook = Instant.MIN;

  Payouts(Payments.Setup setup, IntentQueue outbox, IntentQueue.IntentListener listener) {
    this.setup = setup;
    this.outbox = outbox;
    this.listener = listener;
  }

  /** Withdraws what it is time for. */
  void poll() throws IOException {
    Instant now = setup.clock().instant();
    if (!setup.autopilot().paysOut() || now.isBefore(nextLook)) {
      return;
    }
    nextLook = now.plus(BETWEEN_LOOKS);
    for (Purse purse : purses()) {
      if (!since.containsKey(purse)) {
        gathersFromHere(purse, now);
      }
      if (!isOnItsWay(purse)) {
        look(purse, now);
      }
    }
  }

  private void look(Purse purse, Instant now) throws IOException {
    TokenAmount credit;
    TokenAmount cost;
    try {
      ChannelLedger ledger = ledger(purse);
      credit = ledger.credit(purse.token(), account());
      cost = ledger.redemptionCost(purse.token());
    } catch (IOException e) {
      LOG.warn("ledger {} cannot be asked: {}", purse.domain(), e.toString());
      return;
    }
    if (gathered(purse, credit, now).isTime(setup.autopilot(), cost, least(purse), now)) {
      gathersFromHere(purse, now);
      Intent intent =
          new Intent.Withdraw(
              IntentId.random(setup.random()),
              account(),
              purse.token(),
              setup.autopilot().payoutTo().orElse(account()),
              credit);
      outbox.plan(purse.domain(), intent);
      outbox.submit(intent.id(), listener);
    }
  }

  private GatheredCredit gathered(Purse purse, TokenAmount credit, Instant now) {
    return new GatheredCredit(purse.token(), credit, since.getOrDefault(purse, now));
  }

  private TokenAmount least(Purse purse) {
    return setup.payee().minimumRedemption().orZero(purse.token());
  }

  private void gathersFromHere(Purse purse, Instant now) throws IOException {
    setup.journal().append(new PaymentRecord.CreditGathers(purse.domain(), purse.token(), now));
    since.put(purse, now);
  }

  private boolean isOnItsWay(Purse purse) {
    return outbox.unfinished().stream()
        .anyMatch(
            planned ->
                planned.domain().equals(purse.domain())
                    && planned.intent() instanceof Intent.Withdraw withdraw
                    && withdraw.token().equals(purse.token()));
  }

  /** What will be withdrawn. */
  List<PlannedAct> plans() {
    Instant now = setup.clock().instant();
    List<PlannedAct> plans = new ArrayList<>();
    for (Purse purse : purses()) {
      try {
        ChannelLedger ledger = ledger(purse);
        TokenAmount credit = ledger.credit(purse.token(), account());
        if (!credit.isZero()) {
          Forecast forecast =
              gathered(purse, credit, now)
                  .forecast(
                      setup.autopilot(), ledger.redemptionCost(purse.token()), least(purse), now);
          plans.add(
              new PlannedAct(
                  PlannedAct.Kind.WITHDRAW,
                  purse.domain(),
                  Optional.empty(),
                  purse.token(),
                  credit,
                  forecast.at(),
                  forecast.reason()));
        }
      } catch (IOException e) {
        LOG.warn("ledger {} cannot be asked: {}", purse.domain(), e.toString());
      }
    }
    return plans;
  }

  private List<Purse> purses() {
    List<Purse> purses = new ArrayList<>();
    for (Domain domain : setup.ledgers().keySet()) {
      for (EvmAddress token : setup.payer().tokens().getOrDefault(domain, Set.of())) {
        purses.add(new Purse(domain, token));
      }
    }
    return purses;
  }

  private EvmAddress account() {
    return setup.payer().account();
  }

  private ChannelLedger ledger(Purse purse) {
    return Objects.requireNonNull(setup.ledgers().get(purse.domain())); // purses are made of those
  }

  void restore(PaymentRecord.CreditGathers gathers) {
    since.put(new Purse(gathers.domain(), gathers.token()), gathers.since());
  }

  void snapshot(List<PaymentRecord> into) {
    since.forEach(
        (purse, from) ->
            into.add(new PaymentRecord.CreditGathers(purse.domain(), purse.token(), from)));
  }
}
