package io.sluice.fsm.provider;

import static io.sluice.fsm.provider.ProviderDealSamples.at;
import static io.sluice.fsm.provider.ProviderDealSamples.inputFor;
import static io.sluice.fsm.provider.ProviderDealSamples.opened;
import static io.sluice.fsm.provider.ProviderDealSamples.paid;
import static io.sluice.fsm.provider.ProviderDealSamples.proposed;
import static io.sluice.fsm.provider.ProviderDealSamples.restarted;
import static io.sluice.fsm.provider.ProviderDealSamples.sent;
import static io.sluice.fsm.provider.ProviderDealSamples.stopped;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.fsm.EventType;
import io.sluice.fsm.provider.ProviderInput.At;
import io.sluice.fsm.replay.DealScenario;
import io.sluice.protocol.ipld.DagCbor;
import io.sluice.protocol.retrieval.TokenAmount;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ProviderDealsTest {

  private static DealScenario<ProviderState, ProviderDeal, ProviderInput> scenario(boolean paid) {
    return DealScenario.of(ProviderDeals.TABLE, proposed(paid));
  }

  @Test
  void paidDealWithFeeEndsCompleted() {
    scenario(true)
        .on(ProviderEvent.OPENED_FEE_FIRST, opened(), ProviderState.FUNDS_NEEDED)
        .holds("the fee is owed", deal -> deal.owed().equals(TokenAmount.of(10)))
        .holds("but not if it ends here", deal -> deal.leftUnpaid(0).isZero())
        .on(ProviderEvent.PAID, paid(10, 1), ProviderState.FUNDS_NEEDED)
        .on(ProviderEvent.GATE_OPENED, at(), ProviderState.SERVING)
        .on(ProviderEvent.PROGRESS, sent(500), ProviderState.SERVING)
        .on(ProviderEvent.GATE_CLOSED, sent(1024), ProviderState.FUNDS_NEEDED)
        .holds("1 KiB is owed", deal -> deal.owed().equals(TokenAmount.of(1)))
        .on(ProviderEvent.PAID, paid(11, 2), ProviderState.FUNDS_NEEDED)
        .on(ProviderEvent.GATE_OPENED, at(), ProviderState.SERVING)
        .on(ProviderEvent.ALL_SENT, sent(1500), ProviderState.FINALIZING)
        .holds("rounded up", deal -> deal.owed().equals(TokenAmount.of(1)))
        .refuses(ProviderEvent.GATE_CLOSED)
        .on(ProviderEvent.PAID, paid(12, 3), ProviderState.FINALIZING)
        .on(ProviderEvent.SETTLED, at(), ProviderState.COMPLETED)
        .holds("all is paid", deal -> deal.owed().isZero() && deal.vouchers() == 3)
        .ended()
        .replays();
  }

  @Test
  void freeDealKnowsNoMoney() {
    scenario(false)
        .on(ProviderEvent.ADMITTED, at(), ProviderState.SERVING)
        .on(ProviderEvent.ALL_SENT, sent(5000), ProviderState.FINALIZING)
        .holds("nothing is owed", deal -> deal.owed().isZero())
        .on(ProviderEvent.SETTLED, at(), ProviderState.COMPLETED)
        .replays();
  }

  @Test
  void unpaidDealIsPaidLateAndEndsCompleted() {
    scenario(true)
        .on(ProviderEvent.OPENED, opened(), ProviderState.SERVING)
        .on(ProviderEvent.ALL_SENT, sent(2048), ProviderState.FINALIZING)
        .on(
            ProviderEvent.PAYMENT_TIMED_OUT,
            stopped(2048, "PAYMENT_TIMEOUT"),
            ProviderState.COMPLETED_UNPAID)
        .on(ProviderEvent.PAID, paid(11, 1), ProviderState.COMPLETED_UNPAID)
        .holds("a part is owed", deal -> deal.owed().equals(TokenAmount.of(1)))
        .on(ProviderEvent.PAID, paid(12, 2), ProviderState.COMPLETED_UNPAID)
        .on(ProviderEvent.SETTLED, at(), ProviderState.COMPLETED)
        .holds("the end stays when it was", deal -> deal.ended().isPresent())
        .replays();
  }

  @Test
  void figuresOnlyGrow() {
    scenario(true)
        .on(ProviderEvent.OPENED, opened(), ProviderState.SERVING)
        .on(ProviderEvent.PAID, paid(40, 7), ProviderState.SERVING)
        .on(ProviderEvent.PAID, paid(30, 6), ProviderState.SERVING)
        .holds("the higher credit stays", deal -> deal.credit().equals(TokenAmount.of(40)))
        .holds("the higher nonce stays", deal -> deal.nonce() == 7)
        .on(ProviderEvent.PROGRESS, sent(900), ProviderState.SERVING)
        .on(ProviderEvent.PROGRESS, sent(800), ProviderState.SERVING)
        .holds("so do the bytes", deal -> deal.charged() == 900)
        .replays();
  }

  @Test
  void restartsCountUntilThePositionMoves() {
    scenario(true)
        .on(ProviderEvent.OPENED, opened(), ProviderState.SERVING)
        .on(ProviderEvent.SUSPENDED, stopped(100, "CONNECTION_LOST"), ProviderState.SUSPENDED)
        .on(ProviderEvent.RESTARTED, restarted(2), ProviderState.SERVING)
        .on(ProviderEvent.RESTARTED, restarted(1), ProviderState.SERVING)
        .holds("two have not moved", deal -> deal.restarts() == 2)
        .on(ProviderEvent.RESTARTED, restarted(9), ProviderState.SERVING)
        .holds("this one has", deal -> deal.restarts() == 0 && deal.position() == 9)
        .on(ProviderEvent.RESTARTED, restarted(3), ProviderState.SERVING)
        .on(ProviderEvent.RESTARTED, restarted(9), ProviderState.SERVING)
        .holds("to and fro is no movement", deal -> deal.restarts() == 2)
        .replays();
  }

  @Test
  void timeInFragmentsOfMillisecondsReplays() {
    scenario(false)
        .on(
            ProviderEvent.ADMITTED,
            new At(Instant.parse("2026-01-02T03:04:05.123456789Z")),
            ProviderState.SERVING)
        .replays();
  }

  static List<EventType<? extends ProviderInput>> events() {
    return ProviderDeals.TABLE.events();
  }

  @ParameterizedTest
  @MethodSource("events")
  void inputsSurviveStorage(EventType<?> event) {
    ProviderInput input = inputFor(event);

    assertEquals(input, ProviderDealCodec.INPUT.decode(ProviderDealCodec.INPUT.encode(input)));
  }

  @Test
  void dealsSurviveStorage() {
    for (ProviderDeal deal :
        new ProviderDeal[] {
          proposed(false),
          proposed(true).opened(opened()).ended(stopped(5, "TIMEOUT")).restarted(restarted(8))
        }) {
      byte[] stored = DagCbor.encode(ProviderDealCodec.DEAL.encode(deal));

      assertEquals(
          deal,
          ProviderDealCodec.DEAL.decode(
              DagCbor.decodeStrict(
                  java.nio.ByteBuffer.wrap(stored), io.sluice.protocol.ipld.Limits.BLOCK)));
    }
  }
}
