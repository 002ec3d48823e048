package io.sluice.payments.home;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.payments.ChannelBook;
import io.sluice.payments.DealRef;
import io.sluice.payments.PaymentException;
import io.sluice.payments.Prepared;
import io.sluice.payments.payee.DealAccount;
import io.sluice.payments.payee.OpeningDecision;
import io.sluice.payments.payee.VoucherDecision;
import io.sluice.payments.payer.LaneTicket;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.payments.voucher.Voucher;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Both ends over a network that loses, doubles, delays and reorders vouchers, with either killed
 * and started again at any time. Spec: PAYMENT CHANNELS, 10: L1 to L6, P1, P3 to P5, P7, Q3.
 */
class PairPropertiesTest {
  @TempDir Path directory;

  /** A deal as its two machines would see it. */
  private static final class Deal {
    final long number;
    final long budget;
    boolean bound;
    boolean ended;
    long due;
    final List<SignedVoucher> sent = new ArrayList<>();

    Deal(long number, long budget) {
      this.number = number;
      this.budget = budget;
    }

    String client() {
      return "c-" + number;
    }

    DealRef provider() {
      return new DealRef("p-" + number);
    }
  }

  private Market market;
  private Random random;
  private final Map<Long, Deal> deals = new TreeMap<>();
  private final Map<String, TokenAmount> signedByNonce = new HashMap<>();
  private final Map<String, ChannelBook.LaneBook> lanes = new HashMap<>();
  private long next = 1;

  @Test
  void anythingThatCanHappen() throws Exception {
    long seed = Long.getLong("seed", System.nanoTime());
    System.out.println("seed " + seed);
    random = new Random(seed);
    market = new Market(directory, 50_000, 0, 1 + random.nextInt(4));
    try (Market open = market) {
      for (int step = 0; step < 700; step++) {
        happen();
        holds(open.client, ChannelBook.Role.PAYER);
        holds(open.provider, ChannelBook.Role.PAYEE);
      }
      settleDown();
    }
  }

  private void happen() throws Exception {
    switch (random.nextInt(14)) {
      case 0, 1 -> begin();
      case 2, 3, 4, 5 -> pay();
      case 6, 7, 8, 9 -> deliver();
      case 10 -> end();
      case 11 -> {
        if (random.nextInt(4) == 0) {
          market.client.restart();
        }
      }
      case 12 -> {
        if (random.nextInt(4) == 0) {
          market.provider.restart();
        }
      }
      default -> {
        market.ledger.advance(Duration.ofSeconds(random.nextInt(5)));
        market.clock.turn(Duration.ofHours(random.nextInt(30)));
        market.poll();
      }
    }
  }

  private void begin() throws Exception {
    Deal deal =
        deals.values().stream()
            .filter(any -> !any.bound && !any.ended)
            .findFirst()
            .orElseGet(() -> new Deal(next++, 1 + random.nextInt(3000)));
    deals.put(deal.number, deal);
    LaneTicket ticket;
    try {
      ticket = market.client.acquire(deal.client(), market.provider.payee(), deal.budget);
    } catch (PaymentException e) {
      assertTrue(
          e.code() == DealCode.NOT_CONFIRMED || e.code() == DealCode.MAX_DEPOSIT, e.toString());
      return;
    }
    bind(deal, ticket);
  }

  private void bind(Deal deal, LaneTicket ticket) throws IOException {
    OpeningDecision opening = opening(deal, ticket);
    if (opening instanceof OpeningDecision.PreviousPaid previous) {
      maybe(previous.paid());
      opening = opening(deal, ticket);
    }
    switch (opening) {
      case OpeningDecision.Admitted admitted -> deal.bound = maybe(admitted.account());
      case OpeningDecision.PreviousPaid again -> {}
      case OpeningDecision.OpeningRefused refused -> {
        switch (refused.code()) {
          case LANE_BUSY -> market.client.payer().another(new DealRef(deal.client()));
          case UNPAID -> market.clock.turn(Duration.ofDays(1));
          case INSUFFICIENT_DEPOSIT -> market.provider.payments.poll();
          default -> throw new AssertionError(refused.toString());
        }
      }
    }
  }

  private OpeningDecision opening(Deal deal, LaneTicket ticket) {
    return market.provider.open(
        deal.provider().value(),
        market.client.opening(ticket, deal.number, Market.TERMS, market.provider.payee()));
  }

  /** Sometimes the record is not written, and sometimes it is and the process dies. */
  private boolean maybe(Prepared<?> change) throws IOException {
    if (random.nextInt(8) == 0) {
      change.release();
      return false;
    }
    market.provider.done(change);
    return true;
  }

  private Optional<Deal> some(boolean ended) {
    List<Deal> live =
        deals.values().stream().filter(deal -> deal.bound && deal.ended == ended).toList();
    return live.isEmpty() ? Optional.empty() : Optional.of(live.get(random.nextInt(live.size())));
  }

  private void pay() throws IOException {
    Optional<Deal> some = some(false);
    if (some.isEmpty()) {
      return;
    }
    Deal deal = some.get();
    long due = Math.min(deal.budget, deal.due + random.nextInt(400));
    Prepared<SignedVoucher> prepared =
        market.client.payer().pay(new DealRef(deal.client()), TokenAmount.of(due));
    if (random.nextInt(8) == 0) {
      prepared.release();
      return;
    }
    SignedVoucher voucher = market.client.done(prepared);
    deal.due = Math.max(deal.due, due);
    deal.sent.add(voucher);
    Voucher signed = voucher.voucher();
    TokenAmount before =
        signedByNonce.put(
            signed.channel() + "/" + signed.lane() + "/" + signed.nonce(), signed.amount());
    assertTrue(before == null || before.equals(signed.amount()), "L4");
    LaneTicket ticket = market.client.payer().ticket(new DealRef(deal.client())).orElseThrow();
    assertFalse(
        signed.amount().minusOrZero(ticket.base()).exceeds(TokenAmount.of(deal.budget)), "L3");
  }

  private void deliver() throws IOException {
    Optional<Deal> some = some(random.nextBoolean());
    if (some.isPresent() && !some.get().sent.isEmpty()) {
      List<SignedVoucher> sent = some.get().sent;
      give(some.get(), sent.get(random.nextInt(sent.size())));
    }
  }

  private void give(Deal deal, SignedVoucher voucher) throws IOException {
    VoucherDecision judgement =
        market
            .provider
            .payeeSide()
            .receive(deal.provider(), voucher.payment(deal.number, 0, false));
    if (judgement instanceof VoucherDecision.Kept kept) {
      maybe(kept.taken());
    } else {
      // Forgotten long after it was paid: nothing is lost by not looking.
      assertTrue(deal.ended, judgement.toString());
    }
  }

  private void end() throws IOException {
    Optional<Deal> some = some(false);
    if (some.isEmpty()) {
      return;
    }
    Deal deal = some.get();
    deal.ended = true;
    market.client.leave(deal.client());
    market.provider.done(market.provider.payeeSide().ended(deal.provider(), deal.due));
  }

  private void holds(Home home, ChannelBook.Role role) {
    for (ChannelBook book : home.payments.books()) {
      assertEquals(role, book.role());
      if (role == ChannelBook.Role.PAYER) {
        assertFalse(book.vouchered().exceeds(book.confirmed()), "L2");
      }
      Set<DealRef> owners = new HashSet<>();
      for (ChannelBook.LaneBook lane : book.lanes()) {
        lane.deal().ifPresent(deal -> assertTrue(owners.add(deal), "L5"));
        ChannelBook.LaneBook before = lanes.put(role + "/" + book.id() + "/" + lane.lane(), lane);
        if (before != null) {
          assertFalse(before.amount().exceeds(lane.amount()), "L1, P1, P4");
          assertTrue(before.nonce() <= lane.nonce(), "L1");
          assertTrue(before.amount().equals(lane.amount()) || before.nonce() < lane.nonce(), "L1");
        }
      }
    }
    if (role == ChannelBook.Role.PAYEE) {
      creditWithinDeposit(home);
    }
  }

  private void creditWithinDeposit(Home home) {
    Map<Bytes32, TokenAmount> sums = new HashMap<>();
    Map<String, TokenAmount> byLane = new HashMap<>();
    for (Deal deal : deals.values()) {
      home.payeeSide()
          .account(deal.provider())
          .ifPresent(
              account -> {
                sums.merge(account.channel(), account.credit(), TokenAmount::plus);
                byLane.merge(
                    account.channel() + "/" + account.lane(), account.credit(), TokenAmount::plus);
              });
    }
    for (ChannelBook book : home.payments.books()) {
      TokenAmount sum = sums.getOrDefault(book.id(), TokenAmount.ZERO);
      assertFalse(sum.exceeds(book.confirmed()), "P3");
      for (ChannelBook.LaneBook lane : book.lanes()) {
        TokenAmount credited = byLane.getOrDefault(book.id() + "/" + lane.lane(), TokenAmount.ZERO);
        assertFalse(credited.exceeds(lane.amount()), "P5");
      }
    }
  }

  /** Faults stop: everything arrives, everything ends, and the books of both ends agree. */
  private void settleDown() throws Exception {
    market.ledger.advance(Duration.ofMinutes(1));
    market.poll();
    for (Deal deal : deals.values()) {
      if (deal.bound) {
        for (SignedVoucher voucher : deal.sent) {
          VoucherDecision judgement =
              market
                  .provider
                  .payeeSide()
                  .receive(deal.provider(), voucher.payment(deal.number, 0, false));
          if (judgement instanceof VoucherDecision.Kept kept) {
            market.provider.done(kept.taken());
          }
        }
      }
    }
    market.client.restart();
    market.provider.restart();
    market.poll();
    for (Deal deal : deals.values()) {
      Optional<DealAccount> account = market.provider.payeeSide().account(deal.provider());
      if (deal.bound && account.isPresent()) {
        assertEquals(TokenAmount.of(deal.due), account.get().credit(), "Q3: " + deal.number);
      }
    }
    for (ChannelBook got : market.provider.payments.books()) {
      ChannelBook paid =
          market.client.payments.books().stream()
              .filter(book -> book.id().equals(got.id()))
              .findFirst()
              .orElseThrow();
      assertEquals(paid.vouchered(), got.vouchered());
      assertFalse(got.redeemed().exceeds(got.vouchered()));
    }
    for (Deal deal : deals.values()) {
      if (deal.bound && !deal.ended) {
        market.end(deal.number, deal.due);
      }
    }
    market.poll();
    for (ChannelBook got : market.provider.payments.books()) {
      assertEquals(got.vouchered(), got.redeemed(), "P7");
    }
    assertFalse(market.provider.payments.books().isEmpty());
  }
}
