package io.sluice.node.provider;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.sluice.fsm.provider.ProviderState;
import io.sluice.node.provider.LiveDeals.LiveDeal;
import io.sluice.protocol.retrieval.DealCode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** How long a deal may stay as it is, to the millisecond, and what becomes of it then. */
class DealTimeoutsTest {

  private static final ProviderLimits LIMITS =
      ProviderLimits.DEFAULT.withPaymentWait(Duration.ofMinutes(7));

  @TempDir Path folder;
  private SaleBench bench;
  private DealTimeouts timeouts;

  @BeforeEach
  void open() throws IOException {
    bench = new SaleBench(folder);
    timeouts = new DealTimeouts(bench.sales, bench.transfers, bench.endings, LIMITS);
  }

  @AfterEach
  void close() throws IOException {
    bench.close();
  }

  private void check() {
    var deal = bench.sales.deal(bench.id(1));
    timeouts.check(
        bench.id(1),
        new LiveDeal(
            bench.sales.state(bench.id(1)),
            deal.standing().since(),
            deal.order().paid(),
            bench.transferOf(1)),
        bench.clock.instant());
  }

  private void put(ProviderState state, boolean paid) {
    bench.sales.put(
        bench.id(1), state, bench.proposal(1, paid, Optional.empty()).deal(bench.sales.now()));
  }

  static Stream<Arguments> waits() {
    return Stream.of(
        arguments(ProviderState.NEW, false, Duration.ofMinutes(10), "REFUSED"),
        arguments(ProviderState.NEW, true, Duration.ofMinutes(10), "REFUSED"),
        arguments(ProviderState.AWAITING_OPENING, true, Duration.ofSeconds(30), "REFUSED"),
        arguments(ProviderState.FUNDS_NEEDED, true, Duration.ofMinutes(7), "SUSPENDED"),
        arguments(ProviderState.FINALIZING, true, Duration.ofMinutes(7), "COMPLETED"),
        arguments(ProviderState.SUSPENDED, true, Duration.ofHours(24), "FAILED"),
        arguments(ProviderState.SUSPENDED, false, Duration.ofMinutes(10), "FAILED"));
  }

  @ParameterizedTest
  @MethodSource("waits")
  void eachStateHasItsPatience(ProviderState state, boolean paid, Duration patience, String shown) {
    put(state, paid);

    bench.clock.turn(patience.minusMillis(1));
    check();
    assertEquals(List.of(), bench.sales.events);
    bench.clock.turn(Duration.ofMillis(1));
    check();

    assertEquals(shown, bench.sales.shown(bench.id(1)));
  }

  @ParameterizedTest
  @EnumSource(
      value = ProviderState.class,
      names = {"SERVING", "UNPAID", "ENDED"})
  void otherStatesLastForEver(ProviderState state) {
    put(state, true);

    bench.clock.turn(Duration.ofDays(1_000));
    check();

    assertEquals(List.of(), bench.sales.events);
  }

  @Test
  void openingThatDidNotComeIsTold() {
    ServedTransfer transfer = bench.begin(1, Optional.empty());
    put(ProviderState.AWAITING_OPENING, true);
    bench.clock.turn(LIMITS.waits().opening());

    check();

    assertEquals(List.of(), bench.notices.told);
    assertEquals(List.of("refuse classic REJECTED NO_OPENING"), SaleBench.told(transfer));
    assertEquals(1, bench.sales.counts.refusals("NO_OPENING"));
  }

  @Test
  void unansweredDemandGivesTheTransfersRoomBack() {
    ServedTransfer transfer = bench.serve(1, ProviderState.FUNDS_NEEDED);
    bench.charge(1, 800);
    bench.clock.turn(LIMITS.waits().payment());

    check();

    assertEquals(ProviderState.SUSPENDED, bench.sales.state(bench.id(1)));
    assertEquals(Optional.of(DealCode.PAYMENT_TIMEOUT), bench.sales.deal(bench.id(1)).reason());
    assertEquals(800, bench.sales.deal(bench.id(1)).charged());
    assertEquals(List.of("close"), SaleBench.told(transfer));
    assertEquals(0, bench.transfers.count());
  }

  @Test
  void lastPaymentThatDidNotComeLeavesTheDealUnpaid() {
    bench.serve(1, ProviderState.FINALIZING);
    bench.charge(1, 800);
    bench.clock.turn(LIMITS.waits().payment());

    check();

    assertEquals("COMPLETED_UNPAID", bench.sales.shown(bench.id(1)));
    assertEquals(0, bench.transfers.count());
  }

  @Test
  void lastPaymentThatCameInTheLastMomentSettlesTheDeal() {
    bench.serve(1, ProviderState.FINALIZING);
    bench.charge(1, 800);
    bench.payAccount(1, 1, 800);
    bench.clock.turn(LIMITS.waits().payment());

    check();

    assertEquals(List.of("PAID", "SETTLED"), bench.sales.events);
    assertEquals("COMPLETED", bench.sales.shown(bench.id(1)));
    assertTrue(bench.sales.deal(bench.id(1)).reason().isEmpty());
  }

  @Test
  void clientThatDidNotComeBackFailsForWhatItOwes() {
    bench.open(1, ProviderState.SUSPENDED);
    bench.charge(1, 800);
    bench.clock.turn(LIMITS.waits().parked());

    check();

    assertEquals("FAILED_UNPAID", bench.sales.shown(bench.id(1)));
    assertEquals(Optional.of(DealCode.PAYMENT_TIMEOUT), bench.sales.deal(bench.id(1)).reason());
  }

  @Test
  void freeClientThatDidNotComeBackOwesNothing() {
    put(ProviderState.SUSPENDED, false);
    bench.clock.turn(LIMITS.waits().free());

    check();

    assertEquals(Optional.of(DealCode.TIMEOUT), bench.sales.deal(bench.id(1)).reason());
  }

  @Test
  void dealThatMovedOnMeanwhileIsLeftAlone() {
    put(ProviderState.SUSPENDED, true);
    LiveDeal seen =
        new LiveDeal(ProviderState.SUSPENDED, bench.clock.instant(), true, bench.transferOf(1));
    bench.clock.turn(LIMITS.waits().parked());
    put(ProviderState.SUSPENDED, true); // restarted and lost again in this very moment

    timeouts.check(bench.id(1), seen, bench.clock.instant());
    put(ProviderState.SERVING, true);
    timeouts.check(bench.id(1), seen, bench.clock.instant());

    assertEquals(List.of(), bench.sales.events);
  }
}
