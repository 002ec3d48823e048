package io.sluice.node.provider;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.fsm.MachineId;
import io.sluice.payments.DealRef;
import io.sluice.payments.payee.BlockPermit;
import io.sluice.payments.payee.DealAccount;
import io.sluice.payments.payee.OpenRequest;
import io.sluice.payments.payee.OpeningDecision;
import io.sluice.payments.payee.VoucherDecision;
import io.sluice.protocol.datatransfer.ServedPull;
import io.sluice.protocol.graphsync.BlockGate.GateDecision;
import io.sluice.protocol.graphsync.BlockVisit;
import io.sluice.protocol.graphsync.Exclusions;
import io.sluice.protocol.graphsync.TestDag;
import io.sluice.protocol.graphsync.wire.ResponseStatus;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.DealOpening;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mockito.Mockito;

/** The gate of one transfer, fed by hand. */
@Timeout(30)
class ServedTransferTest {

  private static final Cid CID =
      Cid.parse("bafkreifzjut3te7nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e");
  private static final long MARK = 1_000;

  private final Owner owner = new Owner();

  @TempDir Path folder;

  private static final class Owner implements ServedTransfer.Owner {
    final List<Long> progress = new ArrayList<>();
    final List<String> told = new ArrayList<>();
    CompletableFuture<Void> durable = new CompletableFuture<>();

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
      progress.add(charged);
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
      told.add(reason.name());
    }

    @Override
    public void sent(long bytes) {}
  }

  private ServedTransfer transfer(boolean free) {
    // The transfer beneath is a port of the protocol; here it only has to hand out a verdict.
    ServedPull pull = Mockito.mock(ServedPull.class);
    Mockito.when(pull.demand(List.of())).thenReturn(GateDecision.pause(Map.of()));
    return new ServedTransfer(
        new ServedTransfer.ServedDeal(new MachineId("p-1"), 1, free, MARK),
        new ServedTransfer.TransferStart(Exclusions.NONE, 0, 0),
        pull,
        Optional.empty(),
        owner);
  }

  private static BlockVisit visit(long number, int size, long before) {
    return new BlockVisit(CID, number, size, false, size, before);
  }

  @Test
  void withoutAnOpeningNothingPasses() {
    ServedTransfer transfer = transfer(false);

    assertFalse(SaleBench.pass(transfer, visit(1, 10, 0)) instanceof GateDecision.Proceed);
    assertEquals(List.of("closed PAYMENT_NEEDED at 0"), owner.told);
    assertTrue(transfer.goOn());
    assertFalse(transfer.goOn());
  }

  @Test
  void whatWasChargedBeforePassesWithoutAQuestion() {
    ServedTransfer transfer = transfer(true);
    assertTrue(SaleBench.pass(transfer, visit(1, 400, 0)) instanceof GateDecision.Proceed);
    assertEquals(400, transfer.charged());

    assertTrue(SaleBench.pass(transfer, visit(1, 400, 0)) instanceof GateDecision.Proceed);
    assertEquals(400, transfer.charged());
  }

  @Test
  void recordIsBegunHalfAMarkEarly() {
    ServedTransfer transfer = transfer(true);
    SaleBench.pass(transfer, visit(1, 400, 0));
    assertEquals(List.of(), owner.progress);
    SaleBench.pass(transfer, visit(2, 400, 400));
    assertEquals(List.of(400L), owner.progress);
    SaleBench.pass(transfer, visit(3, 400, 800));
    assertEquals(List.of(400L), owner.progress);
  }

  @Test
  void endIsToldOnce() {
    ServedTransfer transfer = transfer(true);
    transfer.onFinished(ResponseStatus.COMPLETED);
    transfer.onNetworkError(new IOException("late"));

    assertEquals(List.of("COMPLETED at 0"), owner.told);
  }

  @Test
  void abandonedTransferSaysNothingAndSendsNothing() {
    ServedTransfer transfer = transfer(true);
    assertTrue(transfer.abandon());

    assertFalse(SaleBench.pass(transfer, visit(1, 10, 0)) instanceof GateDecision.Proceed);
    transfer.onFinished(ResponseStatus.COMPLETED);
    assertEquals(List.of(), owner.told);
  }

  @Test
  void bytesBeyondTheMarkWaitUntilItIsDurable() throws Exception {
    try (Market market = new Market(folder)) {
      Client client = market.client("client");
      Bytes32 channel = client.channel(100_000);
      DealAccount account = account(market, client, channel);
      ServedTransfer transfer =
          new ServedTransfer(
              new ServedTransfer.ServedDeal(new MachineId("p-1"), 1, false, MARK / 2),
              new ServedTransfer.TransferStart(Exclusions.NONE, 0, 0),
              Mockito.mock(ServedPull.class),
              Optional.of(account),
              owner);
      assertTrue(SaleBench.pass(transfer, visit(1, 300, 0)) instanceof GateDecision.Proceed);
      assertTrue(SaleBench.pass(transfer, visit(2, 100, 300)) instanceof GateDecision.Proceed);
      assertEquals(List.of(0L), owner.progress);

      CompletableFuture<GateDecision> beyond =
          CompletableFuture.supplyAsync(() -> SaleBench.pass(transfer, visit(3, 200, 400)));
      assertFalse(beyond.isDone());
      owner.durable.complete(null);
      assertTrue(beyond.get(10, TimeUnit.SECONDS) instanceof GateDecision.Proceed);
    }
  }

  @Test
  void requestFromBeforeWhatIsPaidStopsAndNobodyLetsItGoOn() throws Exception {
    try (Market market = new Market(folder)) {
      Client client = market.client("client");
      Bytes32 channel = client.channel(100_000);
      DealAccount account = account(market, client, channel);
      VoucherDecision.Kept paid =
          assertInstanceOf(
              VoucherDecision.Kept.class,
              market
                  .payments
                  .payee()
                  .receive(
                      new DealRef("p-1"),
                      client.voucher(channel, 0, 1, 500).payment(1, 500, false)));
      market.payments.append(paid.taken());
      ServedTransfer transfer =
          new ServedTransfer(
              new ServedTransfer.ServedDeal(new MachineId("p-1"), 1, false, MARK),
              new ServedTransfer.TransferStart(Exclusions.NONE, 0, 500),
              Mockito.mock(ServedPull.class),
              Optional.of(account),
              owner);

      assertFalse(SaleBench.pass(transfer, visit(1, 300, 0)) instanceof GateDecision.Proceed);
      assertEquals(List.of("behind 0"), owner.told);
      assertFalse(transfer.goOn());
    }
  }

  private static DealAccount account(Market market, Client client, Bytes32 channel)
      throws Exception {
    DealOpening open =
        client.opening(1, market.dag.root(), channel, 0, Market.TERMS, Optional.empty());
    OpeningDecision opening =
        market
            .payments
            .payee()
            .open(
                new OpenRequest(
                    new DealRef("p-1"),
                    open,
                    client.host.id(),
                    market.host.id(),
                    market.dag.root(),
                    TestDag.ALL));
    return market.payments.append(((OpeningDecision.Admitted) opening).account());
  }
}
