package io.sluice.node.provider;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.fsm.DealOutcome;
import io.sluice.fsm.provider.ProviderState;
import io.sluice.payments.payee.DealAccount;
import io.sluice.protocol.graphsync.ResponsePosition;
import io.sluice.protocol.graphsync.wire.ResponseStatus;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is charged in all, and what an end leaves behind. */
class DealEndingsTest {

  @TempDir Path folder;
  private SaleBench bench;

  @BeforeEach
  void open() throws IOException {
    bench = new SaleBench(folder);
  }

  @AfterEach
  void close() throws IOException {
    bench.close();
  }

  private boolean end(DealOutcome outcome, Optional<ServedTransfer> was) {
    return bench.endings.end(bench.id(1), outcome, was, DealCode.CANCELLED, "over");
  }

  @Test
  void whoeverKnowsOfMostIsRightAboutWhatIsCharged() {
    DealAccount account = bench.open(1, ProviderState.SUSPENDED);
    ServedTransfer transfer = bench.begin(1, Optional.of(account));
    bench.charge(1, 100);
    var deal = bench.sales.deal(bench.id(1));
    assertEquals(100, DealEndings.charged(deal, Optional.empty(), Optional.empty()));

    account.charged(200);
    assertEquals(200, DealEndings.charged(deal, Optional.of(account), Optional.empty()));

    transfer.onWalkEnded(ResponseStatus.COMPLETED, new ResponsePosition(1, 300, 1, 300));
    assertEquals(300, DealEndings.charged(deal, Optional.of(account), Optional.of(transfer)));
    assertEquals(300, DealEndings.charged(deal, Optional.empty(), Optional.of(transfer)));
  }

  @Test
  void endWithDebtRestsUnpaidAndItsLaneIsFree() {
    bench.open(1, ProviderState.SERVING);
    bench.charge(1, 500);

    assertTrue(end(DealOutcome.CANCELLED, Optional.empty()));

    assertEquals("CANCELLED_UNPAID", bench.sales.shown(bench.id(1)));
    assertEquals(TokenAmount.of(500), bench.sales.account(bench.id(1)).orElseThrow().owed());
  }

  /** Its client asks to be told: it keeps its last voucher until it hears that this was taken. */
  @Test
  void clientThatCallsADealOffIsToldWhatIsMissing() {
    bench.open(1, ProviderState.SERVING);
    bench.charge(1, 500);
    bench.payAccount(1, 1, 200);

    bench.endings.calledOff(bench.id(1));

    assertEquals("CANCELLED_UNPAID", bench.sales.shown(bench.id(1)));
    assertEquals(List.of("VOUCHER_RESULT paused UNPAID owed 300 for 500"), bench.notices.told);
    bench.endings.calledOff(bench.id(2)); // there is none
    assertEquals(1, bench.notices.told.size());
  }

  @Test
  void clientThatCallsAPaidDealOffIsToldThatNothingIsMissing() {
    bench.open(1, ProviderState.SERVING);
    bench.charge(1, 500);
    bench.payAccount(1, 1, 500);

    bench.endings.calledOff(bench.id(1));

    assertEquals(List.of("VOUCHER_RESULT CANCELLED"), bench.notices.told);
  }

  @Test
  void endWithoutDebtIsTheEnd() {
    bench.open(1, ProviderState.SERVING);
    bench.charge(1, 500);
    bench.payAccount(1, 1, 500);

    assertTrue(end(DealOutcome.CANCELLED, Optional.empty()));

    assertEquals(List.of("PAID", "ENDED"), bench.sales.events);
    assertEquals("CANCELLED", bench.sales.shown(bench.id(1)));
  }

  @Test
  void bytesThatOnlyTheTransferKnowsOfAreOwed() {
    bench.open(1, ProviderState.SERVING);
    ServedTransfer transfer = bench.begin(1, bench.sales.account(bench.id(1)));
    transfer.onWalkEnded(ResponseStatus.COMPLETED_PARTIAL, new ResponsePosition(1, 70, 1, 70));

    end(DealOutcome.PARTIAL, Optional.of(transfer));

    assertEquals("PARTIAL_UNPAID", bench.sales.shown(bench.id(1)));
    assertEquals(TokenAmount.of(70), bench.sales.deal(bench.id(1)).owed());
    assertEquals(70, bench.sales.account(bench.id(1)).orElseThrow().charged());
  }

  @Test
  void feeForWhichNoByteWasChargedIsNoDebt() {
    bench.open(1, ProviderState.FUNDS_NEEDED, Market.terms(70));
    assertEquals(TokenAmount.of(70), bench.sales.deal(bench.id(1)).owed());

    end(DealOutcome.CANCELLED, Optional.empty());

    assertEquals("CANCELLED", bench.sales.shown(bench.id(1)));
  }

  @Test
  void dealThatHasEndedOrWasNeverThereIsNotEnded() {
    assertFalse(end(DealOutcome.FAILED, Optional.empty()));
    bench.open(1, ProviderState.ENDED);

    assertFalse(end(DealOutcome.FAILED, Optional.empty()));
    assertEquals(List.of("!ENDED"), bench.sales.events);
  }

  @Test
  void failureIsToldInTheEndItselfAndCounted() {
    ServedTransfer transfer = bench.serve(1, ProviderState.SERVING);

    bench.endings.fail(bench.id(1), DealCode.VOUCHER_WRONG_LANE, "for lane 3");

    assertEquals(List.of(), bench.notices.told);
    assertEquals(List.of("refuse VOUCHER_WRONG_LANE"), SaleBench.told(transfer));
    assertEquals(1, bench.sales.counts.refusals("VOUCHER_WRONG_LANE"));
    assertFalse(transfer.abandon(), "it is abandoned already");
  }

  @Test
  void failureOfAFreeDealIsToldInTheWordsOfOld() {
    ServedTransfer transfer = bench.serveFree(1);

    bench.endings.fail(bench.id(1), DealCode.INTERNAL, "broken");

    assertEquals(List.of(), bench.notices.told);
    assertEquals(List.of("refuse classic ERRORED INTERNAL"), SaleBench.told(transfer));
  }

  @Test
  void failureThatComesTooLateIsNotCounted() {
    bench.open(1, ProviderState.ENDED);

    bench.endings.fail(bench.id(1), DealCode.VOUCHER_WRONG_LANE, "for lane 3");

    assertEquals(0, bench.sales.counts.refusals("VOUCHER_WRONG_LANE"));
  }

  @Test
  void refusalIsNotSaidOfADealThatWasAdmittedMeanwhile() {
    bench.open(1, ProviderState.SERVING);

    bench.endings.refuse(
        bench.id(1),
        bench.transferOf(1),
        bench.sales.deal(bench.id(1)),
        false,
        ProposalRefusal.of(DealCode.NO_OPENING, "none came"));

    assertEquals(List.of("!REFUSED"), bench.sales.events);
    assertEquals(List.of(), bench.notices.told);
    assertEquals(0, bench.sales.counts.refusals("NO_OPENING"));
  }

  @Test
  void dealWhoseTransferWasReplacedIsNotSuspended() {
    ServedTransfer first = bench.serve(1, ProviderState.SERVING);
    bench.begin(1, bench.sales.account(bench.id(1)));

    bench.endings.suspendAfter(first, DealCode.CONNECTION_LOST, "lost");
    assertEquals(List.of(), bench.sales.events);

    bench.transfers.drop(bench.id(1));
    bench.endings.suspendAfter(first, DealCode.CONNECTION_LOST, "lost");
    assertEquals(List.of("SUSPENDED"), bench.sales.events);
  }

  // one side does not want it any more

  @Test
  void cancelledDealEndsAndItsTransferWithIt() {
    ServedTransfer transfer = bench.serve(1, ProviderState.SERVING);
    transfer.onWalkEnded(ResponseStatus.COMPLETED_PARTIAL, new ResponsePosition(1, 70, 1, 70));

    assertTrue(bench.endings.cancel(bench.id(1), "enough"));
    assertFalse(bench.endings.cancel(bench.id(2), "nothing there"));

    assertEquals("CANCELLED_UNPAID", bench.sales.shown(bench.id(1)));
    assertEquals(TokenAmount.of(70), bench.sales.deal(bench.id(1)).owed());
    assertEquals(0, bench.transfers.count());
  }

  // credit, and the good end

  @Test
  void creditIsRecordedOnceAndOnlyIfItIsMore() {
    bench.open(1, ProviderState.SERVING);
    assertFalse(bench.endings.creditUp(bench.id(1), bench.sales.deal(bench.id(1))));
    bench.payAccount(1, 1, 500);

    assertTrue(bench.endings.creditUp(bench.id(1), bench.sales.deal(bench.id(1))));
    assertFalse(bench.endings.creditUp(bench.id(1), bench.sales.deal(bench.id(1))));

    assertEquals(List.of("PAID"), bench.sales.events);
    assertEquals(TokenAmount.of(500), bench.sales.deal(bench.id(1)).credit());
  }

  @Test
  void creditOfADealThatHasEndedIsNotRecorded() {
    bench.open(1, ProviderState.ENDED);
    bench.payAccount(1, 1, 500);

    assertFalse(bench.endings.creditUp(bench.id(1), bench.sales.deal(bench.id(1))));

    assertEquals(List.of("!PAID"), bench.sales.events);
  }

  @Test
  void completedDealIsSettledWhereAllIsPaidAndRestsUnpaidElsewhere() {
    for (long number = 1; number <= 2; number++) {
      bench.open(number, ProviderState.FINALIZING);
      bench.charge(number, 500);
    }
    bench.payAccount(1, 1, 500);

    for (long number = 1; number <= 2; number++) {
      assertTrue(
          bench.endings.end(
              bench.id(number),
              DealOutcome.COMPLETED,
              Optional.empty(),
              DealCode.COMPLETED,
              "done"));
    }

    assertEquals(List.of("PAID", "SETTLED", "ENDED_OWING"), bench.sales.events);
    assertEquals("COMPLETED", bench.sales.shown(bench.id(1)));
    assertEquals("COMPLETED_UNPAID", bench.sales.shown(bench.id(2)));
  }

  @Test
  void settledOnceAndItsLaneIsFree() {
    bench.open(1, ProviderState.FINALIZING);

    assertTrue(bench.endings.settle(bench.id(1), bench.sales.deal(bench.id(1))));
    assertFalse(bench.endings.settle(bench.id(1), bench.sales.deal(bench.id(1))));

    assertEquals(List.of("SETTLED", "!SETTLED"), bench.sales.events);
    assertEquals("COMPLETED", bench.sales.shown(bench.id(1)));
  }

  // standing still

  @Test
  void suspendedWithAllThatItsTransferCharged() {
    ServedTransfer transfer = bench.serve(1, ProviderState.SERVING);
    transfer.onWalkEnded(ResponseStatus.COMPLETED_PARTIAL, new ResponsePosition(1, 70, 1, 70));

    bench.endings.suspend(bench.id(1), DealCode.PAYMENT_TIMEOUT, "no payment");
    bench.endings.suspend(bench.id(2), DealCode.PAYMENT_TIMEOUT, "nothing there");

    assertEquals(List.of("SUSPENDED"), bench.sales.events);
    assertEquals(70, bench.sales.deal(bench.id(1)).charged());
    assertEquals(Optional.of(DealCode.PAYMENT_TIMEOUT), bench.sales.deal(bench.id(1)).reason());
    assertEquals(0, bench.transfers.count());
    assertFalse(transfer.abandon(), "it is abandoned already");
  }

  // refused after all

  @Test
  void refusalForWantOfAnOpeningIsToldInTheWordsOfOld() {
    ServedTransfer transfer = bench.begin(1, Optional.empty());
    bench.sales.put(
        bench.id(1),
        ProviderState.AWAITING_OPENING,
        bench.proposal(1, true, Optional.empty()).deal(bench.sales.now()));

    bench.endings.refuse(
        bench.id(1),
        bench.transferOf(1),
        bench.sales.deal(bench.id(1)),
        false,
        ProposalRefusal.of(DealCode.NO_OPENING, "none came"));

    assertEquals("REFUSED", bench.sales.shown(bench.id(1)));
    assertEquals(List.of(), bench.notices.told);
    assertEquals(List.of("refuse classic REJECTED NO_OPENING"), SaleBench.told(transfer));
    assertEquals(1, bench.sales.counts.refusals("NO_OPENING"));
    assertEquals(0, bench.transfers.count());
  }
}
