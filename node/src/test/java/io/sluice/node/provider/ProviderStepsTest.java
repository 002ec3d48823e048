package io.sluice.node.provider;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.fsm.DealOutcome;
import io.sluice.fsm.DealReason;
import io.sluice.fsm.provider.ProviderEvent;
import io.sluice.fsm.provider.ProviderInput;
import io.sluice.fsm.provider.ProviderState;
import io.sluice.payments.payee.DealAccount;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is done in each state, run by hand. */
class ProviderStepsTest {

  @TempDir Path folder;
  private SaleBench bench;
  private Map<ProviderState, ProviderSteps.DealStep> steps;

  @BeforeEach
  void open() throws IOException {
    use(new SaleBench(folder));
  }

  private void use(SaleBench with) {
    bench = with;
    steps =
        new ProviderSteps(with.sales, with.transfers, with.endings, with.clientNotices).byState();
  }

  @AfterEach
  void close() throws IOException {
    bench.close();
  }

  private void step(long number) {
    steps
        .get(bench.sales.state(bench.id(number)))
        .run(bench.sales.find(bench.id(number)).orElseThrow());
  }

  @Test
  void everyStateThatWaitsForSomethingHasAStep() {
    assertEquals(
        EnumSet.complementOf(
            EnumSet.of(ProviderState.NEW, ProviderState.AWAITING_OPENING, ProviderState.ENDED)),
        Set.copyOf(steps.keySet()));
  }

  // SERVING

  @Test
  void givenServing_whenNothingIsUnderWay_thenSuspended() {
    bench.open(1, ProviderState.SERVING);
    bench.charge(1, 300);

    step(1);

    assertEquals(ProviderState.SUSPENDED, bench.sales.state(bench.id(1)));
    assertEquals(DealCode.CONNECTION_LOST, bench.sales.deal(bench.id(1)).reason().orElseThrow());
    assertEquals(300, bench.sales.deal(bench.id(1)).charged());
  }

  @Test
  void givenServing_whenTheWalkWaits_thenItGoesOnOnce() {
    ServedTransfer transfer = bench.serve(1, ProviderState.SERVING);
    transfer.startsWaiting();
    bench.clock.turn(Duration.ofMillis(70));

    step(1);
    step(1);

    assertEquals(List.of("resume classic ONGOING"), SaleBench.told(transfer));
    assertEquals(List.of(Duration.ofMillis(70)), bench.sales.counts.waits);
    assertEquals(List.of(), bench.sales.events);
  }

  @Test
  void givenServing_whenTheWalkRuns_thenNothingIsSaid() {
    ServedTransfer transfer = bench.serve(1, ProviderState.SERVING);

    step(1);

    assertEquals(List.of(), SaleBench.told(transfer));
    assertEquals(List.of(), bench.notices.told);
  }

  // FUNDS_NEEDED

  @Test
  void givenFundsNeeded_whenSomethingIsOwed_thenItIsDemandedInAbsoluteFiguresOnce() {
    bench.serve(1, ProviderState.FUNDS_NEEDED);
    bench.charge(1, 1_000);

    step(1);
    step(1);

    assertEquals(
        List.of(
            "VOUCHER_RESULT paused classic FUNDS_NEEDED",
            "VOUCHER_RESULT paused FUNDS_NEEDED owed 1000 for 1000"),
        bench.notices.told);
  }

  @Test
  void givenFundsNeeded_whenADemandMayHaveBeenLost_thenItIsMadeAgain() {
    ServedTransfer transfer = bench.serve(1, ProviderState.FUNDS_NEEDED);
    bench.charge(1, 1_000);
    step(1);
    bench.notices.told.clear();

    transfer.demandAgain();
    step(1);

    assertEquals(2, bench.notices.told.size());
  }

  @Test
  void givenFundsNeeded_whenMoreHasBeenChargedSince_thenTheDemandIsANewOne() {
    bench.serve(1, ProviderState.FUNDS_NEEDED);
    bench.charge(1, 1_000);
    step(1);
    bench.notices.told.clear();
    bench.charge(1, 1_200);

    step(1);

    assertEquals(
        "VOUCHER_RESULT paused FUNDS_NEEDED owed 1200 for 1200", bench.notices.told.getLast());
  }

  @Test
  void givenFundsNeeded_whenAVoucherHasCome_thenItIsCreditedAndTheGateOpens() {
    ServedTransfer transfer = bench.serve(1, ProviderState.FUNDS_NEEDED);
    bench.charge(1, 1_000);
    transfer.startsWaiting();
    bench.payAccount(1, 1, 1_000);

    step(1);

    assertEquals(List.of("PAID", "GATE_OPENED"), bench.sales.events);
    assertEquals(TokenAmount.of(1_000), bench.sales.deal(bench.id(1)).credit());
    assertEquals(List.of("resume classic ONGOING"), SaleBench.told(transfer));
    assertEquals(List.of(), bench.notices.told);
  }

  @Test
  void givenFundsNeeded_whenTheOpeningOfTheGateIsBeingRecorded_thenItIsNotRecordedTwice() {
    ServedTransfer transfer = bench.serve(1, ProviderState.FUNDS_NEEDED);
    assertTrue(transfer.mayRecordOpening());

    step(1);
    assertEquals(List.of(), bench.sales.events);

    transfer.openingIsRecorded();
    step(1);
    assertEquals(List.of("GATE_OPENED"), bench.sales.events);
  }

  @Test
  void givenFundsNeeded_whenNothingIsUnderWay_thenSuspended() {
    bench.open(1, ProviderState.FUNDS_NEEDED);

    step(1);

    assertEquals(List.of("SUSPENDED"), bench.sales.events);
    assertEquals(List.of(), bench.notices.told);
  }

  @Test
  void givenFundsNeeded_whenItsAccountIsNotThereYet_thenNothingIsSaid() {
    bench.serveFree(1);
    bench.sales.put(bench.id(1), ProviderState.FUNDS_NEEDED, bench.sales.deal(bench.id(1)));

    step(1);

    assertEquals(List.of(), bench.sales.events);
    assertEquals(List.of(), bench.notices.told);
  }

  @Test
  void givenFundsNeeded_whenTheDepositIsUsedUp_thenThatIsSaid() throws IOException {
    bench.close();
    use(new SaleBench(folder.resolve("small"), 1_500, TokenAmount.ZERO));
    bench.serve(1, ProviderState.FUNDS_NEEDED);
    bench.charge(1, 1_500);
    bench.payAccount(1, 1, 1_500);

    step(1);

    assertEquals(List.of("VOUCHER_RESULT paused DEPOSIT_USED owed 0 for 1500"), bench.notices.told);
  }

  @Test
  void givenFundsNeeded_whenTheOtherDealsOfThePayerOweTooMuch_thenThatIsSaid() throws IOException {
    bench.close();
    use(new SaleBench(folder.resolve("large"), 1L << 30, TokenAmount.ZERO));
    bench.open(2, ProviderState.SERVING).charged(64L << 20);
    bench.serve(1, ProviderState.FUNDS_NEEDED);

    step(1);

    assertEquals(List.of("VOUCHER_RESULT paused PAYER_LIMIT owed 0 for 0"), bench.notices.told);
  }

  @Test
  void givenFundsNeeded_whenTheGateOpensAgainAndAgain_thenEachOpeningIsRecorded() {
    ServedTransfer transfer = bench.serve(1, ProviderState.FUNDS_NEEDED);
    for (int time = 1; time <= 2; time++) {
      transfer.startsWaiting();
      bench.sales.put(bench.id(1), ProviderState.FUNDS_NEEDED, bench.sales.deal(bench.id(1)));

      step(1);
    }

    assertEquals(List.of("GATE_OPENED", "GATE_OPENED"), bench.sales.events);
    assertEquals(
        List.of("resume classic ONGOING", "resume classic ONGOING"), SaleBench.told(transfer));
  }

  // FINALIZING

  @Test
  void givenFinalizing_whenAllIsPaid_thenItIsSettledAndTold() {
    bench.serve(1, ProviderState.FINALIZING);
    bench.charge(1, 700);
    bench.payAccount(1, 1, 700);

    step(1);

    assertEquals(List.of("PAID", "SETTLED"), bench.sales.events);
    assertEquals("COMPLETED", bench.sales.shown(bench.id(1)));
    assertEquals(List.of("COMPLETE classic COMPLETED"), bench.notices.told);
    assertTrue(bench.transfers.of(bench.id(1)).isEmpty());
  }

  @Test
  void givenFinalizing_whenSomethingIsOwed_thenTheLastPaymentIsDemandedOnce() {
    bench.serve(1, ProviderState.FINALIZING);
    bench.charge(1, 700);
    bench.payAccount(1, 1, 300);

    step(1);
    step(1);

    assertEquals(
        List.of(
            "COMPLETE paused",
            "COMPLETE paused classic FUNDS_NEEDED_LAST_PAYMENT",
            "VOUCHER_RESULT paused LAST_PAYMENT owed 400 for 700"),
        bench.notices.told);
    assertEquals(ProviderState.FINALIZING, bench.sales.state(bench.id(1)));
  }

  @Test
  void givenFinalizing_whenItsTransferIsGone_thenEachLookAsksAgain() {
    bench.open(1, ProviderState.FINALIZING);
    bench.charge(1, 700);

    step(1);
    step(1);

    assertEquals(6, bench.notices.told.size());
  }

  @Test
  void givenFinalizing_whenTheAccountKnowsLessThanTheRecord_thenTheRecordCounts() {
    DealAccount account = bench.open(1, ProviderState.FINALIZING);
    bench.sales.send(
        bench.id(1), ProviderEvent.PROGRESS, new ProviderInput.Sent(bench.sales.now(), 900));

    step(1);

    assertEquals(900, account.charged());
    assertEquals(
        "VOUCHER_RESULT paused LAST_PAYMENT owed 900 for 900", bench.notices.told.getLast());
  }

  @Test
  void givenFinalizing_whenTheDealIsFree_thenItEndsInTheWordsOfOld() {
    bench.serveFree(1);
    bench.sales.put(bench.id(1), ProviderState.FINALIZING, bench.sales.deal(bench.id(1)));

    step(1);

    assertEquals("COMPLETED", bench.sales.shown(bench.id(1)));
    assertEquals(List.of("COMPLETE"), bench.notices.told);
  }

  // SUSPENDED

  @Test
  void givenSuspended_whenMoneyComes_thenItIsCreditedAndNothingElse() {
    bench.open(1, ProviderState.SUSPENDED);
    bench.payAccount(1, 1, 250);

    step(1);
    step(1);

    assertEquals(List.of("PAID"), bench.sales.events);
    assertEquals(TokenAmount.of(250), bench.sales.deal(bench.id(1)).credit());
    assertEquals(List.of(), bench.notices.told);
  }

  // UNPAID

  private void endUnpaid(DealOutcome outcome) {
    bench.open(1, ProviderState.SUSPENDED);
    bench.charge(1, 600);
    bench.sales.send(
        bench.id(1),
        ProviderEvent.ENDED_OWING,
        new ProviderInput.Ended(
            bench.sales.now(), 600, outcome, new DealReason(DealCode.PAYMENT_TIMEOUT, "not paid")));
    bench.sales.events.clear();
  }

  @Test
  void givenUnpaid_whenAPartIsPaid_thenItRestsOn() {
    endUnpaid(DealOutcome.FAILED);
    bench.payAccount(1, 1, 599);

    step(1);

    assertEquals(List.of("PAID"), bench.sales.events);
    assertEquals("FAILED_UNPAID", bench.sales.shown(bench.id(1)));
    assertEquals(TokenAmount.of(1), bench.sales.deal(bench.id(1)).owed());
  }

  @ParameterizedTest
  @EnumSource(names = {"FAILED", "PARTIAL", "CANCELLED"})
  void givenUnpaid_whenAllIsPaid_thenItHasEndedSoAndItsClientHearsThatItIsPaid(
      DealOutcome outcome) {
    endUnpaid(outcome);
    bench.payAccount(1, 1, 600);

    step(1);

    assertEquals(outcome.name(), bench.sales.shown(bench.id(1)));
    assertEquals(List.of("VOUCHER_RESULT " + outcome), bench.notices.told);
  }

  @Test
  void givenCompletedUnpaid_whenAllIsPaid_thenItsClientIsTold() {
    endUnpaid(DealOutcome.COMPLETED);
    bench.payAccount(1, 1, 600);

    step(1);

    assertEquals("COMPLETED", bench.sales.shown(bench.id(1)));
    assertEquals(List.of("COMPLETE classic COMPLETED"), bench.notices.told);
  }
}
