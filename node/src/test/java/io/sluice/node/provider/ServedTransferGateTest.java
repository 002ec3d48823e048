package io.sluice.node.provider;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.fsm.provider.ProviderState;
import io.sluice.payments.payee.BlockPermit;
import io.sluice.payments.payee.DealAccount;
import io.sluice.protocol.graphsync.BlockGate.GateDecision;
import io.sluice.protocol.graphsync.BlockVisit;
import io.sluice.protocol.graphsync.Exclusions;
import io.sluice.protocol.graphsync.ResponsePosition;
import io.sluice.protocol.graphsync.TestDag;
import io.sluice.protocol.graphsync.wire.ResponseStatus;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The gate of a paid transfer, visit by visit. */
@Timeout(60)
class ServedTransferGateTest {

  private static final long MARK = 1_000;
  private static final Cid ROOT = TestDag.of(1, 1, 1, 10).root();

  @TempDir Path folder;
  private SaleBench bench;
  private final List<String> told = Collections.synchronizedList(new ArrayList<>());
  private final CompletableFuture<Void> durable = new CompletableFuture<>();

  private final ServedTransfer.Owner owner =
      new ServedTransfer.Owner() {
        @Override
        public Instant now() {
          return Instant.EPOCH;
        }

        @Override
        public void gateClosed(ServedTransfer transfer, BlockPermit why, long charged) {
          told.add("closed " + why + " at " + charged);
        }

        @Override
        public CompletableFuture<?> progress(ServedTransfer transfer, long charged) {
          told.add("record " + charged);
          return durable;
        }

        @Override
        public void behind(ServedTransfer transfer, long position) {
          told.add("behind " + position);
        }

        @Override
        public void finished(ServedTransfer transfer, ResponseStatus status, long charged) {
          told.add(status + " at " + charged);
        }

        @Override
        public void stopped(ServedTransfer transfer, DealCode reason, String message) {
          told.add(reason + " " + message);
        }

        @Override
        public void sent(long bytes) {
          told.add("sent " + bytes);
        }
      };

  @BeforeEach
  void open() throws IOException {
    use(new SaleBench(folder));
  }

  private void use(SaleBench with) {
    bench = with;
  }

  @AfterEach
  void close() throws IOException {
    bench.close();
  }

  private ServedTransfer transfer(
      Optional<DealAccount> account, long position, long charged, long mark) {
    return new ServedTransfer(
        new ServedTransfer.ServedDeal(bench.id(1), 1, false, mark),
        new ServedTransfer.TransferStart(Exclusions.NONE, position, charged),
        new FakePull(bench.transferOf(1)),
        account,
        owner);
  }

  private static BlockVisit visit(long number, long size, long before) {
    return new BlockVisit(ROOT, number, (int) size, false, size, before);
  }

  private static void assertPasses(GateDecision decision) {
    assertSame(GateDecision.PASS, decision);
  }

  private static void assertStops(GateDecision decision) {
    assertInstanceOf(GateDecision.Pause.class, decision);
  }

  @Test
  void blockThatCannotBeReadIsNotCharged() throws InterruptedException {
    DealAccount account = bench.open(1, ProviderState.SERVING);
    ServedTransfer transfer = transfer(Optional.of(account), 0, 0, 4_000);

    assertPasses(transfer.before(visit(1, 300, 0))); // damaged on the disk: no visit follows
    assertPasses(SaleBench.pass(transfer, visit(2, 200, 0)));

    assertEquals(200, transfer.charged());
    assertEquals(200, account.charged());
  }

  // marks

  /** Runs the gate on a thread of its own and gives that thread once it waits or is done. */
  private static Thread asked(Runnable gate) {
    Thread walk = Thread.ofPlatform().start(gate);
    Market.until(
        () -> walk.getState() == Thread.State.WAITING || walk.getState() == Thread.State.TERMINATED,
        () -> "the walk is " + walk.getState());
    return walk;
  }

  @Test
  void bytesBeyondTheMarkWaitForTheRecord() throws InterruptedException {
    ServedTransfer transfer =
        transfer(Optional.of(bench.open(1, ProviderState.SERVING)), 0, 0, 400);
    assertPasses(SaleBench.pass(transfer, visit(1, 300, 0)));

    Thread walk =
        asked(
            () -> {
              SaleBench.pass(transfer, visit(2, 200, 300));
              told.add("passed");
            });
    assertEquals(Thread.State.WAITING, walk.getState());
    told.add("durable");
    durable.complete(null);
    walk.join();

    assertEquals(List.of("record 0", "durable", "passed"), told);
  }

  @Test
  void bytesUpToTheMarkWaitForNothing() {
    ServedTransfer transfer =
        transfer(Optional.of(bench.open(1, ProviderState.SERVING)), 0, 0, 400);

    assertPasses(SaleBench.pass(transfer, visit(1, 300, 0)));
    assertPasses(SaleBench.pass(transfer, visit(2, 100, 300)));

    assertEquals(List.of("record 0"), told);
  }

  @Test
  void recordThatFailsHoldsTheWalkNoLonger() {
    ServedTransfer transfer =
        transfer(Optional.of(bench.open(1, ProviderState.SERVING)), 0, 0, 400);
    durable.completeExceptionally(new IOException("the disk is full"));
    assertPasses(SaleBench.pass(transfer, visit(1, 300, 0)));

    assertPasses(SaleBench.pass(transfer, visit(2, 200, 300)));
  }

  @Test
  void nextMarkIsCountedFromTheLastRecord() {
    ServedTransfer transfer =
        transfer(Optional.of(bench.open(1, ProviderState.SERVING)), 0, 0, 400);
    durable.complete(null);
    SaleBench.pass(transfer, visit(1, 150, 0));
    SaleBench.pass(transfer, visit(2, 150, 150));
    assertEquals(List.of("record 150"), told);

    SaleBench.pass(transfer, visit(3, 50, 300));
    assertEquals(List.of("record 150"), told);
    SaleBench.pass(transfer, visit(4, 100, 350));
    assertEquals(List.of("record 150", "record 350"), told);
  }

  // money

  @Test
  void windowPassesAndThenTheGateClosesWithADemand() {
    ServedTransfer transfer =
        transfer(Optional.of(bench.open(1, ProviderState.SERVING)), 0, 0, MARK * 10);
    assertPasses(SaleBench.pass(transfer, visit(1, 999, 0)));
    assertPasses(SaleBench.pass(transfer, visit(2, 1, 999)));

    assertStops(SaleBench.pass(transfer, visit(3, 10, 1_000)));

    assertEquals(List.of("closed PAYMENT_NEEDED at 1000"), told);
    assertEquals(
        List.of("demand [classic FUNDS_NEEDED, FUNDS_NEEDED owed 1000 for 1000]"),
        SaleBench.told(transfer));
    assertEquals(10, transfer.wanted());
    assertTrue(transfer.goOn());
  }

  @Test
  void sameDemandIsNotMadeTwice() {
    ServedTransfer transfer =
        transfer(Optional.of(bench.open(1, ProviderState.SERVING)), 0, 0, MARK * 10);
    SaleBench.pass(transfer, visit(1, 1_000, 0));
    SaleBench.pass(transfer, visit(2, 10, 1_000));

    assertStops(SaleBench.pass(transfer, visit(2, 10, 1_000)));

    assertEquals("demand []", SaleBench.told(transfer).getLast());
  }

  @Test
  void paymentLetsTheSameBlockPass() {
    ServedTransfer transfer =
        transfer(Optional.of(bench.open(1, ProviderState.SERVING)), 0, 0, MARK * 10);
    SaleBench.pass(transfer, visit(1, 1_000, 0));
    assertStops(SaleBench.pass(transfer, visit(2, 10, 1_000)));

    bench.payAccount(1, 1, 1_000);

    assertPasses(SaleBench.pass(transfer, visit(2, 10, 1_000)));
    assertEquals(1_010, transfer.charged());
    assertEquals(1_010, bench.sales.account(bench.id(1)).orElseThrow().charged());
  }

  @Test
  void usedUpDepositClosesTheGateWithoutADemand() throws IOException {
    bench.close();
    use(new SaleBench(folder.resolve("small"), 1_000, TokenAmount.ZERO));
    ServedTransfer transfer =
        transfer(Optional.of(bench.open(1, ProviderState.SERVING)), 0, 0, MARK * 10);
    SaleBench.pass(transfer, visit(1, 1_000, 0));
    bench.payAccount(1, 1, 1_000);

    assertStops(SaleBench.pass(transfer, visit(2, 10, 1_000)));

    assertEquals(List.of("closed DEPOSIT_USED at 1000"), told);
    assertEquals(List.of("demand []"), SaleBench.told(transfer));
  }

  @Test
  void openingThatComesLateOpensTheGate() {
    ServedTransfer transfer = transfer(Optional.empty(), 0, 0, MARK);
    assertStops(SaleBench.pass(transfer, visit(1, 10, 0)));

    transfer.paidBy(bench.open(1, ProviderState.SERVING));

    assertPasses(SaleBench.pass(transfer, visit(1, 10, 0)));
  }

  // behind what is paid

  private ServedTransfer paid(long charged, long amount, long position) {
    DealAccount account = bench.open(1, ProviderState.SERVING);
    account.charged(charged);
    bench.payAccount(1, 1, amount);
    return transfer(Optional.of(account), position, charged, MARK * 10);
  }

  @Test
  void requestFromBeforeWhatIsPaidStops() {
    ServedTransfer transfer = paid(900, 500, 3);

    assertStops(SaleBench.pass(transfer, visit(4, 100, 499)));

    assertEquals(List.of("behind 3"), told);
    assertFalse(transfer.goOn(), "nobody lets it go on");
  }

  @Test
  void requestFromExactlyWhatIsPaidPasses() {
    ServedTransfer transfer = paid(900, 500, 3);

    assertPasses(SaleBench.pass(transfer, visit(4, 100, 500)));
    assertEquals(List.of(), told);
  }

  @Test
  void onlyTheFirstVisitThatIsWantedTellsWhereTheRequestBegins() {
    ServedTransfer transfer = paid(900, 500, 3);

    assertPasses(SaleBench.pass(transfer, visit(3, 100, 0)));
    assertPasses(SaleBench.pass(transfer, visit(4, 100, 500)));
    assertPasses(SaleBench.pass(transfer, visit(5, 100, 0)));
    assertEquals(List.of(), told);
  }

  /**
   * What the vouchers are worth and what of them counts differ while the deposit is short: by our
   * own books this client has paid for 800 bytes, so from 900 on it is not behind.
   */
  @Test
  void voucherThatDoesNotCountYetPutsNobodyBehind() throws IOException {
    bench.close();
    use(new SaleBench(folder.resolve("small"), 800, TokenAmount.ZERO));
    ServedTransfer transfer = paid(950, 1_000, 3);
    DealAccount account = bench.sales.account(bench.id(1)).orElseThrow();
    assertEquals(TokenAmount.of(800), account.credit());
    assertEquals(TokenAmount.of(1_000), account.vouchered());

    assertPasses(SaleBench.pass(transfer, visit(4, 50, 900)));

    bench.topUp(500);
    ServedTransfer again = transfer(Optional.of(account), 3, 950, MARK * 10);
    assertStops(SaleBench.pass(again, visit(4, 50, 900)));
    assertEquals(List.of("behind 3"), told);
  }

  // the end

  @Test
  void endIsToldWithAllThatTheWalkHasCharged() {
    ServedTransfer transfer = transfer(Optional.empty(), 0, 100, MARK);

    transfer.onWalkEnded(ResponseStatus.COMPLETED, new ResponsePosition(9, 700, 3, 700));
    transfer.onFinished(ResponseStatus.COMPLETED);
    transfer.onCancelledByPeer();

    assertEquals(List.of("COMPLETED at 700"), told);
  }

  @Test
  void earlierTransfersMayHaveChargedMore() {
    ServedTransfer transfer = transfer(Optional.empty(), 0, 900, MARK);

    transfer.onWalkEnded(ResponseStatus.COMPLETED, new ResponsePosition(9, 700, 3, 700));

    assertEquals(900, transfer.charged());
  }

  @Test
  void clientThatStopsAndNetworkThatFailsStopIt() {
    transfer(Optional.empty(), 0, 0, MARK).onCancelledByPeer();
    transfer(Optional.empty(), 0, 0, MARK).onNetworkError(new IOException("reset"));

    assertEquals(
        List.of("CONNECTION_LOST the client stopped the transfer", "CONNECTION_LOST reset"), told);
  }

  @Test
  void openingOfTheGateIsRecordedOnceAtATime() {
    ServedTransfer transfer = transfer(Optional.empty(), 0, 0, 400);

    assertTrue(transfer.mayRecordOpening());
    assertFalse(transfer.mayRecordOpening());
    transfer.openingIsRecorded();
    assertTrue(transfer.mayRecordOpening());
  }

  @Test
  void whatWasWrittenIsTold() {
    ServedTransfer transfer = transfer(Optional.empty(), 0, 0, 400);

    transfer.onSent(2, 300);

    assertEquals(List.of("sent 300"), told);
    assertEquals(1, transfer.number());
  }
}
