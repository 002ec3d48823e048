package io.sluice.fsm.provider;

import static io.sluice.fsm.DealOutcome.COMPLETED;
import static io.sluice.fsm.provider.ProviderDealSamples.at;
import static io.sluice.fsm.provider.ProviderDealSamples.ended;
import static io.sluice.fsm.provider.ProviderDealSamples.inputFor;
import static io.sluice.fsm.provider.ProviderDealSamples.opened;
import static io.sluice.fsm.provider.ProviderDealSamples.paid;
import static io.sluice.fsm.provider.ProviderDealSamples.proposed;
import static io.sluice.fsm.provider.ProviderDealSamples.restarted;
import static io.sluice.fsm.provider.ProviderDealSamples.sent;
import static io.sluice.fsm.provider.ProviderDealSamples.stopped;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.fsm.DealOutcome;
import io.sluice.fsm.EventType;
import io.sluice.fsm.provider.ProviderInput.At;
import io.sluice.fsm.replay.DealScenario;
import io.sluice.protocol.ipld.DagCbor;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.TokenAmount;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
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
        .on(ProviderEvent.SETTLED, at(), ProviderState.ENDED)
        .holds("shown as such", deal -> shown(deal, ProviderState.ENDED, "COMPLETED"))
        .holds("all is paid", deal -> deal.owed().isZero() && deal.vouchers() == 3)
        .ended()
        .replays();
  }

  private static boolean shown(ProviderDeal deal, ProviderState state, String text) {
    return deal.stateShown(state).equals(text);
  }

  @ParameterizedTest
  @EnumSource(DealOutcome.class)
  void outcomesAreShownInTheWordsOfOld(DealOutcome outcome) {
    ProviderDeal deal = proposed(true).opened(opened()).ended(ended(5, outcome, DealCode.TIMEOUT));
    String word = outcome == DealOutcome.REJECTED ? "REFUSED" : outcome.name();

    assertEquals(word, deal.stateShown(ProviderState.ENDED));
    assertEquals(word + "_UNPAID", deal.stateShown(ProviderState.UNPAID));
    assertEquals("SERVING", proposed(true).stateShown(ProviderState.SERVING));
  }

  @Test
  void lateMoneyDoesNotMakeAFailureGood() {
    scenario(true)
        .on(ProviderEvent.OPENED, opened(), ProviderState.SERVING)
        .on(
            ProviderEvent.ENDED_OWING,
            ended(1024, DealOutcome.FAILED, DealCode.VOUCHER_BAD_SIGNATURE),
            ProviderState.UNPAID)
        .on(ProviderEvent.PAID, paid(11, 1), ProviderState.UNPAID)
        .on(ProviderEvent.SETTLED, at(), ProviderState.ENDED)
        .holds("still failed", deal -> shown(deal, ProviderState.ENDED, "FAILED"))
        .holds(
            "for its reason",
            deal -> deal.reason().equals(Optional.of(DealCode.VOUCHER_BAD_SIGNATURE)))
        .ended()
        .replays();
  }

  @Test
  void onlyAnUndecidedProposalIsRefused() {
    scenario(true)
        .on(ProviderEvent.OPENING_MISSING, at(), ProviderState.AWAITING_OPENING)
        .on(ProviderEvent.REFUSED, stopped(0, DealCode.NO_OPENING), ProviderState.ENDED)
        .holds("shown as such", deal -> shown(deal, ProviderState.ENDED, "REFUSED"))
        .replays();
    scenario(true)
        .on(ProviderEvent.OPENED, opened(), ProviderState.SERVING)
        .refuses(ProviderEvent.REFUSED);
  }

  @Test
  void freeDealKnowsNoMoney() {
    scenario(false)
        .on(ProviderEvent.ADMITTED, at(), ProviderState.SERVING)
        .on(ProviderEvent.ALL_SENT, sent(5000), ProviderState.FINALIZING)
        .holds("nothing is owed", deal -> deal.owed().isZero())
        .on(ProviderEvent.SETTLED, at(), ProviderState.ENDED)
        .holds("shown as such", deal -> shown(deal, ProviderState.ENDED, "COMPLETED"))
        .replays();
  }

  @Test
  void unpaidDealIsPaidLateAndEndsCompleted() {
    scenario(true)
        .on(ProviderEvent.OPENED, opened(), ProviderState.SERVING)
        .on(ProviderEvent.ALL_SENT, sent(2048), ProviderState.FINALIZING)
        .on(
            ProviderEvent.ENDED_OWING,
            ended(2048, COMPLETED, DealCode.PAYMENT_TIMEOUT),
            ProviderState.UNPAID)
        .holds("shown as such", deal -> shown(deal, ProviderState.UNPAID, "COMPLETED_UNPAID"))
        .on(ProviderEvent.PAID, paid(11, 1), ProviderState.UNPAID)
        .holds("a part is owed", deal -> deal.owed().equals(TokenAmount.of(1)))
        .on(ProviderEvent.PAID, paid(12, 2), ProviderState.UNPAID)
        .on(ProviderEvent.SETTLED, at(), ProviderState.ENDED)
        .holds("shown as such", deal -> shown(deal, ProviderState.ENDED, "COMPLETED"))
        .holds(
            "the end stays when it was",
            deal ->
                deal.standing()
                    .end()
                    .orElseThrow()
                    .at()
                    .equals(ended(0, COMPLETED, DealCode.PAYMENT_TIMEOUT).at()))
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
        .on(
            ProviderEvent.SUSPENDED,
            stopped(100, DealCode.CONNECTION_LOST),
            ProviderState.SUSPENDED)
        .on(ProviderEvent.RESTARTED, restarted(2), ProviderState.SERVING)
        .on(ProviderEvent.RESTARTED, restarted(1), ProviderState.SERVING)
        .holds("two have not moved", deal -> deal.progress().restarts() == 2)
        .on(ProviderEvent.RESTARTED, restarted(9), ProviderState.SERVING)
        .holds(
            "this one has",
            deal -> deal.progress().restarts() == 0 && deal.progress().position() == 9)
        .on(ProviderEvent.RESTARTED, restarted(3), ProviderState.SERVING)
        .on(ProviderEvent.RESTARTED, restarted(9), ProviderState.SERVING)
        .holds("to and fro is no movement", deal -> deal.progress().restarts() == 2)
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

    assertEquals(input, ProviderInputCodec.CODEC.decode(ProviderInputCodec.CODEC.encode(input)));
  }

  @Test
  void dealsSurviveStorage() {
    for (ProviderDeal deal :
        new ProviderDeal[] {
          proposed(false),
          proposed(true)
              .opened(opened())
              .ended(ended(5, DealOutcome.FAILED, DealCode.TIMEOUT))
              .restarted(restarted(8))
        }) {
      byte[] stored = DagCbor.encode(ProviderDeal.CODEC.encode(deal));

      assertEquals(
          deal,
          ProviderDeal.CODEC.decode(
              DagCbor.decodeStrict(
                  java.nio.ByteBuffer.wrap(stored), io.sluice.protocol.ipld.Limits.BLOCK)));
    }
  }

  @Test
  void givenStates_thenTwoAreOverAndTwoUndecided() {
    assertEquals(
        EnumSet.of(ProviderState.UNPAID, ProviderState.ENDED),
        EnumSet.copyOf(Stream.of(ProviderState.values()).filter(ProviderState::isOver).toList()));
    assertEquals(
        EnumSet.of(ProviderState.NEW, ProviderState.AWAITING_OPENING),
        EnumSet.copyOf(
            Stream.of(ProviderState.values()).filter(ProviderState::isUndecided).toList()));
  }
}
