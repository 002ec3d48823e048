package io.sluice.node.provider;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.fsm.provider.ProviderEvent;
import io.sluice.fsm.provider.ProviderInput;
import io.sluice.fsm.provider.ProviderState;
import io.sluice.protocol.datatransfer.PullDecision;
import io.sluice.protocol.datatransfer.PullRequest;
import io.sluice.protocol.datatransfer.PullRequest.PullKind;
import io.sluice.protocol.graphsync.BlockGate;
import io.sluice.protocol.graphsync.BlockGate.GateDecision;
import io.sluice.protocol.graphsync.BlockVisit;
import io.sluice.protocol.graphsync.Exclusions;
import io.sluice.protocol.graphsync.wire.ResponseStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Restarts of deals that are completed at this end. */
class CompletedRestartsTest {

  private static final int MOST = 3;

  @TempDir Path folder;
  private SaleBench bench;
  private CompletedRestarts restarts;

  @BeforeEach
  void open() throws IOException {
    bench = new SaleBench(folder);
    restarts = new CompletedRestarts(bench.sales, bench.clientNotices, bench.dag.store(), MOST);
  }

  @AfterEach
  void close() throws IOException {
    bench.close();
  }

  /** A deal of 900 bytes, of which so many are paid. */
  private void complete(long paid) {
    bench.open(1, ProviderState.FINALIZING);
    bench.charge(1, 900);
    if (paid > 0) {
      bench.payAccount(1, 1, paid);
    }
    bench.sales.send(bench.id(1), ProviderEvent.SETTLED, new ProviderInput.At(bench.sales.now()));
    bench.sales.events.clear();
  }

  private PullRequest request(PullKind kind, long position) {
    return bench.request(
        1, kind, SaleBench.TERMS, new Exclusions(position, List.of()), Optional.empty());
  }

  private Optional<PullDecision> accept(PullRequest request) {
    return restarts.accept(request, bench.sales.find(bench.id(1)).orElseThrow());
  }

  private static BlockGate gate(Optional<PullDecision> decision) {
    return ((PullDecision.Accept) decision.orElseThrow()).serving().gate();
  }

  private BlockVisit visit(long number, long before) {
    return new BlockVisit(bench.dag.root(), number, 100, false, 100, before);
  }

  @Test
  void newRequestIsAcceptedInWordsAndRestartWithout() {
    complete(900);

    PullDecision.Accept asNew =
        (PullDecision.Accept) accept(request(PullKind.NEW, 0)).orElseThrow();
    PullDecision.Accept again =
        (PullDecision.Accept) accept(request(PullKind.RESTART, 0)).orElseThrow();

    assertEquals("classic ACCEPTED", Notices.text(asNew.result().orElseThrow()));
    assertTrue(again.result().isEmpty());
  }

  @Test
  void thereMayBeSoManyAndNoMore() {
    complete(900);
    for (int time = 1; time <= MOST; time++) {
      assertTrue(accept(request(PullKind.RESTART, 0)).isPresent());
    }

    assertTrue(accept(request(PullKind.RESTART, 0)).isEmpty());
  }

  @Test
  void fromThePaidPositionOnItIsSentAgain() {
    complete(900);
    BlockGate gate = gate(accept(request(PullKind.RESTART, 4)));

    assertSame(GateDecision.PASS, gate.before(visit(4, 100)), "skipped on the wire");
    assertSame(GateDecision.PASS, gate.before(visit(5, 900)));
    assertSame(GateDecision.PASS, gate.before(visit(6, 0)), "looked at once only");
  }

  @Test
  void fromBeforeThePaidPositionItIsRefused() {
    complete(900);
    PullRequest request = request(PullKind.RESTART, 4);
    BlockGate gate = gate(accept(request));

    assertInstanceOf(GateDecision.Pause.class, gate.before(visit(5, 899)));
    bench.sales.runTasks();

    assertEquals(List.of("refuse RESTART_BEHIND_PAID"), ((FakePull) request.pull()).told);
    assertEquals(1, bench.sales.counts.refusals("RESTART_BEHIND_PAID"));
    assertEquals(List.of(), bench.sales.events);
  }

  @Test
  void creditThatTheLedgerConfirmedSinceCounts() {
    complete(300);
    assertEquals(0, bench.sales.deal(bench.id(1)).credit().value().signum());
    BlockGate gate = gate(accept(request(PullKind.RESTART, 0)));

    assertInstanceOf(GateDecision.Pause.class, gate.before(visit(1, 299)));
  }

  @Test
  void clientHearsWhereTheDealStands() {
    complete(900);
    var listener =
        ((PullDecision.Accept) accept(request(PullKind.RESTART, 0)).orElseThrow())
            .serving()
            .listener();

    listener.onFinished(ResponseStatus.CANCELLED);
    bench.sales.runTasks();
    assertEquals(List.of(), bench.notices.told);
    listener.onFinished(ResponseStatus.COMPLETED);
    bench.sales.runTasks();

    assertEquals(List.of("COMPLETE classic COMPLETED"), bench.notices.told);
  }

  @Test
  void clientThatOwesIsAskedForTheRest() {
    complete(300);
    var listener =
        ((PullDecision.Accept) accept(request(PullKind.RESTART, 0)).orElseThrow())
            .serving()
            .listener();

    listener.onFinished(ResponseStatus.COMPLETED);
    bench.sales.runTasks();

    assertEquals(List.of("COMPLETE paused classic FUNDS_NEEDED_LAST_PAYMENT"), bench.notices.told);
  }

  @Test
  void whatIsSentAgainIsCountedAsServed() {
    complete(900);

    ((PullDecision.Accept) accept(request(PullKind.RESTART, 0)).orElseThrow())
        .serving()
        .listener()
        .onSent(2, 512);

    assertEquals(512, bench.sales.counts.served());
  }
}
