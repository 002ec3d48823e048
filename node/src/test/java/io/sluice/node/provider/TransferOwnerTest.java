package io.sluice.node.provider;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.sluice.fsm.provider.ProviderState;
import io.sluice.payments.payee.BlockPermit;
import io.sluice.protocol.graphsync.ResponsePosition;
import io.sluice.protocol.graphsync.wire.ResponseStatus;
import io.sluice.protocol.retrieval.DealCode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a deal makes of what its transfer tells. */
class TransferOwnerTest {

  @TempDir Path folder;
  private SaleBench bench;
  private ServedTransfer transfer;

  @BeforeEach
  void open() throws IOException {
    bench = new SaleBench(folder);
    transfer = bench.serve(1, ProviderState.SERVING);
  }

  @AfterEach
  void close() throws IOException {
    bench.close();
  }

  private void finish(ResponseStatus status, long charged) {
    transfer.onWalkEnded(status, new ResponsePosition(1, charged, 1, charged));
    transfer.onFinished(status);
    bench.sales.runTasks();
  }

  @Test
  void closedGateIsRecordedAtOnce() {
    bench.owner.gateClosed(transfer, BlockPermit.PAYMENT_NEEDED, 750);

    assertEquals(List.of("GATE_CLOSED"), bench.sales.events);
    assertEquals(750, bench.sales.deal(bench.id(1)).charged());
  }

  @Test
  void progressSaysWhenItIsDurable() {
    assertTrue(bench.owner.progress(transfer, 750).isDone());

    assertEquals(List.of("PROGRESS"), bench.sales.events);
  }

  @Test
  void everythingSentAsksForTheLastPayment() {
    finish(ResponseStatus.COMPLETED, 900);

    assertEquals(List.of("ALL_SENT"), bench.sales.events);
    assertEquals(900, bench.sales.deal(bench.id(1)).charged());
    assertTrue(bench.transfers.of(bench.id(1)).isPresent(), "the last demand is made by it");
  }

  @Test
  void missingBlocksEndItInPartAndWhatCameIsAskedFor() {
    finish(ResponseStatus.COMPLETED_PARTIAL, 900);

    assertEquals("PARTIAL_UNPAID", bench.sales.shown(bench.id(1)));
    assertEquals(List.of("VOUCHER_RESULT paused PARTIAL owed 900 for 900"), bench.notices.told);
    assertEquals(0, bench.transfers.count());
  }

  @Test
  void missingBlocksOfAPaidDealAreNotAskedFor() {
    bench.payAccount(1, 1, 900);

    finish(ResponseStatus.COMPLETED_PARTIAL, 900);

    assertEquals("PARTIAL", bench.sales.shown(bench.id(1)));
    assertEquals(List.of(), bench.notices.told);
  }

  static Stream<Arguments> failures() {
    return Stream.of(
        arguments(ResponseStatus.NOT_FOUND, DealCode.NOT_FOUND),
        arguments(ResponseStatus.FAILED, DealCode.INTERNAL));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void otherEndsAreFailures(ResponseStatus status, DealCode code) {
    finish(status, 0);

    assertEquals("FAILED", bench.sales.shown(bench.id(1)));
    assertEquals(Optional.of(code), bench.sales.deal(bench.id(1)).reason());
    assertEquals(0, bench.transfers.count());
  }

  @Test
  void whoeverCancelsTheTransferSeesToTheDeal() {
    finish(ResponseStatus.CANCELLED, 0);

    assertEquals(List.of(), bench.sales.events);
  }

  @Test
  void restartFromBeforeWhatIsPaidIsRefusedAndTheDealWaits() {
    bench.owner.behind(transfer, 7);
    bench.sales.runTasks();

    assertEquals(List.of(), bench.notices.told);
    assertEquals(List.of("refuse RESTART_BEHIND_PAID"), SaleBench.told(transfer));
    assertEquals(ProviderState.SUSPENDED, bench.sales.state(bench.id(1)));
    assertEquals(1, bench.sales.counts.refusals("RESTART_BEHIND_PAID"));
  }

  @Test
  void lostConnectionSuspendsWithWhatWasCharged() {
    transfer.onWalkEnded(ResponseStatus.COMPLETED, new ResponsePosition(1, 640, 1, 640));

    transfer.onNetworkError(new IOException("reset"));
    assertEquals(0, bench.transfers.count(), "its room is free at once");
    bench.sales.runTasks();

    assertEquals(List.of("SUSPENDED"), bench.sales.events);
    assertEquals(640, bench.sales.deal(bench.id(1)).charged());
  }

  @Test
  void blocksAreCountedAsServed() {
    transfer.onSent(3, 750);

    assertEquals(750, bench.sales.counts.served());
  }
}
