package io.sluice.node.provider;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.fsm.DealOutcome;
import io.sluice.fsm.DealReason;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.provider.ProviderDeal;
import io.sluice.fsm.provider.ProviderEvent;
import io.sluice.fsm.provider.ProviderInput;
import io.sluice.fsm.provider.ProviderState;
import io.sluice.payments.PaymentRecord;
import io.sluice.payments.voucher.SigningKey;
import io.sluice.protocol.datatransfer.ChannelId;
import io.sluice.protocol.datatransfer.TypedVoucher;
import io.sluice.protocol.graphsync.BlockGate;
import io.sluice.protocol.graphsync.BlockVisit;
import io.sluice.protocol.graphsync.Exclusions;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.libp2p.Identity;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.DealOpening;
import io.sluice.protocol.retrieval.Payment;
import io.sluice.protocol.retrieval.RetrievalNames;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of vouchers: whenever they come, and whatever they are. */
class VoucherReceiverTest {

  @TempDir Path folder;
  private SaleBench bench;
  private VoucherReceiver receiver;

  @BeforeEach
  void open() throws IOException {
    bench = new SaleBench(folder);
    ProviderLimits limits = ProviderLimits.DEFAULT;
    ProposalChecks checks = new ProposalChecks(bench.sales, bench.transfers, bench.stock, limits);
    RefusalSender refusals =
        new RefusalSender(bench.sales.metrics(), new RefusedProposals(bench.sales, 16));
    Admission admission =
        new Admission(
            bench.sales,
            bench.transfers,
            bench.owner,
            new ServedChannels(),
            bench.dag.store(),
            limits,
            checks,
            refusals);
    receiver =
        new VoucherReceiver(
            bench.sales,
            bench.live,
            bench.transfers,
            bench.endings,
            bench.clientNotices,
            checks,
            admission,
            limits);
  }

  @AfterEach
  void close() throws IOException {
    bench.close();
  }

  private void receive(Payment payment) {
    receiver.receive(bench.transferOf(payment.id()), SaleBench.typed(payment));
    bench.sales.runTasks();
  }

  private TokenAmount vouchered(long number) {
    return bench.sales.account(bench.id(number)).orElseThrow().vouchered();
  }

  private long unexpected() {
    return bench.sales.counts.refusals("VOUCHER_UNEXPECTED");
  }

  // payments of live deals

  @Test
  void voucherAndItsCreditAreOneEvent() {
    bench.open(1, ProviderState.FUNDS_NEEDED);

    receive(bench.payment(1, 4, 600));

    assertEquals(List.of("PAID"), bench.sales.events);
    ProviderDeal deal = bench.sales.deal(bench.id(1));
    assertEquals(TokenAmount.of(600), deal.credit());
    assertEquals(4, deal.nonce());
    assertEquals(1, deal.vouchers());
    assertEquals(TokenAmount.of(600), vouchered(1));
    assertEquals(List.of(bench.id(1)), bench.sales.looks);
  }

  /** Its voucher is in an outbox until it is answered; and it is told what else it can pay. */
  @Test
  void debtorIsToldThatItsVoucherWasTaken_andWhatIsStillMissing() {
    bench.open(1, ProviderState.SERVING);
    bench.charge(1, 500);
    bench.endings.cancel(bench.id(1), "over");
    bench.notices.told.clear();

    receive(bench.payment(1, 1, 200));
    receive(bench.payment(1, 1, 200));

    String missing = "VOUCHER_RESULT UNPAID owed 300 for 500";
    assertEquals(List.of(missing, missing), bench.notices.told);
    assertEquals(TokenAmount.of(200), vouchered(1));
  }

  @Test
  void ofVouchersThatPileUpOnlyTheHighestIsLookedAt() {
    bench.open(1, ProviderState.FUNDS_NEEDED);
    ChannelId channel = bench.transferOf(1);

    receiver.receive(channel, SaleBench.typed(bench.payment(1, 1, 100)));
    receiver.receive(channel, SaleBench.typed(bench.payment(1, 3, 300)));
    receiver.receive(channel, SaleBench.typed(bench.payment(1, 2, 200)));
    bench.sales.runTasks();

    assertEquals(List.of("PAID"), bench.sales.events);
    assertEquals(TokenAmount.of(300), bench.sales.deal(bench.id(1)).credit());
  }

  @Test
  void knownVoucherChangesNothingAndIsLookedAtAgain() {
    bench.open(1, ProviderState.FUNDS_NEEDED);
    receive(bench.payment(1, 1, 500));
    bench.sales.events.clear();
    bench.sales.looks.clear();

    receive(bench.payment(1, 1, 500));

    assertEquals(List.of(), bench.sales.events);
    assertEquals(List.of(bench.id(1)), bench.sales.looks);
  }

  @Test
  void lastVoucherOfASuspendedDealEndsIt() {
    bench.open(1, ProviderState.SUSPENDED);
    bench.charge(1, 400);

    receive(bench.payment(1, 1, 900, 900, true));

    assertEquals(List.of("PAID", "ALL_SENT"), bench.sales.events);
    assertEquals(900, bench.sales.deal(bench.id(1)).charged());
  }

  @Test
  void clientCannotClaimMoreBytesThanItPaysFor() {
    bench.open(1, ProviderState.SUSPENDED);
    bench.charge(1, 400);

    receive(bench.payment(1, 1, 900, 901, true));

    assertEquals(400, bench.sales.deal(bench.id(1)).charged());
    assertEquals(ProviderState.FINALIZING, bench.sales.state(bench.id(1)));
  }

  @Test
  void lastVoucherOfADealThatRunsDoesNotEndItsWalk() {
    bench.open(1, ProviderState.SERVING);

    receive(bench.payment(1, 1, 900, 900, true));

    assertEquals(List.of("PAID"), bench.sales.events);
  }

  // payments of deals that are over

  private void end(long number, DealOutcome outcome) {
    bench.open(number, ProviderState.SUSPENDED);
    endNow(number, outcome);
  }

  private void endNow(long number, DealOutcome outcome) {
    bench.sales.send(
        bench.id(number),
        ProviderEvent.ENDED,
        new ProviderInput.Ended(
            bench.sales.now(), 0, outcome, new DealReason(DealCode.CANCELLED, "")));
    bench.sales.events.clear();
  }

  @Test
  void voucherForAnEndedDealIsKeptAndAnswered() {
    end(1, DealOutcome.CANCELLED);

    receive(bench.payment(1, 1, 500));

    assertEquals(List.of(), bench.sales.events);
    assertEquals(TokenAmount.of(500), vouchered(1));
    assertEquals(
        List.of(TokenAmount.of(500)),
        bench.moneyJournal.stream()
            .filter(PaymentRecord.VoucherTaken.class::isInstance)
            .map(record -> ((PaymentRecord.VoucherTaken) record).voucher().amount())
            .toList());
    assertEquals(List.of("VOUCHER_RESULT CANCELLED"), bench.notices.told);
  }

  @Test
  void voucherForADealThatEndsMeanwhileIsKeptAndAnswered() {
    bench.open(1, ProviderState.SUSPENDED);
    bench.sales.before = () -> endNow(1, DealOutcome.PARTIAL);

    receive(bench.payment(1, 1, 500));

    assertEquals(TokenAmount.of(500), vouchered(1));
    assertEquals(List.of("VOUCHER_RESULT PARTIAL"), bench.notices.told);
  }

  @Test
  void voucherForACompletedDealIsKeptAndAnsweredAsSuch() {
    end(1, DealOutcome.COMPLETED);

    receive(bench.payment(1, 1, 500));

    assertEquals(TokenAmount.of(500), vouchered(1));
    assertEquals(List.of("COMPLETE classic COMPLETED"), bench.notices.told);
  }

  @Test
  void voucherForADealThatRestsUnpaidIsItsCredit() {
    bench.open(1, ProviderState.UNPAID);

    receive(bench.payment(1, 1, 500));

    assertEquals(List.of("PAID"), bench.sales.events);
    assertEquals(List.of(bench.id(1)), bench.sales.looks);
  }

  // refused ones

  @Test
  void forgedVoucherFailsALiveDealAndIsNotKept() {
    ServedTransfer transfer = bench.serve(1, ProviderState.FUNDS_NEEDED);
    bench.charge(1, 600);
    SigningKey stranger = SigningKey.generate(bench.random);

    receive(bench.signed(stranger, 1, 1, 600).payment(1, 600, false));

    assertEquals("FAILED_UNPAID", bench.sales.shown(bench.id(1)));
    assertEquals(TokenAmount.ZERO, vouchered(1));
    assertEquals(List.of(), bench.notices.told);
    assertEquals(List.of("refuse VOUCHER_BAD_SIGNATURE"), SaleBench.told(transfer));
    assertEquals(1, bench.sales.counts.refusals("VOUCHER_BAD_SIGNATURE"));
  }

  @Test
  void forgedVoucherForADealThatIsOverChangesNothing() {
    bench.open(1, ProviderState.UNPAID);
    SigningKey stranger = SigningKey.generate(bench.random);

    receive(bench.signed(stranger, 1, 1, 600).payment(1, 600, false));

    assertEquals(List.of(), bench.sales.events);
    assertEquals(List.of("VOUCHER_RESULT refused VOUCHER_BAD_SIGNATURE"), bench.notices.told);
    assertEquals(1, bench.sales.counts.refusals("VOUCHER_BAD_SIGNATURE"));
  }

  @Test
  void voucherForAFreeDealIsUnexpected() {
    bench.serveFree(1);

    receive(bench.payment(1, 1, 500));

    assertEquals(1, unexpected());
    assertEquals(List.of(), bench.sales.events);
  }

  @Test
  void voucherFromSomebodyElseIsUnexpected() {
    bench.open(1, ProviderState.FUNDS_NEEDED);
    ProviderDeal deal = bench.sales.deal(bench.id(1));
    ChannelId stranger = new ChannelId(Identity.generate().peerId(), bench.sales.self(), 1001);
    MachineId theirs = SaleContext.idOf(stranger.initiator(), 1);
    bench.sales.put(theirs, ProviderState.FUNDS_NEEDED, deal);

    receiver.receive(stranger, SaleBench.typed(bench.payment(1, 1, 500)));
    bench.sales.runTasks();

    assertEquals(1, unexpected());
    assertEquals(TokenAmount.ZERO, vouchered(1));
  }

  @Test
  void whatIsNoVoucherFailsTheDealOfItsChannel() {
    bench.open(1, ProviderState.SERVING);
    bench.live.remember(bench.id(1), ProviderState.SERVING, bench.sales.deal(bench.id(1)));

    receiver.receive(
        bench.transferOf(1), new TypedVoucher(RetrievalNames.PAYMENT, Node.of("nonsense")));
    bench.sales.runTasks();

    assertEquals("FAILED", bench.sales.shown(bench.id(1)));
    assertEquals(Optional.of(DealCode.VOUCHER_MALFORMED), bench.sales.deal(bench.id(1)).reason());
  }

  @Test
  void voucherOfAnUnknownTypeIsUnexpected() {
    receiver.receive(bench.transferOf(1), new TypedVoucher("AnythingElse/1", Node.of(1)));

    assertEquals(1, unexpected());
  }

  // payments before their deal

  @Test
  void ofVouchersThatComeBeforeTheirDealTheHighestIsHeld() {
    receive(bench.payment(1, 1, 300));
    receive(bench.payment(1, 3, 700));
    receive(bench.payment(1, 2, 500));
    assertEquals(0, unexpected());
    bench.open(1, ProviderState.FUNDS_NEEDED);

    receiver.admitted(bench.id(1));
    bench.sales.runTasks();

    assertEquals(TokenAmount.of(700), vouchered(1));
    assertEquals(1, bench.sales.deal(bench.id(1)).vouchers());
  }

  @Test
  void voucherIsHeldWhileItsDealWaitsForItsOpening() {
    bench.sales.put(
        bench.id(1),
        ProviderState.AWAITING_OPENING,
        bench.proposal(1, true, Optional.empty()).deal(bench.sales.now()));

    receive(bench.payment(1, 1, 300));

    assertEquals(0, unexpected());
    bench.open(1, ProviderState.FUNDS_NEEDED);
    receiver.admitted(bench.id(1));
    bench.sales.runTasks();
    assertEquals(TokenAmount.of(300), vouchered(1));
  }

  @Test
  void heldVouchersAreForgottenAndCounted() {
    receive(bench.payment(1, 1, 300));
    receive(bench.payment(2, 1, 300));

    receiver.forgetEarly(bench.clock.instant().plus(ProviderLimits.DEFAULT.waits().early()));
    assertEquals(0, unexpected());
    receiver.forgetEarly(
        bench
            .clock
            .instant()
            .plus(ProviderLimits.DEFAULT.waits().early())
            .plus(Duration.ofMillis(1)));

    assertEquals(2, unexpected());
    bench.open(1, ProviderState.FUNDS_NEEDED);
    receiver.admitted(bench.id(1));
    assertTrue(bench.sales.tasks.isEmpty());
  }

  // openings that come as vouchers

  private TypedVoucher opening(long number) {
    return new TypedVoucher(
        RetrievalNames.OPEN,
        DealOpening.CODEC.encode(bench.opening(number, number, SaleBench.TERMS)));
  }

  private ServedTransfer await(long number) {
    bench.sales.put(
        bench.id(number),
        ProviderState.AWAITING_OPENING,
        bench.proposal(number, true, Optional.empty()).deal(bench.sales.now()));
    ServedTransfer transfer =
        new ServedTransfer(
            new ServedTransfer.ServedDeal(bench.id(number), number, false, 1 << 20),
            new ServedTransfer.TransferStart(Exclusions.NONE, 0, 0),
            new FakePull(bench.transferOf(number)),
            Optional.empty(),
            bench.owner);
    bench.transfers.begin(transfer);
    return transfer;
  }

  @Test
  void lateOpeningBindsTheDeal() {
    await(1);

    receiver.receive(bench.transferOf(1), opening(1));
    bench.sales.runTasks();

    assertEquals(List.of("OPENED"), bench.sales.events);
    assertTrue(bench.sales.account(bench.id(1)).isPresent());
    assertEquals(List.of(bench.id(1)), bench.sales.looks);
  }

  @Test
  void wrongOpeningEndsTheDealUnserved() {
    ServedTransfer transfer = await(1);
    bench.dag.store().remove(bench.dag.root());

    receiver.receive(bench.transferOf(1), opening(1));
    bench.sales.runTasks();

    assertEquals("REFUSED", bench.sales.shown(bench.id(1)));
    assertEquals(List.of(), bench.notices.told);
    assertEquals(List.of("refuse NOT_FOUND"), SaleBench.told(transfer));
    assertEquals(0, bench.transfers.count());
  }

  @Test
  void openingOfADealThatDoesNotWaitForOneIsUnexpected() {
    bench.serve(1, ProviderState.SERVING);

    receiver.receive(bench.transferOf(1), opening(1));
    bench.sales.runTasks();

    assertEquals(1, unexpected());
    assertEquals(List.of(), bench.sales.events);
  }

  @Test
  void lateOpeningLetsItsTransferGoOn() {
    ServedTransfer transfer = await(1);
    BlockVisit first = new BlockVisit(bench.dag.root(), 1, 100, false, 100, 0);
    assertFalse(SaleBench.pass(transfer, first) instanceof BlockGate.GateDecision.Proceed);

    receiver.receive(bench.transferOf(1), opening(1));
    bench.sales.runTasks();

    assertTrue(SaleBench.pass(transfer, first) instanceof BlockGate.GateDecision.Proceed);
    assertEquals(100, bench.sales.account(bench.id(1)).orElseThrow().charged());
  }

  @Test
  void openingThatCannotBeRecordedFailsTheDeal() {
    ServedTransfer transfer = await(1);
    bench.sales.before =
        () -> bench.sales.put(bench.id(1), ProviderState.FINALIZING, bench.sales.deal(bench.id(1)));

    receiver.receive(bench.transferOf(1), opening(1));
    bench.sales.runTasks();

    assertEquals("!OPENED", bench.sales.events.getFirst());
    assertEquals("FAILED", bench.sales.shown(bench.id(1)));
    assertEquals(List.of("refuse classic ERRORED INTERNAL"), SaleBench.told(transfer));
    assertTrue(bench.sales.account(bench.id(1)).isEmpty(), "its lane is free");
  }

  /** Strangers may name as many deals as they like; so many are waited for. */
  @Test
  void vouchersForMoreDealsThanAreHeldAreUnexpected() {
    for (long number = 1; number <= 256; number++) {
      receive(bench.payment(1, 1, 300), number);
    }
    assertEquals(0, unexpected());

    receive(bench.payment(1, 1, 300), 257);

    assertEquals(1, unexpected());
  }

  private void receive(Payment payment, long deal) {
    Payment other =
        new Payment(
            deal,
            payment.chainId(),
            payment.contract(),
            payment.channel(),
            payment.lane(),
            payment.nonce(),
            payment.amount(),
            payment.bytes(),
            payment.last(),
            payment.signature());
    receive(other);
  }

  @Test
  void whatIsNoVoucherIsCountedAlsoWhereNoDealIsKnown() {
    receiver.receive(bench.transferOf(1), new TypedVoucher(RetrievalNames.PAYMENT, Node.of(1)));

    assertEquals(1, bench.sales.counts.refusals("VOUCHER_MALFORMED"));
  }
}
