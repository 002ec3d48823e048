package io.sluice.payments.ledger.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.payments.ledger.Channel;
import io.sluice.payments.ledger.Intent;
import io.sluice.payments.ledger.IntentId;
import io.sluice.payments.ledger.LedgerEvent;
import io.sluice.payments.ledger.LedgerEvent.Stamp;
import io.sluice.payments.voucher.Domain;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.payments.voucher.SigningKey;
import io.sluice.payments.voucher.Voucher;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Spec: PAYMENT CHANNELS, 10: C1 to C15 for any sequence of calls by anyone. */
class ChannelRulesPropertiesTest {
  private static final EvmAddress COIN = EvmAddress.ZERO;
  private static final Domain DOMAIN = new Domain(5, address(77));
  private static final int PARTIES = 3;
  private static final long FUNDS = 10_000;

  private final List<SigningKey> keys = new ArrayList<>();
  private final ChannelRules rules = new ChannelRules(DOMAIN);
  private final Map<Bytes32, Channel> before = new HashMap<>();
  private final Map<Bytes32, Map<Long, ChannelEntry.LaneEntry>> lanesBefore = new HashMap<>();
  private final Set<Bytes32> byConsent = new HashSet<>();
  private long time = 1_000_000;
  private final Map<EvmAddress, TokenAmount> credits = new HashMap<>();

  private static EvmAddress address(int last) {
    byte[] bytes = new byte[20];
    bytes[19] = (byte) last;
    return EvmAddress.of(bytes);
  }

  private void start(Random random) {
    for (int i = 0; i < PARTIES; i++) {
      byte[] secret = new byte[32];
      random.nextBytes(secret);
      secret[0] = 0;
      keys.add(SigningKey.of(secret));
      rules.balances.add(COIN, keys.get(i).address(), TokenAmount.of(FUNDS));
    }
  }

  @Test
  void anySequenceOfCalls() {
    long seed = Long.getLong("seed", System.nanoTime());
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    start(random);
    RandomIntents intents = new RandomIntents(rules, DOMAIN, keys, random);
    for (int step = 0; step < 3000; step++) {
      time += random.nextInt(3);
      Intent intent = intents.next(time);
      Stamp at = new Stamp(time, Instant.ofEpochSecond(time), intent.id());
      remember();
      try {
        rules.check(intent, at);
      } catch (LedgerRefusal refusal) {
        assertUntouched();
        continue;
      }
      assertUntouched();
      List<LedgerEvent> events = rules.apply(intent, at);
      if (intent instanceof Intent.CloseByConsent close) {
        byConsent.add(close.consent().channel());
      }
      holds(intent);
      again(intent, at, events);
    }
    assertFalse(before.isEmpty());
  }

  private void remember() {
    before.clear();
    lanesBefore.clear();
    keys.forEach(key -> credits.put(key.address(), rules.credits.of(COIN, key.address())));
    for (ChannelEntry entry : rules.channels()) {
      before.put(entry.now().id(), entry.now());
      lanesBefore.put(entry.now().id(), Map.copyOf(entry.lanes));
    }
  }

  private void assertUntouched() {
    for (ChannelEntry entry : rules.channels()) {
      assertEquals(before.get(entry.now().id()), entry.now());
      assertEquals(lanesBefore.get(entry.now().id()), entry.lanes);
    }
  }

  private void holds(Intent intent) {
    TokenAmount escrowed = TokenAmount.ZERO;
    for (ChannelEntry entry : rules.channels()) {
      Channel channel = entry.now();
      assertFalse(channel.redeemed().exceeds(channel.deposit()), "C1");
      TokenAmount lanes = TokenAmount.ZERO;
      for (ChannelEntry.LaneEntry lane : entry.lanes.values()) {
        lanes = lanes.plus(lane.cumulative());
      }
      if (!byConsent.contains(channel.id())) {
        assertEquals(lanes, channel.redeemed(), "C2");
      }
      if (!channel.closed()) {
        escrowed = escrowed.plus(channel.headroom());
      }
      Channel old = before.get(channel.id());
      if (old != null) {
        monotone(old, entry, intent);
      }
    }
    TokenAmount all = escrowed.plus(rules.credits.total(COIN)).plus(rules.balances.total(COIN));
    assertEquals(TokenAmount.of(PARTIES * FUNDS), all, "C3, C4: money is conserved");
  }

  private void monotone(Channel old, ChannelEntry entry, Intent intent) {
    Channel channel = entry.now();
    assertFalse(old.redeemed().exceeds(channel.redeemed()), "C5");
    lanesBefore
        .get(channel.id())
        .forEach(
            (number, lane) -> {
              assertFalse(lane.cumulative().exceeds(entry.lane(number).cumulative()), "C5");
              assertTrue(lane.nonce() <= entry.lane(number).nonce(), "C5");
            });
    if (!old.settleAt().equals(channel.settleAt())) {
      assertEquals(Optional.empty(), old.settleAt(), "C10");
      assertTrue(
          intent instanceof Intent.Settle settle
              && settle.channel().equals(channel.id())
              && settle.sender().equals(channel.payer()),
          "C10");
    }
    assertTrue(!old.closed() || channel.equals(old), "C11");
    if (old.settleAt().filter(at -> at.getEpochSecond() <= time).isPresent()
        && !(intent instanceof Intent.CloseByConsent)) {
      assertEquals(old.redeemed(), channel.redeemed(), "C9");
    }
  }

  /** C6: redeeming the same again changes nothing and pays nothing. */
  private void again(Intent intent, Stamp at, List<LedgerEvent> events) {
    for (LedgerEvent event : events) {
      if (event instanceof LedgerEvent.ChannelClosed closed) {
        Channel channel = rules.channel(closed.channel()).orElseThrow().now();
        assertEquals(channel.deposit(), closed.refund().plus(closed.payeeTotal()), "C15");
      }
    }
    if (intent instanceof Intent.Redeem redeem) {
      remember();
      assertEquals(List.of(), rules.apply(redeem, at), "C6");
      assertUntouched();
    }
  }

  /** C7, C8: the order of vouchers does not matter, and the best of each lane are enough. */
  @Test
  void anyOrderOfTheSameVouchers() {
    long seed = Long.getLong("seed", System.nanoTime());
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    start(random);
    for (int round = 0; round < 20; round++) {
      long deposit = random.nextLong(1, 200);
      byte[] salt = new byte[32];
      salt[1] = (byte) round;
      Intent.Open open =
          new Intent.Open(
              new IntentId("open" + round),
              keys.get(0).address(),
              keys.get(1).address(),
              keys.get(0).address(),
              COIN,
              100,
              Bytes32.of(salt),
              TokenAmount.of(deposit));
      List<SignedVoucher> set = new ArrayList<>();
      Map<Long, SignedVoucher> best = new HashMap<>();
      for (int i = 0; i < 12; i++) {
        long lane = random.nextInt(3);
        SignedVoucher voucher =
            keys.get(0)
                .sign(
                    DOMAIN,
                    new Voucher(
                        open.channel(DOMAIN), lane, i, TokenAmount.of(1 + random.nextInt(90))));
        set.add(voucher);
        best.merge(
            lane, voucher, (old, other) -> other.amount().exceeds(old.amount()) ? other : old);
      }
      TokenAmount sum =
          best.values().stream()
              .map(SignedVoucher::amount)
              .reduce(TokenAmount.ZERO, TokenAmount::plus);

      ChannelEntry forwards = redeemed(open, set);
      Collections.shuffle(set, random);
      ChannelEntry shuffled = redeemed(open, set);
      ChannelEntry bestOnly = redeemed(open, List.copyOf(best.values()));

      TokenAmount expected = sum.min(TokenAmount.of(deposit));
      assertEquals(expected, forwards.now().redeemed(), "C7");
      assertEquals(expected, shuffled.now().redeemed(), "C7");
      assertEquals(expected, bestOnly.now().redeemed(), "C8");
      if (!sum.exceeds(TokenAmount.of(deposit))) {
        for (long lane : best.keySet()) {
          assertEquals(best.get(lane).amount(), forwards.lane(lane).cumulative(), "C7");
          assertEquals(best.get(lane).amount(), shuffled.lane(lane).cumulative(), "C7");
          assertEquals(best.get(lane).amount(), bestOnly.lane(lane).cumulative(), "C8");
        }
      }
    }
  }

  private ChannelEntry redeemed(Intent.Open open, List<SignedVoucher> vouchers) {
    ChannelRules fresh = new ChannelRules(DOMAIN);
    fresh.balances.add(COIN, open.sender(), open.amount());
    Stamp at = new Stamp(1, Instant.ofEpochSecond(time), open.id());
    fresh.apply(open, at);
    for (SignedVoucher voucher : vouchers) {
      fresh.apply(new Intent.Redeem(new IntentId("r"), open.sender(), List.of(voucher)), at);
    }
    return fresh.channel(open.channel(DOMAIN)).orElseThrow();
  }
}
