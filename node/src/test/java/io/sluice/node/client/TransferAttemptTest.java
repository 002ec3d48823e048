package io.sluice.node.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.dealstore.disk.StorageFullException;
import io.sluice.fsm.DealReason;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.client.ClientDeal;
import io.sluice.fsm.client.ClientInput;
import io.sluice.payments.PaymentException;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.datatransfer.TransferResponse;
import io.sluice.protocol.datatransfer.TypedVoucher;
import io.sluice.protocol.graphsync.Exclusions;
import io.sluice.protocol.graphsync.RequestOutcome;
import io.sluice.protocol.graphsync.RequestResult;
import io.sluice.protocol.graphsync.VisitReport;
import io.sluice.protocol.graphsync.wire.ResponseStatus;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.DealResponse;
import io.sluice.protocol.retrieval.DealResult;
import io.sluice.protocol.retrieval.DealStatus;
import io.sluice.protocol.retrieval.RetrievalNames;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What an attempt makes of what the walk and the provider say. Windows are of 1,000 bytes. */
class TransferAttemptTest {
  private static final List<String> NOTHING = List.of();

  private final FakeContext context = new FakeContext();
  private final List<String> heard = new ArrayList<>();

  private final TransferAttempt.AttemptListener listener =
      new TransferAttempt.AttemptListener() {
        @Override
        public void progressed(MachineId id, long charged, long received) {
          heard.add(charged + " of " + received);
        }

        @Override
        public void answered(MachineId id, PeerId provider, ProviderAnswer answer) {
          heard.add("answered");
        }

        @Override
        public void refused(
            RefusedAttempt attempt, MachineId id, ClientDeal deal, DealReason reason) {
          heard.add("refused: " + reason.code());
        }
      };

  private TransferAttempt attempt(ClientDeal deal) throws Exception {
    TransferAttempt attempt =
        new TransferAttempt(
            context,
            listener,
            Deals.ID,
            deal,
            LocalContent.of(
                context.blocks, Deals.DAG.root(), deal.order().selector(), Exclusions.NONE));
    attempt.begin(context.pull);
    return attempt;
  }

  private TransferAttempt paid() throws Exception {
    return attempt(Deals.funded(Deals.PAID, 0));
  }

  /** One that the provider has agreed to. */
  private TransferAttempt accepted() throws Exception {
    TransferAttempt attempt = paid();
    attempt.onTransfer(TransferResponse.answer(false, 12, true, false, Optional.empty()));
    context.said();
    return attempt;
  }

  private static VisitReport visit(long number, int bytes, long charged) {
    return new VisitReport(Deals.DAG.root(), number, bytes, bytes, false, bytes, charged);
  }

  private static TransferResponse saying(DealResult result) {
    return saying(result, true);
  }

  private static TransferResponse saying(DealResult result, boolean accepted) {
    return TransferResponse.voucherResult(
        12,
        accepted,
        accepted,
        Optional.of(new TypedVoucher(RetrievalNames.RESULT, DealResult.CODEC.encode(result))));
  }

  private static RequestResult ended(
      RequestOutcome outcome, List<Cid> missing, long wireBlocks, long unrequested) {
    return ended(outcome, missing, wireBlocks, unrequested, Optional.empty());
  }

  private static RequestResult ended(
      RequestOutcome outcome,
      List<Cid> missing,
      long wireBlocks,
      long unrequested,
      Optional<Exception> error) {
    return ended(outcome, Optional.empty(), missing, wireBlocks, unrequested, error);
  }

  private static RequestResult ended(
      RequestOutcome outcome,
      Optional<ResponseStatus> status,
      List<Cid> missing,
      long wireBlocks,
      long unrequested,
      Optional<Exception> error) {
    return new RequestResult(
        outcome, status, true, missing, missing.size(), 9, 0, wireBlocks, 0, unrequested, error);
  }

  private static RequestResult ended(RequestOutcome outcome) {
    return ended(outcome, List.of(), 1, 0);
  }

  private DealReason reason() {
    return assertInstanceOf(ClientInput.Stopped.class, context.inputs.getLast()).reason();
  }

  // ---- paying

  @Test
  void givenHalfAWindow_thenItIsPaidFor_byOneVoucherForAllThatCameMeanwhile() throws Exception {
    TransferAttempt attempt = accepted();
    attempt.onVisit(visit(1, 499, 499));
    assertEquals(0, context.work.size());
    attempt.onVisit(visit(2, 1, 500));
    attempt.onVisit(visit(3, 200, 700));
    assertEquals(1, context.work.size()); // while a worker is due, blocks only count

    context.work();

    assertEquals(List.of("pay 700"), context.payments.calls());
    assertEquals(List.of("pull: voucher"), context.said());
    assertEquals(TokenAmount.of(500 + 10 + 700), context.vouchers.getFirst().amount());
    assertEquals(700, context.vouchers.getFirst().bytes());
    assertEquals(List.of("499 of 499", "500 of 500", "700 of 700"), heard);
    assertEquals(700, context.tally.received());
  }

  @Test
  void givenNoAnswerYet_thenNothingIsPaid_butWithTheAnswerAtOnce() throws Exception {
    TransferAttempt attempt = paid();
    attempt.onVisit(visit(1, 700, 700));
    assertEquals(0, context.work.size());

    attempt.onTransfer(TransferResponse.answer(false, 12, true, false, Optional.empty()));
    context.work();

    assertEquals(List.of("ACCEPTED", "pull: voucher"), context.said());
  }

  @Test
  void givenAFreeDeal_thenNothingIsPaid_whateverItsProviderAsksFor() throws Exception {
    TransferAttempt attempt = attempt(Deals.FREE);
    attempt.onTransfer(
        saying(
            DealResult.of(12, DealCode.FUNDS_NEEDED)
                .owing(TokenAmount.of(5), 5)
                .shortBy(TokenAmount.of(5))));
    attempt.onVisit(visit(1, 5_000, 5_000));
    context.work();

    assertEquals(NOTHING, context.payments.calls());
    assertEquals(NOTHING, context.said());
  }

  @Test
  void givenProgress_thenItIsRecorded_onceDurable() throws Exception {
    TransferAttempt attempt = attempt(Deals.FREE);
    attempt.onVisit(visit(1, 65_535, 65_535));
    assertEquals(0, context.work.size());
    attempt.onVisit(visit(2, 1, 65_536));
    context.work();

    assertEquals(List.of("PROGRESS"), context.said());
    assertEquals(
        new ClientInput.Verified(context.now, 65_536, 65_536, 2), context.inputs.getLast());
    assertEquals(NOTHING, context.payments.calls());
  }

  @Test
  void givenADemandForWhatWasPaid_thenTheVoucherGoesOutAgainLater_byOneReminder() throws Exception {
    TransferAttempt attempt = accepted();
    attempt.onVisit(visit(1, 700, 700));
    context.work();
    context.said();
    TransferResponse demand =
        saying(DealResult.of(12, DealCode.FUNDS_NEEDED).owing(TokenAmount.of(100), 700));
    context.turn(Duration.ofMillis(100));
    attempt.onTransfer(demand);
    attempt.onTransfer(demand);
    assertEquals(List.of(Duration.ofMillis(150)), context.reminders);
    assertEquals(0, context.work.size());

    context.turn(Duration.ofMillis(150));
    context.later.removeFirst().run();
    context.work();

    assertEquals(List.of("pull: voucher"), context.said());
    assertEquals(List.of("pay 700", "pay 700"), context.payments.calls());
    assertEquals(List.of(), context.later); // once is enough
  }

  @Test
  void givenADemandWhileAVoucherIsMade_thenTheWorkerLeavesAReminder() throws Exception {
    TransferAttempt attempt = accepted();
    context.payments.meanwhile =
        () ->
            attempt.onTransfer(
                saying(DealResult.of(12, DealCode.FUNDS_NEEDED).owing(TokenAmount.of(100), 700)));
    attempt.onVisit(visit(1, 700, 700));
    context.work();

    assertEquals(List.of("pay 700"), context.payments.calls());
    assertEquals(List.of(PaymentPlan.RESEND_AFTER), context.reminders);
  }

  @Test
  void givenADemandForMoreThanCanHaveCome_thenTheDealIsGivenUp() throws Exception {
    TransferAttempt attempt = accepted();

    attempt.onTransfer(
        saying(DealResult.of(12, DealCode.FUNDS_NEEDED).owing(TokenAmount.of(100), 9_000_000)));

    assertEquals(List.of("pull: close", "PROGRESS", "GIVE_UP"), context.said());
    assertEquals(DealCode.OVERCHARGED, reason().code());
  }

  @Test
  void givenAPaymentThatIsRefused_thenTheDealIsGivenUp_andNothingMoreIsPaid() throws Exception {
    TransferAttempt attempt = accepted();
    context.payments.refusal =
        Optional.of(new PaymentException(DealCode.BUDGET_EXCEEDED, "too much"));
    attempt.onVisit(visit(1, 700, 700));
    context.work();

    assertEquals(List.of("pull: close", "PROGRESS", "GIVE_UP"), context.said());
    assertEquals(new DealReason(DealCode.BUDGET_USED, "too much"), reason());
    attempt.onVisit(visit(2, 700, 1_400));
    assertEquals(0, context.work.size());
  }

  @Test
  void givenADiskThatFails_thenTheDealIsGivenUp() throws Exception {
    TransferAttempt attempt = accepted();
    context.payments.failure = Optional.of(new IOException("no disk"));
    attempt.onVisit(visit(1, 700, 700));
    context.work();

    assertEquals(new DealReason(DealCode.INTERNAL, "cannot pay: no disk"), reason());
  }

  @Test
  void givenAFullDisk_thenTheDealIsPutAside() throws Exception {
    TransferAttempt attempt = accepted();
    context.payments.failure = Optional.of(new StorageFullException("no room in /blocks"));
    attempt.onVisit(visit(1, 700, 700));
    context.work();

    assertEquals(List.of("pull: close", "PROGRESS", "PARK"), context.said());
    assertEquals(
        new DealReason(
            DealCode.STORAGE_FULL, "no room in /blocks; make room and run the same command"),
        reason());
  }

  // ---- topping up

  @Test
  void givenAShortDeposit_thenItIsToppedUp_andTheBestGoesOutAgain() throws Exception {
    TransferAttempt attempt = accepted();
    attempt.onVisit(visit(1, 700, 700));
    context.work();
    context.payments.calls();
    context.said();
    context.turn(PaymentPlan.RESEND_AFTER);

    attempt.onTransfer(
        saying(DealResult.of(12, DealCode.DEPOSIT_USED).shortBy(TokenAmount.of(90))));
    context.work();

    assertEquals(List.of("cover 90", "pay 700"), context.payments.calls());
    assertEquals(List.of("pull: voucher"), context.said());
  }

  @Test
  void givenAShortDepositThatMayNotBeRaised_thenTheDealIsGivenUp() throws Exception {
    TransferAttempt attempt = accepted();
    context.payments.helps = false;

    attempt.onTransfer(
        saying(DealResult.of(12, DealCode.DEPOSIT_USED).shortBy(TokenAmount.of(90))));
    context.work();

    assertEquals(List.of("pull: close", "PROGRESS", "GIVE_UP"), context.said());
    assertEquals(DealCode.DEPOSIT_USED, reason().code());
  }

  // ---- what the provider says

  @Test
  void givenAnAnswer_thenTheDealIsAccepted_alsoToARestart() throws Exception {
    TransferAttempt attempt = paid();
    attempt.onTransfer(TransferResponse.answer(true, 12, true, true, Optional.empty()));

    assertEquals(List.of("ACCEPTED"), context.said());
  }

  @Test
  void givenTheLastWord_thenTheFinalVoucherIsAnswered_butNotWhereMoreIsWanted() throws Exception {
    TransferAttempt attempt = accepted();
    attempt.onTransfer(TransferResponse.complete(12, true, true, Optional.empty()));
    assertEquals(NOTHING, heard);
    attempt.onTransfer(TransferResponse.complete(12, true, false, Optional.empty()));
    assertEquals(List.of("answered"), heard);
  }

  @Test
  void givenTheLastVoucherWasTaken_thenItIsAnswered_alsoWhereTheDealIsNotComplete()
      throws Exception {
    TransferAttempt attempt = accepted();
    TypedVoucher partial =
        new TypedVoucher(
            RetrievalNames.RESULT, DealResult.CODEC.encode(DealResult.of(12, DealCode.PARTIAL)));
    attempt.onTransfer(TransferResponse.voucherResult(12, true, true, Optional.of(partial)));
    assertEquals(NOTHING, heard);
    attempt.onTransfer(TransferResponse.voucherResult(12, true, false, Optional.of(partial)));
    assertEquals(List.of("answered"), heard);
  }

  @Test
  void givenACancel_thenTheDealIsGivenUp() throws Exception {
    accepted().onTransfer(TransferResponse.cancel(12));

    assertEquals(List.of("pull: close", "PROGRESS", "GIVE_UP"), context.said());
    assertEquals(new DealReason(DealCode.CANCELLED, "the provider called the deal off"), reason());
  }

  @Test
  void givenARefusalInEitherShape_thenItIsToldOnce() throws Exception {
    TransferAttempt attempt = paid();
    attempt.onTransfer(
        TransferResponse.answer(
            false,
            12,
            false,
            false,
            Optional.of(
                new TypedVoucher(
                    RetrievalNames.RESPONSE,
                    DealResponse.CODEC.encode(
                        DealResponse.of(DealStatus.REJECTED, 12, "LANE_BUSY: taken"))))));
    attempt.onTransfer(
        TransferResponse.voucherResult(
            12,
            false,
            false,
            Optional.of(
                new TypedVoucher(
                    RetrievalNames.RESULT,
                    DealResult.CODEC.encode(DealResult.of(12, DealCode.LANE_BUSY))))));
    attempt.onEnd(ended(RequestOutcome.REFUSED));
    context.work();

    assertEquals(List.of("refused: LANE_BUSY"), heard);
    assertEquals(DealCode.LANE_BUSY, attempt.resultWith(DealCode.LANE_BUSY).orElseThrow().code());
  }

  /** Attempts at one deal are one transfer: a refusal does not say which of them it is for. */
  @Test
  void givenARefusalOfAnAttemptBefore_whenThisOneIsAgreedTo_thenItGoesOn_andMayStillBeRefused()
      throws Exception {
    TransferAttempt attempt = paid();
    attempt.onTransfer(saying(DealResult.of(12, DealCode.LANE_BUSY), false));
    attempt.onTransfer(TransferResponse.answer(false, 12, true, false, Optional.empty()));
    context.work();

    assertEquals(List.of(), heard);
    assertTrue(attempt.isAccepted());
    attempt.onTransfer(saying(DealResult.of(12, DealCode.VOUCHER_WRONG_LANE), false));
    context.work();
    assertEquals(List.of("refused: VOUCHER_WRONG_LANE"), heard);
  }

  @Test
  void givenSomethingUnreadable_thenNothingHappens() throws Exception {
    paid()
        .onTransfer(
            TransferResponse.voucherResult(
                12,
                false,
                false,
                Optional.of(
                    new TypedVoucher(RetrievalNames.RESULT, io.sluice.protocol.ipld.Node.of(1)))));

    assertEquals(NOTHING, context.said());
    assertEquals(0, context.work.size());
  }

  // ---- how the walk ends

  @Test
  void givenEverythingVerified_thenThatIsSaid() throws Exception {
    TransferAttempt attempt = accepted();
    attempt.onVisit(visit(9, 100, 100));
    attempt.onEnd(ended(RequestOutcome.COMPLETED));
    context.work();

    assertEquals(List.of("ALL_VERIFIED"), context.said());
    assertEquals(new ClientInput.Verified(context.now, 100, 100, 9), context.inputs.getLast());
  }

  @Test
  void givenTheEnd_thenTheStateThatFollowsPays_notTheAttempt() throws Exception {
    TransferAttempt attempt = accepted();
    attempt.onEnd(ended(RequestOutcome.COMPLETED));
    context.work();
    context.said();

    attempt.onVisit(visit(1, 5_000, 5_000));
    context.work();

    assertEquals(NOTHING, context.payments.calls());
  }

  @ParameterizedTest
  @CsvSource({
    "REFUSED, refused: REFUSED",
    "VERIFICATION_FAILED, VERIFICATION_FAILED",
    "CANCELLED, VERIFICATION_FAILED",
    "FAILED, INTERNAL",
    "NETWORK, CONNECTION_LOST",
  })
  void givenABadEnd_thenTheDealHasItsReason(RequestOutcome outcome, String reason)
      throws Exception {
    accepted().onEnd(ended(outcome));
    context.work();

    if (outcome == RequestOutcome.REFUSED) {
      assertEquals(List.of(reason), heard);
      assertEquals(NOTHING, context.said());
    } else {
      assertEquals(
          outcome == RequestOutcome.NETWORK
              ? List.of("pull: close", "CONNECTION_LOST")
              : List.of("pull: close", "PROGRESS", "GIVE_UP"),
          context.said());
      assertEquals(DealCode.valueOf(reason), reason().code());
    }
  }

  @Test
  void givenABlockWithoutItsBytes_thenTheReasonIsTheBlock_andNothingMoreIsPaid() throws Exception {
    ProtocolException failure =
        new ProtocolException(ProtocolException.BLOCK_HASH_MISMATCH, "no bytes of it came");
    accepted()
        .onEnd(ended(RequestOutcome.VERIFICATION_FAILED, List.of(), 1, 1, Optional.of(failure)));
    context.work();

    assertEquals(List.of("pull: close", "PROGRESS", "GIVE_UP"), context.said());
    assertEquals(new DealReason(DealCode.BLOCK_HASH_MISMATCH, "no bytes of it came"), reason());
    assertFalse(FailureReasons.isPaidFor(reason().code()));
    assertEquals(6, reason().code().exit());
  }

  @Test
  void givenMissingBlocks_thenTheReasonSaysWhich() throws Exception {
    Cid leaf = Deals.DAG.leaves().getFirst();
    accepted().onEnd(ended(RequestOutcome.PARTIAL, List.of(leaf), 1, 0));
    context.work();
    assertEquals(List.of("PROGRESS", "BLOCKS_MISSING"), context.said());
    assertEquals(
        new DealReason(
            DealCode.PARTIAL, "the provider lacks 1 of the blocks, the first is " + leaf),
        reason());

    accepted().onEnd(ended(RequestOutcome.PARTIAL, List.of(leaf), 1, 1));
    context.work();
    assertEquals(List.of("PROGRESS", "BLOCKS_MISSING"), context.said());
    assertEquals(
        new DealReason(
            DealCode.BLOCK_HASH_MISMATCH,
            "1 block is missing, the first is " + leaf + "; others came in their place"),
        reason());
  }

  @Test
  void givenTheRootMissing_thenTheProviderDoesNotHaveIt() throws Exception {
    Cid root = Deals.DAG.root();
    accepted().onEnd(ended(RequestOutcome.PARTIAL, List.of(root), 0, 0));
    context.work();

    assertEquals(List.of("PROGRESS", "REFUSED"), context.said());
    assertEquals(
        new DealReason(DealCode.NOT_FOUND, "the provider does not have " + root), reason());
  }

  @ParameterizedTest
  @EnumSource
  void givenAnAttemptThatIsClosed_thenItsEndIsNothingNew(RequestOutcome outcome) throws Exception {
    TransferAttempt attempt = accepted();
    attempt.close();
    attempt.close();
    attempt.onEnd(ended(outcome));
    context.work();

    assertEquals(List.of("pull: close"), context.said());
    assertEquals(NOTHING, heard);
  }

  // ---- watching

  @Test
  void givenAStall_thenTheConnectionIsLost_once() throws Exception {
    TransferAttempt attempt = accepted();
    context.turn(Pair.LIMITS.stall());
    attempt.watch();
    assertEquals(NOTHING, context.said());

    context.turn(Duration.ofNanos(1));
    attempt.watch();
    attempt.watch();
    assertEquals(List.of("pull: close", "CONNECTION_LOST"), context.said());
    assertEquals(DealCode.TIMEOUT, reason().code());
  }

  @Test
  void givenAnAttemptThatHasEndedOrWasRefused_thenNobodyWaitsForMore() throws Exception {
    TransferAttempt ended = accepted();
    ended.onEnd(ended(RequestOutcome.COMPLETED));
    TransferAttempt refused = accepted();
    refused.onEnd(ended(RequestOutcome.REFUSED));
    context.turn(Pair.LIMITS.stall().multipliedBy(2));

    ended.watch();
    refused.watch();

    assertEquals(NOTHING, context.said());
  }

  // ---- ending from here

  @Test
  void givenACloseBeforeThePullIsThere_thenItIsClosedWhenItComes() throws Exception {
    TransferAttempt attempt =
        new TransferAttempt(
            context,
            listener,
            Deals.ID,
            Deals.FREE,
            LocalContent.of(
                context.blocks, Deals.DAG.root(), Deals.FREE.order().selector(), Exclusions.NONE));
    attempt.close();
    assertEquals(NOTHING, context.said());

    attempt.begin(context.pull);
    assertEquals(List.of("pull: close"), context.said());
  }

  @Test
  void whenCancelled_thenTheProviderIsTold() throws Exception {
    accepted().cancel();

    assertEquals(List.of("pull: cancel", "pull: close"), context.said());
  }

  // ---- broken off

  private static RequestResult refusedWith(ResponseStatus status) {
    return ended(RequestOutcome.REFUSED, Optional.of(status), List.of(), 1, 0, Optional.empty());
  }

  @Test
  void givenItIsBrokenOff_whenTheReasonFollows_thenThatCounts() throws Exception {
    TransferAttempt attempt = accepted();
    attempt.onEnd(refusedWith(ResponseStatus.CANCELLED));
    context.work();
    assertEquals(NOTHING, heard);

    attempt.onTransfer(saying(DealResult.of(12, DealCode.RESTART_BEHIND_PAID), false));
    context.work();
    context.later.removeFirst().run();
    context.work();

    assertEquals(List.of("refused: RESTART_BEHIND_PAID"), heard);
  }

  /**
   * They come on streams of their own: the reason may overtake the agreement that it takes back.
   */
  @Test
  void givenItIsBrokenOff_whenTheReasonCameBeforeTheAcceptance_thenThatCounts() throws Exception {
    TransferAttempt attempt = paid();
    attempt.onTransfer(saying(DealResult.of(12, DealCode.RESTART_BEHIND_PAID), false));
    attempt.onTransfer(TransferResponse.answer(false, 12, true, false, Optional.empty()));
    context.work();
    assertEquals(NOTHING, heard);

    attempt.onEnd(refusedWith(ResponseStatus.CANCELLED));
    context.work();

    assertEquals(List.of("refused: RESTART_BEHIND_PAID"), heard);
  }

  @Test
  void givenItIsBrokenOff_whenNothingFollows_thenThatIsTheReason() throws Exception {
    TransferAttempt attempt = accepted();
    attempt.onEnd(refusedWith(ResponseStatus.CANCELLED));
    context.later.removeFirst().run();
    context.work();

    assertEquals(List.of("refused: CANCELLED"), heard);
    assertEquals(List.of(Duration.ofSeconds(3)), context.reminders);
  }

  @Test
  void givenARefusal_whenTheDealIsLeft_thenNothingIsCalledOff() throws Exception {
    TransferAttempt attempt = accepted();
    attempt.onTransfer(saying(DealResult.of(12, DealCode.RESTART_BEHIND_PAID), false));
    context.work();

    attempt.cancel();

    assertEquals(List.of("pull: close"), context.said());
  }
}
