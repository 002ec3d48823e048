package io.sluice.node.provider;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.fsm.provider.ProviderState;
import io.sluice.protocol.datatransfer.PullDecision;
import io.sluice.protocol.datatransfer.PullRequest;
import io.sluice.protocol.datatransfer.PullRequest.PullKind;
import io.sluice.protocol.datatransfer.TypedVoucher;
import io.sluice.protocol.graphsync.Exclusions;
import io.sluice.protocol.graphsync.TestDag;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.DealOpening;
import io.sluice.protocol.retrieval.DealProposal;
import io.sluice.protocol.retrieval.RetrievalNames;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How requests are read, how often, and what is answered without looking at a deal. */
class ProposalsTest {

  @TempDir Path folder;
  private SaleBench bench;
  private Proposals proposals;
  private final Set<PeerId> blocked = new HashSet<>();

  @BeforeEach
  void open() throws IOException {
    bench = new SaleBench(folder);
    use(ProviderLimits.DEFAULT.with(new ProviderLimits.PeerRates(60, 2, 60)));
  }

  private void use(ProviderLimits limits) {
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
            new ProposalChecks(bench.sales, bench.transfers, bench.stock, limits),
            refusals);
    proposals =
        new Proposals(
            bench.sales,
            bench.live,
            limits,
            admission,
            refusals,
            new CompletedRestarts(
                bench.sales, bench.clientNotices, bench.dag.store(), limits.restarts()),
            bench.clock,
            blocked::contains);
  }

  @AfterEach
  void close() throws IOException {
    bench.close();
  }

  private PullRequest request(long number, PullKind kind, boolean opened) {
    Optional<Node> opening =
        opened
            ? Optional.of(DealOpening.CODEC.encode(bench.opening(number, number, SaleBench.TERMS)))
            : Optional.empty();
    return bench.request(number, kind, SaleBench.TERMS, Exclusions.NONE, opening);
  }

  private static Optional<String> refused(PullDecision decision) {
    return assertInstanceOf(PullDecision.Reject.class, decision).result().map(Notices::text);
  }

  private static void assertAccepted(PullDecision decision) {
    assertInstanceOf(PullDecision.Accept.class, decision);
  }

  @Test
  void openingInTheRequestBindsTheDeal() {
    assertAccepted(proposals.decide(request(1, PullKind.NEW, true)));

    assertEquals(ProviderState.SERVING, bench.sales.state(bench.id(1)));
  }

  @Test
  void peerThatIsDeniedIsTurnedAwayBeforeAllElse() {
    PullRequest request = request(1, PullKind.NEW, true);
    blocked.add(request.channel().initiator());

    assertTrue(refused(proposals.decide(request)).orElseThrow().contains("PEER_BLOCKED"));

    blocked.clear();
    assertAccepted(proposals.decide(request));
  }

  @Test
  void termsWithoutOpeningWaitForIt() {
    assertAccepted(proposals.decide(request(1, PullKind.NEW, false)));

    assertEquals(ProviderState.AWAITING_OPENING, bench.sales.state(bench.id(1)));
  }

  @Test
  void openingThatWasAwaitedMayComeWithTheNextRequest() {
    proposals.decide(request(1, PullKind.NEW, false));

    assertAccepted(proposals.decide(request(1, PullKind.NEW, true)));

    assertEquals(ProviderState.SERVING, bench.sales.state(bench.id(1)));
  }

  @Test
  void unreadableProposalIsRejectedWithoutAWord() {
    PullRequest plain = request(1, PullKind.NEW, true);
    PullRequest broken =
        new PullRequest(
            plain.channel(),
            plain.kind(),
            plain.root(),
            plain.selector(),
            Optional.of(new TypedVoucher(RetrievalNames.PROPOSAL, Node.of("nonsense"))),
            plain.asked(),
            plain.extensions(),
            plain.pull());

    assertEquals(Optional.empty(), refused(proposals.decide(broken)));
    assertEquals(List.of(), bench.sales.events);
  }

  @Test
  void proposalForSomethingElseThanTheRequestIsRefused() {
    Cid other = TestDag.of(9, 1, 1, 10).root();
    for (DealProposal wrong :
        List.of(
            DealProposal.of(other, 1, TestDag.ALL, SaleBench.TERMS),
            DealProposal.of(bench.dag.root(), 1, Node.of("other"), SaleBench.TERMS))) {
      PullRequest plain = request(1, PullKind.NEW, false);
      PullRequest request =
          new PullRequest(
              plain.channel(),
              plain.kind(),
              plain.root(),
              plain.selector(),
              Optional.of(
                  new TypedVoucher(RetrievalNames.PROPOSAL, DealProposal.CODEC.encode(wrong))),
              plain.asked(),
              Map.of(),
              plain.pull());

      assertEquals(
          Optional.of("classic REJECTED BAD_PROPOSAL"), refused(proposals.decide(request)));
    }
  }

  @Test
  void tooManyProposalsAreToldHowLongToWait() {
    proposals.decide(request(1, PullKind.NEW, true));
    proposals.decide(request(2, PullKind.NEW, true));

    assertEquals(
        Optional.of("RATE_LIMITED"), refused(proposals.decide(request(3, PullKind.NEW, true))));
    assertTrue(bench.sales.find(bench.id(3)).isEmpty());
  }

  @Test
  void restartsOfLiveDealsAreCountedApart() {
    proposals.decide(request(1, PullKind.NEW, true));
    bench.live.remember(bench.id(1), ProviderState.SERVING, bench.sales.deal(bench.id(1)));
    for (int time = 0; time < 4; time++) {
      assertAccepted(proposals.decide(request(1, PullKind.RESTART, true)));
    }

    assertAccepted(proposals.decide(request(2, PullKind.NEW, true)));
  }

  @Test
  void closingProviderBeginsNothing() {
    proposals.decide(request(1, PullKind.NEW, true));
    proposals.beginNoMore();

    assertEquals(
        Optional.of("SHUTTING_DOWN"), refused(proposals.decide(request(2, PullKind.NEW, true))));
    bench.live.remember(bench.id(1), ProviderState.SERVING, bench.sales.deal(bench.id(1)));
    assertAccepted(proposals.decide(request(1, PullKind.RESTART, true)));
  }

  // pauses

  @Test
  void clientThatPausedGoesOnWithoutAProposal() {
    bench.open(1, ProviderState.SUSPENDED);
    bench.live.remember(bench.id(1), ProviderState.SUSPENDED, bench.sales.deal(bench.id(1)));

    assertAccepted(proposals.decide(request(1, PullKind.RESUME, false)));

    assertEquals(List.of("RESTARTED"), bench.sales.events);
  }

  @Test
  void resumptionOfNothingIsRejectedWithoutAWord() {
    assertEquals(Optional.empty(), refused(proposals.decide(request(1, PullKind.RESUME, false))));
  }

  @Test
  void resumptionThatLeavesOutOtherBlocksIsRefused() {
    bench.open(1, ProviderState.SUSPENDED);
    bench.live.remember(bench.id(1), ProviderState.SUSPENDED, bench.sales.deal(bench.id(1)));
    PullRequest request =
        bench.request(
            1,
            PullKind.RESUME,
            SaleBench.TERMS,
            new Exclusions(0, List.of(bench.dag.root())),
            Optional.empty());

    assertEquals(
        Optional.of("classic REJECTED EXCLUSIONS_CHANGED"), refused(proposals.decide(request)));
  }
}
