package io.sluice.node.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sluice.node.client.PaymentPlan.Arrived;
import io.sluice.node.client.PaymentPlan.PlanRules;
import io.sluice.node.client.PaymentPlan.RecordAndPay;
import io.sluice.node.client.PaymentPlan.VoucherDue;
import io.sluice.node.client.PaymentPlan.Wait;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.DealResponse;
import io.sluice.protocol.retrieval.DealResult;
import io.sluice.protocol.retrieval.DealStatus;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.retrieval.TokenAmount;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The rules of paying, one by one. A byte costs one unit and there is a fee of 10; windows are of
 * 1,000 bytes, so that 500 unpaid bytes are worth a voucher. Time stands at {@link #START}, unless
 * a test turns it.
 */
class PaymentPlanTest {
  private static final long START = -5_000_000_000L; // a ticker may begin anywhere
  private static final long SECOND = 1_000_000_000L;
  private static final long RESEND = PaymentPlan.RESEND_AFTER.toNanos();
  private static final long PROGRESS = 10_000;
  private static final TokenAmount FEE = TokenAmount.of(10);
  private static final Terms TERMS =
      new Terms(TokenAmount.of(Terms.MIB), FEE, 1_000, 0, 1_000, 600);
  private static final Wait FOREVER = new Wait(Optional.empty());

  /** What may arrive beyond what is here, from an honest provider. */
  private static final long AHEAD = 1_000 + Terms.LAST_BLOCK;

  private static PlanRules rules(Optional<Terms> terms) {
    return new PlanRules(
        terms,
        PROGRESS,
        Duration.ofSeconds(60),
        Duration.ofSeconds(20),
        amount -> amount.value() + " pence");
  }

  /** Proposed just now: nothing is here, nothing is paid. */
  private static PaymentPlan proposed() {
    return PaymentPlan.begin(
        rules(Optional.of(TERMS)), new Arrived(0, 0, 0), TokenAmount.ZERO, false, START);
  }

  private static PaymentPlan accepted() {
    return proposed().answered(START);
  }

  private static PaymentPlan free() {
    return PaymentPlan.begin(
            rules(Optional.empty()), new Arrived(0, 0, 0), TokenAmount.ZERO, false, START)
        .answered(START);
  }

  /** That many charged bytes came, in one block. */
  private static PaymentPlan came(PaymentPlan plan, long charged) {
    return plan.visited(charged, charged - plan.arrived().bytes(), 1, START);
  }

  /** Accepted, and paid for the first {@code upTo} bytes at {@link #START}. */
  private static PaymentPlan paid(long upTo) {
    return came(accepted(), upTo).sent(upTo, TERMS.due(upTo), START);
  }

  private static ProviderAnswer result(DealResult result) {
    return new ProviderAnswer(Optional.empty(), Optional.of(result));
  }

  /** A demand by our own result: so much is owed for so many bytes. */
  private static ProviderAnswer demand(long owed, long bytes) {
    return result(DealResult.of(1, DealCode.FUNDS_NEEDED).owing(TokenAmount.of(owed), bytes));
  }

  /** A classic demand, which names a sum alone. */
  private static ProviderAnswer classicDemand(long owed) {
    return new ProviderAnswer(
        Optional.of(DealResponse.demand(DealStatus.FUNDS_NEEDED, 1, TokenAmount.of(owed))),
        Optional.empty());
  }

  private static VoucherDue due(PaymentPlan plan, long now) {
    return plan.next(now) instanceof RecordAndPay due ? due.payment() : VoucherDue.NONE;
  }

  // ---- half a window

  @ParameterizedTest
  @CsvSource({"0, NONE", "1, NONE", "499, NONE", "500, MORE", "501, MORE", "5000, MORE"})
  void givenUnpaidBytes_thenTheyArePaidForFromHalfAWindowOn(long bytes, VoucherDue due) {
    assertEquals(due, due(came(accepted(), bytes), START));
  }

  @ParameterizedTest
  @CsvSource({"2499, NONE", "2500, MORE"})
  void givenAVoucher_thenOnlyWhatCameSinceCounts(long bytes, VoucherDue due) {
    assertEquals(due, due(came(paid(2_000), bytes), START));
  }

  @ParameterizedTest
  @CsvSource({"0, 499, NONE", "0, 500, MORE", "1000, 1999, NONE", "1000, 2000, MORE"})
  void givenGrowingWindows_thenHalfOfTheOneThatThePaidPositionLiesIn(
      long paid, long bytes, VoucherDue due) {
    Terms growing = new Terms(TokenAmount.of(Terms.MIB), FEE, 1_000, 1_000, 4_000, 600);
    PaymentPlan plan =
        PaymentPlan.begin(
            rules(Optional.of(growing)), new Arrived(0, 0, 0), growing.due(paid), true, START);

    assertEquals(due, due(came(plan, bytes), START));
  }

  @Test
  void givenAWindowOfOneByte_thenEachByteIsPaidFor_butNotNone() {
    Terms tiny = new Terms(TokenAmount.of(Terms.MIB), FEE, 1, 0, 1, 600);
    PaymentPlan plan =
        PaymentPlan.begin(rules(Optional.of(tiny)), new Arrived(5, 0, 0), tiny.due(5), true, START);

    assertEquals(FOREVER, plan.next(START));
    assertEquals(VoucherDue.MORE, due(came(plan, 6), START));
  }

  @Test
  void givenAVoucherIsDue_thenItIsForAllThatArrived() {
    PaymentPlan plan = came(accepted(), 700);

    assertEquals(
        new RecordAndPay(new Arrived(700, 700, 1), false, VoucherDue.MORE), plan.next(START));
  }

  @Test
  void givenNoAnswerYet_thenNothingIsPaid() {
    assertEquals(FOREVER, came(proposed(), 5_000).next(START));
  }

  @Test
  void givenAFreeDeal_thenNothingIsEverPaid() {
    assertEquals(FOREVER, came(free(), 5_000).next(START));
    assertThrows(IllegalStateException.class, () -> free().excess(demand(1, 1)));
  }

  @Test
  void givenARestart_thenWhatWasPaidBeforeCounts() {
    PaymentPlan plan =
        PaymentPlan.begin(
            rules(Optional.of(TERMS)), new Arrived(900, 0, 9), TERMS.due(600), true, START);

    assertEquals(600, plan.paid().upTo());
    assertEquals(FOREVER, plan.next(START));
    assertEquals(VoucherDue.MORE, due(came(plan, 1_100), START));
  }

  // ---- what arrives

  @Test
  void givenABlockThatWasPassedBefore_thenNoFigureFalls() {
    PaymentPlan plan = accepted().visited(700, 700, 7, START).visited(300, 0, 3, START);

    assertEquals(new Arrived(700, 700, 7), plan.arrived());
  }

  @Test
  void givenABlockSentAgain_thenItIsReceivedOnceMore_butNotChargedAgain() {
    PaymentPlan plan = accepted().visited(300, 300, 3, START).visited(300, 300, 3, START);

    assertEquals(new Arrived(300, 600, 3), plan.arrived());
  }

  @Test
  void whenTheWalkEnds_thenWhatItChargedCounts_butNeverLessThanBefore() {
    assertEquals(900, came(accepted(), 700).ended(900).arrived().charged());
    assertEquals(700, came(accepted(), 700).ended(600).arrived().charged());
  }

  // ---- records of progress

  @ParameterizedTest
  @CsvSource({"9999, false", "10000, true", "10001, true"})
  void givenAFreeDeal_thenProgressIsRecordedEverySoManyBytes(long bytes, boolean recording) {
    assertEquals(
        recording ? new RecordAndPay(new Arrived(bytes, bytes, 1), true, VoucherDue.NONE) : FOREVER,
        came(free(), bytes).next(START));
  }

  @Test
  void givenBytesThatMovedNothing_thenThereIsNothingToRecord() {
    PaymentPlan plan =
        PaymentPlan.begin(
            rules(Optional.empty()), new Arrived(0, 0, 4), TokenAmount.ZERO, true, START);

    assertEquals(FOREVER, plan.visited(0, 20_000, 4, START).next(START));
    assertInstanceOf(RecordAndPay.class, plan.visited(0, 20_000, 5, START).next(START));
  }

  @Test
  void givenARecord_thenTheNextFollowsAfterAsManyBytesAgain() {
    PaymentPlan first = came(free(), 12_000);
    PaymentPlan plan = first.taken().recorded(first.arrived());

    assertEquals(FOREVER, plan.next(START));
    assertEquals(FOREVER, plan.visited(21_999, 9_999, 2, START).next(START));
    assertInstanceOf(RecordAndPay.class, plan.visited(22_000, 10_000, 2, START).next(START));
  }

  @Test
  void givenPaymentsOften_thenProgressIsNotRecordedWithEach() {
    assertEquals(
        new RecordAndPay(new Arrived(9_999, 9_999, 1), false, VoucherDue.MORE),
        came(accepted(), 9_999).next(START));
    assertEquals(
        new RecordAndPay(new Arrived(10_000, 10_000, 1), true, VoucherDue.MORE),
        came(accepted(), 10_000).next(START));
  }

  @Test
  void givenARestart_thenWhatWasReceivedBeforeCountsOnceSomethingMoves() {
    PaymentPlan plan =
        PaymentPlan.begin(
            rules(Optional.empty()), new Arrived(0, 15_000, 4), TokenAmount.ZERO, true, START);

    assertEquals(FOREVER, plan.next(START));
    assertEquals(
        new RecordAndPay(new Arrived(10, 15_010, 5), true, VoucherDue.NONE),
        plan.visited(10, 10, 5, START).next(START));
  }

  // ---- demands

  @Test
  void givenADemand_thenEveryByteUpToThereIsPaidForAtOnce() {
    PaymentPlan plan = came(paid(1_000), 1_001).demanded(demand(1, 1_200)).taken();

    assertEquals(VoucherDue.MORE, due(plan, START));
    assertEquals(
        VoucherDue.MORE, due(came(plan.sent(1_001, TERMS.due(1_001), START), 1_002), START));
  }

  @Test
  void givenADemandThatIsMet_thenHalfAWindowCountsAgain() {
    PaymentPlan plan = came(paid(1_000), 1_200).demanded(demand(200, 1_200)).taken();
    PaymentPlan met = plan.sent(1_200, TERMS.due(1_200), START);

    assertEquals(FOREVER, came(met, 1_699).next(START));
    assertEquals(VoucherDue.MORE, due(came(met, 1_700), START));
  }

  @Test
  void givenADemandForBlocksThatAreStillOnTheirWay_thenThereIsNothingToPayYet() {
    PaymentPlan plan = paid(1_000).demanded(demand(1, 1_200)).taken();

    assertEquals(FOREVER, plan.next(START));
    assertEquals(VoucherDue.MORE, due(came(plan, 1_001), START));
  }

  @Test
  void givenAClassicDemand_thenItsSumComesOnTopOfWhatIsPaid() {
    PaymentPlan plan = paid(1_000).demanded(classicDemand(300));

    assertEquals(1_300, plan.demand().wanted());
    assertEquals(0, plan.demand().claimed());
  }

  /** Both are about the same; a sum on top of what is paid by now would be too much. */
  @Test
  void givenAClassicDemandBesideOurOwn_thenOurOwnCounts_andWhatWasSentMayBeLost() {
    PaymentPlan plan = behindAWideGate().taken().sent(11_000, TERMS.due(11_000), START);
    PaymentPlan both = plan.demanded(classicDemand(4_000));

    assertEquals(14_000, both.demand().wanted());
    assertEquals(VoucherDue.NONE, due(came(both, 12_000), START));
    assertEquals(VoucherDue.SAME_AGAIN, due(both, START + RESEND));
  }

  @Test
  void givenAClassicDemandAlone_thenTheNextBytesArePaidForAtOnce() {
    PaymentPlan plan = paid(1_000).demanded(classicDemand(300)).taken();

    assertEquals(VoucherDue.MORE, due(came(plan, 1_001), START));
    PaymentPlan sent = came(plan, 1_001).sent(1_001, TERMS.due(1_001), START);
    assertEquals(VoucherDue.NONE, due(came(sent, 1_002), START));
    assertEquals(VoucherDue.MORE, due(came(sent, 1_002), START + RESEND));
  }

  @Test
  void givenALesserDemandAfterwards_thenTheGreaterStands() {
    PaymentPlan plan = paid(1_000).demanded(demand(200, 1_200)).demanded(demand(100, 1_100));

    assertEquals(1_200, plan.demand().wanted());
    assertEquals(1_200, plan.demand().claimed());
  }

  /** 10,000 bytes are paid for, 10,500 here, and the gate has closed at 14,000. */
  private static PaymentPlan behindAWideGate() {
    Terms wide = new Terms(TokenAmount.of(Terms.MIB), FEE, 1_000, 1_000, 4_000, 600);
    PaymentPlan plan =
        PaymentPlan.begin(
            rules(Optional.of(wide)), new Arrived(10_000, 0, 1), wide.due(10_000), true, START);
    return came(plan.sent(10_000, wide.due(10_000), START), 10_500).demanded(demand(4_000, 14_000));
  }

  @ParameterizedTest
  @CsvSource({"10999, MORE", "11000, NONE", "11001, NONE"})
  void givenADemand_thenBytesArePaidForAtOnce_untilThatMustHaveOpenedTheGate(
      long upTo, VoucherDue due) {
    PaymentPlan plan = behindAWideGate().taken();

    assertEquals(VoucherDue.MORE, due(plan, START));
    assertEquals(due, due(came(plan.sent(upTo, TERMS.due(upTo), START), upTo + 1), START));
  }

  @Test
  void givenAGateThatMustBeOpen_thenHalfAWindowCounts_asLongAsBytesCome() {
    PaymentPlan plan = behindAWideGate().taken().sent(11_000, TERMS.due(11_000), START);

    assertEquals(VoucherDue.NONE, due(came(plan, 12_999), START));
    assertEquals(VoucherDue.MORE, due(came(plan, 13_000), START));
  }

  @ParameterizedTest
  @CsvSource({"-1, NONE", "0, MORE"})
  void givenAGateThatMustBeOpen_whenNothingComes_thenAllThatArrivedIsPaidFor(
      long off, VoucherDue due) {
    PaymentPlan plan = behindAWideGate().taken().sent(11_000, TERMS.due(11_000), START);
    PaymentPlan quiet = plan.visited(12_000, 1_000, 1, START + 7);

    assertEquals(new Wait(Optional.of(RESEND - 3)), quiet.next(START + 10));
    assertEquals(due, due(quiet, START + 7 + RESEND + off));
    PaymentPlan past = quiet.sent(12_000, TERMS.due(12_000), START);
    assertEquals(FOREVER, past.next(START + 10 * SECOND), "nothing is here to pay for");
    PaymentPlan all = plan.sent(14_000, TERMS.due(14_000), START);
    assertEquals(FOREVER, came(all, 14_100).next(START + 10 * SECOND), "it asks for no more");
  }

  // ---- the same voucher again

  @ParameterizedTest
  @CsvSource({"-1, NONE", "0, SAME_AGAIN", "1, SAME_AGAIN"})
  void givenADemandForWhatIsPaid_thenTheVoucherGoesOutAgainAfterAWhile(long off, VoucherDue due) {
    PaymentPlan plan = paid(1_000).demanded(demand(100, 1_000));

    assertEquals(due, due(plan, START + RESEND + off));
  }

  @Test
  void givenADemandForWhatIsPaid_thenThePlanSaysWhenToLookAgain() {
    PaymentPlan plan = paid(1_000).demanded(demand(100, 1_000));

    assertEquals(new Wait(Optional.of(RESEND)), plan.next(START));
    assertEquals(new Wait(Optional.of(1L)), plan.next(START + RESEND - 1));
  }

  @Test
  void givenADemandAndNothingSentYet_thenTheBestGoesOutAtOnce() {
    PaymentPlan plan =
        PaymentPlan.begin(
                rules(Optional.of(TERMS)), new Arrived(600, 0, 6), TERMS.due(600), true, START)
            .demanded(demand(10, 600));

    assertEquals(VoucherDue.SAME_AGAIN, due(plan, START));
  }

  @Test
  void givenADemandForTheFee_thenItIsPaidBeforeAByteCame() {
    PaymentPlan plan = accepted().demanded(demand(10, 0));

    assertEquals(new RecordAndPay(new Arrived(0, 0, 0), false, VoucherDue.MORE), plan.next(START));
  }

  @Test
  void givenADemandBeforeTheAnswer_thenItWaitsForThat() {
    PaymentPlan plan = came(proposed(), 100).demanded(demand(10, 100));

    assertEquals(FOREVER, plan.next(START + 10 * SECOND));
    assertEquals(VoucherDue.MORE, due(plan.answered(START), START));
  }

  @Test
  void givenABlockAfterTheDemand_thenNothingWasLost_butWhatOnlyStoodHereSaysNothing() {
    PaymentPlan plan = paid(1_000).demanded(demand(100, 1_000));

    assertEquals(FOREVER, plan.visited(1_001, 1, 2, START).next(START + RESEND));
    assertEquals(VoucherDue.SAME_AGAIN, due(plan.visited(1_000, 0, 2, START), START + RESEND));
  }

  @Test
  void givenADemandThatWasTaken_thenTheSameIsNotAnsweredTwice() {
    PaymentPlan plan = paid(1_000).demanded(demand(100, 1_000)).taken();

    assertEquals(FOREVER, plan.next(START + 10 * SECOND));
  }

  // ---- demands that cannot be honest

  @ParameterizedTest
  @CsvSource({"0, true", "1, false"})
  void givenADemandForBytesBeyondTheGate_thenItIsExcess(long off, boolean honest) {
    PaymentPlan plan = came(accepted(), 700);

    var excess = plan.excess(demand(1, 700 + AHEAD + off));

    assertEquals(honest, excess.isEmpty());
    excess.ifPresent(
        reason -> {
          assertEquals(DealCode.OVERCHARGED, reason.code());
          assertEquals(
              "the provider asks to be paid for %d bytes, 700 came".formatted(701 + AHEAD),
              reason.message());
        });
  }

  @ParameterizedTest
  @CsvSource({"710, true", "711, false"})
  void givenASumBeyondWhatItsBytesCost_thenItIsExcess(long owed, boolean honest) {
    assertEquals(honest, came(accepted(), 700).excess(demand(owed, 700)).isEmpty());
  }

  @ParameterizedTest
  @CsvSource({"0, true", "1, false"})
  void givenASumAlone_thenItIsExcessBeyondWhatTheGateCanHaveLetThrough(long off, boolean honest) {
    PaymentPlan plan = came(accepted(), 700);

    var excess = plan.excess(classicDemand(700 + AHEAD + 10 + off));

    assertEquals(honest, excess.isEmpty());
    excess.ifPresent(reason -> assertEquals(DealCode.OVERCHARGED, reason.code()));
  }

  @Test
  void givenBytesThatCostNothing_thenNoCountIsTooHigh_butASumMayBe() {
    Terms feeOnly = new Terms(TokenAmount.ZERO, FEE, 1_000, 0, 1_000, 600);
    PaymentPlan plan =
        PaymentPlan.begin(
            rules(Optional.of(feeOnly)), new Arrived(0, 0, 0), TokenAmount.ZERO, true, START);

    assertEquals(Optional.empty(), plan.excess(demand(10, Long.MAX_VALUE)));
    assertEquals(
        "the provider asks for 11 pence, by the terms it can be 10 pence at most",
        plan.excess(demand(11, 5)).orElseThrow().message());
  }

  // ---- patience

  @ParameterizedTest
  @CsvSource({"20, true", "19, false"})
  void givenATransfer_whenNothingComesForTooLong_thenItIsLost(long seconds, boolean lost) {
    PaymentPlan plan = came(accepted(), 100);

    assertEquals(lost, plan.stalled(START + seconds * SECOND + 1).isPresent());
  }

  @Test
  void givenAStall_thenTheReasonSaysForHowLong_andNotABeatTooEarly() {
    PaymentPlan plan = came(accepted(), 100);

    assertEquals(Optional.empty(), plan.stalled(START + 20 * SECOND));
    var reason = plan.stalled(START + 25 * SECOND + 1).orElseThrow();
    assertEquals(DealCode.TIMEOUT, reason.code());
    assertEquals("nothing came for 25 s", reason.message());
  }

  @Test
  void givenAProposal_thenItsAnswerMayTakeLonger() {
    assertEquals(Optional.empty(), proposed().stalled(START + 60 * SECOND));
    assertEquals(
        DealCode.TIMEOUT, proposed().stalled(START + 60 * SECOND + 1).orElseThrow().code());
  }

  @Test
  void givenAnswers_thenOnlyTheFirstIsNews() {
    PaymentPlan plan = proposed().answered(START + 10 * SECOND).answered(START + 25 * SECOND);

    assertEquals(Optional.empty(), plan.stalled(START + 30 * SECOND));
    assertEquals(true, plan.stalled(START + 30 * SECOND + 1).isPresent());
  }

  @Test
  void givenABlock_orAVoucherForMore_thenThatIsNews_butNotTheSameAgain() {
    long later = START + 15 * SECOND;
    PaymentPlan plan = paid(1_000);

    assertEquals(Optional.empty(), plan.visited(1_000, 0, 2, later).stalled(later + 20 * SECOND));
    assertEquals(
        Optional.empty(), plan.sent(1_100, TERMS.due(1_100), later).stalled(later + 20 * SECOND));
    assertEquals(
        true, plan.sent(1_000, TERMS.due(1_000), later).stalled(later + 20 * SECOND).isPresent());
  }

  @Test
  void givenAClaimBeyondWhatCame_whenNothingMoreComes_thenTheProviderAskedForTooMuch() {
    PaymentPlan plan = came(accepted(), 700).demanded(demand(1, 800));

    var reason = plan.stalled(START + 21 * SECOND).orElseThrow();

    assertEquals(DealCode.OVERCHARGED, reason.code());
    assertEquals("the provider asks to be paid for 800 bytes, 700 came", reason.message());
    assertEquals(
        DealCode.TIMEOUT, came(plan, 800).stalled(START + 21 * SECOND).orElseThrow().code());
  }

  // ---- topping up

  @Test
  void givenADepositUnderWay_thenNothingStalls_andTheTimeBeginsAnewAfterwards() {
    PaymentPlan two = accepted().toppingUp().toppingUp();
    long done = START + 100 * SECOND;

    assertEquals(Optional.empty(), two.stalled(done));
    assertEquals(Optional.empty(), two.toppedUp(done).stalled(done + 30 * SECOND));
    PaymentPlan plan = two.toppedUp(done).toppedUp(done);
    assertEquals(Optional.empty(), plan.stalled(done + 20 * SECOND));
    assertEquals(true, plan.stalled(done + 20 * SECOND + 1).isPresent());
  }

  @Test
  void whenADepositHasArrived_thenTheBestVoucherGoesOutAgain() {
    PaymentPlan plan = paid(1_000).toppingUp();

    assertEquals(FOREVER, plan.next(START + RESEND));
    assertEquals(VoucherDue.SAME_AGAIN, due(plan.toppedUp(START + RESEND), START + RESEND));
  }

  // ---- vouchers that went out

  @Test
  void givenVouchers_thenWhatIsPaidNeverFalls() {
    PaymentPlan plan = paid(1_000).sent(400, TERMS.due(400), START + SECOND);

    assertEquals(1_000, plan.paid().upTo());
    assertEquals(TERMS.due(1_000), plan.paid().amount());
    assertEquals(START + SECOND, plan.paid().sentAt());
  }
}
