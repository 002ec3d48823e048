package io.sluice.node.provider;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.fsm.provider.ProviderEvent;
import io.sluice.fsm.provider.ProviderInput;
import io.sluice.fsm.provider.ProviderState;
import io.sluice.protocol.datatransfer.PullDecision;
import io.sluice.protocol.datatransfer.PullRequest;
import io.sluice.protocol.datatransfer.PullRequest.PullKind;
import io.sluice.protocol.graphsync.BlockGate;
import io.sluice.protocol.graphsync.BlockVisit;
import io.sluice.protocol.graphsync.Exclusions;
import io.sluice.protocol.graphsync.TestDag;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.DealOpening;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is durable, reserved and running once a proposal was accepted or refused. */
class AdmissionTest {

  private static final int LISTED = 2;

  @TempDir Path folder;
  private SaleBench bench;
  private Admission admission;

  @BeforeEach
  void open() throws IOException {
    bench = new SaleBench(folder);
    use(ProviderLimits.DEFAULT);
  }

  @AfterEach
  void close() throws IOException {
    bench.close();
  }

  private void use(ProviderLimits limits) {
    ProviderLimits few =
        new ProviderLimits(
            limits.deals(),
            limits.rates(),
            limits.waits(),
            LISTED,
            limits.restarts(),
            limits.markBytes(),
            limits.refusalsKept());
    RefusalSender refusals =
        new RefusalSender(bench.sales.metrics(), new RefusedProposals(bench.sales, 16));
    admission =
        new Admission(
            bench.sales,
            bench.transfers,
            bench.owner,
            new ServedChannels(),
            bench.dag.store(),
            few,
            new ProposalChecks(bench.sales, bench.transfers, bench.stock, few),
            refusals);
  }

  private IncomingProposal paid(long number, Terms terms) {
    return bench.proposal(number, true, Optional.of(bench.opening(number, number, terms)));
  }

  private static PullDecision.Accept accepted(PullDecision decision) {
    return assertInstanceOf(PullDecision.Accept.class, decision);
  }

  private static String refused(PullDecision decision) {
    return assertInstanceOf(PullDecision.Reject.class, decision)
        .result()
        .map(Notices::text)
        .orElseThrow();
  }

  // free deals

  @Test
  void freeDealIsDurableThenServed() throws IOException {
    bench.prices.set(Optional.of(bench.dag.root()), Terms.FREE);

    PullDecision.Accept decision =
        accepted(admission.begin(bench.proposal(1, false, Optional.empty()), false));

    assertFalse(decision.paused());
    assertEquals("classic ACCEPTED", Notices.text(decision.result().orElseThrow()));
    assertEquals(List.of("STARTED", "ADMITTED"), bench.sales.events);
    assertEquals(ProviderState.SERVING, bench.sales.state(bench.id(1)));
    assertTrue(bench.transfers.of(bench.id(1)).isPresent());
    assertTrue(bench.sales.account(bench.id(1)).isEmpty());
  }

  @Test
  void freeProposalForPricedContentIsRefusedAndNothingIsStarted() {
    PullDecision decision = admission.begin(bench.proposal(1, false, Optional.empty()), false);

    assertEquals("classic REJECTED PRICE_TOO_LOW", refused(decision));
    assertEquals(List.of(), bench.sales.events);
    assertEquals(0, bench.transfers.count());
  }

  @Test
  void contentThatIsNotHereIsNotFound() {
    bench.dag.store().remove(bench.dag.root());

    assertEquals(
        "classic DEAL_NOT_FOUND NOT_FOUND",
        refused(admission.begin(bench.proposal(1, true, Optional.empty()), false)));
  }

  /** Clients of other makes expect the blocks that prove it; ours asks for the price before. */
  @Test
  void pathThatDoesNotExistIsServedAsFarAsItGoesWhereItIsFree() throws IOException {
    bench.prices.set(Optional.of(bench.dag.root()), Terms.FREE);
    IncomingProposal all = bench.proposal(1, false, Optional.empty());
    PullRequest request = all.request();
    Node fifth = Node.map().put("i", Node.map().put("i", 4).put(">", TestDag.ALL).build()).build();
    PullRequest nowhere =
        new PullRequest(
            request.channel(),
            request.kind(),
            request.root(),
            fifth,
            request.voucher(),
            request.asked(),
            request.extensions(),
            request.pull());

    accepted(
        admission.begin(
            new IncomingProposal(nowhere, all.id(), 1, false, Optional.empty()), false));
    assertEquals(ProviderState.SERVING, bench.sales.state(bench.id(1)));
  }

  @Test
  void tooLongAListIsRefusedBeforeAnythingElse() {
    Exclusions allowed = new Exclusions(0, Collections.nCopies(LISTED, bench.dag.root()));
    Exclusions longer = new Exclusions(0, Collections.nCopies(LISTED + 1, bench.dag.root()));

    assertEquals(
        "classic REJECTED TOO_MANY_EXCLUSIONS",
        refused(admission.begin(leavingOut(longer), false)));
    accepted(admission.begin(leavingOut(allowed), false));
  }

  private IncomingProposal leavingOut(Exclusions asked) {
    IncomingProposal plain = bench.proposal(1, true, Optional.empty());
    return new IncomingProposal(
        bench.request(1, PullKind.NEW, SaleBench.TERMS, asked, Optional.empty()),
        plain.id(),
        1,
        true,
        Optional.empty());
  }

  // paid deals

  @Test
  void paidDealIsDurableWithItsLane() {
    PullDecision.Accept decision = accepted(admission.begin(paid(1, SaleBench.TERMS), false));

    assertFalse(decision.paused());
    assertEquals(List.of("STARTED", "OPENED"), bench.sales.events);
    assertEquals(
        bench.channel, bench.sales.deal(bench.id(1)).money().orElseThrow().lane().channel());
    assertTrue(bench.sales.account(bench.id(1)).isPresent());
    bench.sales.runTasks();
    assertEquals(List.of(bench.id(1)), bench.sales.looks);
  }

  @Test
  void feeComesFirst() throws IOException {
    Terms terms = Market.terms(70);
    bench.prices.set(Optional.of(bench.dag.root()), terms);

    PullDecision.Accept decision = accepted(admission.begin(paid(1, terms), false));

    assertTrue(decision.paused());
    assertEquals(ProviderState.FUNDS_NEEDED, bench.sales.state(bench.id(1)));
    assertTrue(bench.transfers.of(bench.id(1)).orElseThrow().goOn(), "the walk waits");
  }

  @Test
  void paidProposalWithoutOpeningIsAcceptedAndWaits() {
    PullDecision.Accept decision =
        accepted(admission.begin(bench.proposal(1, true, Optional.empty()), false));

    assertTrue(decision.paused());
    assertEquals(ProviderState.AWAITING_OPENING, bench.sales.state(bench.id(1)));
    assertTrue(bench.transfers.of(bench.id(1)).orElseThrow().goOn(), "the walk waits");
  }

  @Test
  void openingThatIsNoneIsRefused() {
    IncomingProposal plain = bench.proposal(1, true, Optional.empty());
    IncomingProposal broken =
        new IncomingProposal(
            plain.request(), plain.id(), 1, true, Optional.of(Node.of("nothing of the kind")));

    assertEquals("REFUSED", refused(admission.begin(broken, false)));
    assertEquals(List.of(), bench.sales.events);
  }

  @Test
  void openingForAnotherDealIsRefused() {
    IncomingProposal proposal =
        bench.proposal(1, true, Optional.of(bench.opening(2, 1, SaleBench.TERMS)));

    assertEquals("OPEN_BAD_SIGNATURE", refused(admission.begin(proposal, false)));
    assertEquals(List.of(), bench.notices.told);
  }

  @Test
  void laneOfADealThatIsRefusedForItsTermsIsFreeAgain() {
    Terms cheap = new Terms(TokenAmount.of(1), TokenAmount.ZERO, 1000, 0, 1000, 600);
    assertEquals(
        "PRICE_TOO_LOW",
        refused(
            admission.begin(
                bench.proposal(1, true, Optional.of(bench.opening(1, 9, cheap))), false)));

    accepted(
        admission.begin(
            bench.proposal(2, true, Optional.of(bench.opening(2, 9, SaleBench.TERMS))), false));
  }

  @Test
  void laneOfADealThatFindsNoRoomIsFreeAgain() {
    use(ProviderLimits.DEFAULT.with(new ProviderLimits.DealCounts(1, 1)));
    ServedTransfer other = bench.serveFree(7);
    IncomingProposal proposal =
        bench.proposal(1, true, Optional.of(bench.opening(1, 9, SaleBench.TERMS)));
    assertEquals("TOO_MANY_DEALS", refused(admission.begin(proposal, false)));
    assertTrue(bench.sales.account(bench.id(1)).isEmpty());

    bench.transfers.drop(other);
    accepted(
        admission.begin(
            bench.proposal(2, true, Optional.of(bench.opening(2, 9, SaleBench.TERMS))), false));
  }

  @Test
  void proposalThatALastProcessKeptIsNotStartedAgain() {
    IncomingProposal proposal = paid(1, SaleBench.TERMS);
    bench.sales.start(bench.id(1), proposal.deal(bench.sales.now()));
    bench.sales.events.clear();

    accepted(admission.begin(proposal, true));

    assertEquals(List.of("OPENED"), bench.sales.events);
  }

  @Test
  void givenADealThatMovedOnMeanwhile_whenItsOpeningIsRecorded_thenItIsRefusedAndNothingRuns() {
    IncomingProposal proposal = paid(1, SaleBench.TERMS);
    bench.sales.put(bench.id(1), ProviderState.ENDED, proposal.deal(bench.sales.now()));

    assertEquals("INTERNAL", refused(admission.begin(proposal, true)));
    assertEquals(0, bench.transfers.count());
    assertTrue(bench.sales.account(bench.id(1)).isEmpty());
  }

  // restarts

  private IncomingProposal restart(long number, boolean paid) {
    Optional<Node> opening =
        paid
            ? Optional.of(bench.opening(number, number, SaleBench.TERMS))
                .map(DealOpening.CODEC::encode)
            : Optional.empty();
    PullRequest request =
        bench.request(
            number, PullKind.RESTART, SaleBench.TERMS, new Exclusions(12, List.of()), opening);
    return new IncomingProposal(request, bench.id(number), number, paid, opening);
  }

  @Test
  void restartGoesOnWithWhatIsChargedAndSaysNothing() {
    bench.open(1, ProviderState.SUSPENDED);
    bench.charge(1, 800);

    PullDecision.Accept decision =
        accepted(
            admission.restart(
                restart(1, true), bench.sales.deal(bench.id(1)), ProviderState.SUSPENDED));

    assertFalse(decision.paused());
    assertTrue(decision.result().isEmpty());
    assertEquals(800, bench.transfers.of(bench.id(1)).orElseThrow().charged());
    assertEquals(12, bench.sales.deal(bench.id(1)).progress().position());
    assertEquals(ProviderState.SERVING, bench.sales.state(bench.id(1)));
  }

  @Test
  void restartTakesThePlaceOfTheTransferBefore() {
    ServedTransfer before = bench.serve(1, ProviderState.SERVING);

    accepted(
        admission.restart(restart(1, true), bench.sales.deal(bench.id(1)), ProviderState.SERVING));

    assertEquals(List.of("close"), SaleBench.told(before));
    assertEquals(1, bench.transfers.count());
  }

  @Test
  void restartOfADealThatHasJustEndedIsRefused() {
    bench.open(1, ProviderState.SUSPENDED);
    var deal = bench.sales.deal(bench.id(1));
    bench.sales.put(bench.id(1), ProviderState.ENDED, deal);

    assertEquals(
        "BUSY", refused(admission.restart(restart(1, true), deal, ProviderState.SUSPENDED)));
    assertEquals(0, bench.transfers.count());
  }

  @Test
  void paidDealWhoseAccountIsGoneDoesNotGoOn() {
    bench.open(1, ProviderState.SUSPENDED);
    var deal = bench.sales.deal(bench.id(1));
    IncomingProposal other = restart(2, true);

    assertEquals("INTERNAL", refused(admission.restart(other, deal, ProviderState.SUSPENDED)));
    assertEquals(1, bench.sales.counts.refusals(DealCode.INTERNAL.name()));
  }

  @Test
  void restartWithoutOpeningGoesOnWaiting() {
    bench.sales.start(
        bench.id(1), bench.proposal(1, true, Optional.empty()).deal(bench.sales.now()));
    bench.sales.put(bench.id(1), ProviderState.AWAITING_OPENING, bench.sales.deal(bench.id(1)));

    PullDecision.Accept decision =
        accepted(
            admission.restart(
                restart(1, false), bench.sales.deal(bench.id(1)), ProviderState.AWAITING_OPENING));

    assertTrue(decision.paused());
    assertEquals(ProviderState.AWAITING_OPENING, bench.sales.state(bench.id(1)));
  }

  // whether the walk waits

  private ServedTransfer running(long number) {
    return bench.transfers.of(bench.id(number)).orElseThrow();
  }

  @Test
  void onlyWhatIsToBePaidFirstWaits() throws IOException {
    accepted(admission.begin(bench.proposal(1, true, Optional.empty()), false));
    assertTrue(running(1).goOn(), "without an opening");
    Terms feeFirst = Market.terms(70);
    bench.prices.set(Optional.of(bench.dag.root()), feeFirst);
    accepted(
        admission.begin(
            bench.proposal(2, true, Optional.of(bench.opening(2, 2, feeFirst))), false));
    assertTrue(running(2).goOn(), "for its fee");
    bench.prices.set(Optional.of(bench.dag.root()), SaleBench.TERMS);
    accepted(admission.begin(paid(3, SaleBench.TERMS), false));
    assertFalse(running(3).goOn(), "nothing is due");
    bench.prices.set(Optional.of(bench.dag.root()), Terms.FREE);
    accepted(admission.begin(bench.proposal(4, false, Optional.empty()), false));
    assertFalse(running(4).goOn(), "free");
  }

  @Test
  void restartWaitsForItsOpeningOnly() {
    bench.open(1, ProviderState.SUSPENDED);
    accepted(
        admission.restart(
            restart(1, true), bench.sales.deal(bench.id(1)), ProviderState.SUSPENDED));
    assertFalse(running(1).goOn());
    bench.sales.start(
        bench.id(2), bench.proposal(2, true, Optional.empty()).deal(bench.sales.now()));
    bench.sales.put(bench.id(2), ProviderState.AWAITING_OPENING, bench.sales.deal(bench.id(2)));
    accepted(
        admission.restart(
            restart(2, false), bench.sales.deal(bench.id(2)), ProviderState.AWAITING_OPENING));
    assertTrue(running(2).goOn());
  }

  /** Free blocks go at once; those of a paid deal whose opening has not come do not. */
  @Test
  void freeIsWhatIsNotPaidFor() throws IOException {
    accepted(admission.begin(bench.proposal(1, true, Optional.empty()), false));
    bench.prices.set(Optional.of(bench.dag.root()), Terms.FREE);
    accepted(admission.begin(bench.proposal(2, false, Optional.empty()), false));
    BlockVisit first = new BlockVisit(bench.dag.root(), 1, 100, false, 100, 0);

    assertFalse(SaleBench.pass(running(1), first) instanceof BlockGate.GateDecision.Proceed);
    assertTrue(SaleBench.pass(running(2), first) instanceof BlockGate.GateDecision.Proceed);
  }

  // what is charged, and what is to be looked at

  /** Its account may be younger than its record: a node that was killed counts anew. */
  @Test
  void restartedDealsAccountKnowsWhatIsCharged() {
    bench.open(1, ProviderState.SUSPENDED);
    bench.sales.put(bench.id(1), ProviderState.SERVING, bench.sales.deal(bench.id(1)));
    bench.sales.send(
        bench.id(1), ProviderEvent.PROGRESS, new ProviderInput.Sent(bench.sales.now(), 800));

    accepted(
        admission.restart(restart(1, true), bench.sales.deal(bench.id(1)), ProviderState.SERVING));

    assertEquals(800, bench.sales.account(bench.id(1)).orElseThrow().charged());
  }

  @Test
  void openedDealIsLookedAt() {
    accepted(admission.begin(paid(1, SaleBench.TERMS), false));
    bench.sales.runTasks();

    assertEquals(List.of(bench.id(1)), bench.sales.looks);
  }

  // what is not begun after all

  @Test
  void freeDealThatFindsNoRoomIsRefused() throws IOException {
    bench.prices.set(Optional.of(bench.dag.root()), Terms.FREE);
    bench.serveFree(7);
    for (ProviderLimits.DealCounts full :
        List.of(new ProviderLimits.DealCounts(1, 9), new ProviderLimits.DealCounts(9, 1))) {
      use(ProviderLimits.DEFAULT.with(full));
      assertEquals(
          "classic REJECTED TOO_MANY_DEALS",
          refused(admission.begin(bench.proposal(1, false, Optional.empty()), false)));
    }
    use(ProviderLimits.DEFAULT.with(new ProviderLimits.DealCounts(2, 2)));
    accepted(admission.begin(bench.proposal(1, false, Optional.empty()), false));
  }

  @Test
  void laneOfADealThatCannotBeStartedIsFreeAgain() {
    IncomingProposal lost =
        bench.proposal(1, true, Optional.of(bench.opening(1, 9, SaleBench.TERMS)));
    assertThrows(NoSuchElementException.class, () -> admission.begin(lost, true));

    accepted(
        admission.begin(
            bench.proposal(2, true, Optional.of(bench.opening(2, 9, SaleBench.TERMS))), false));
  }
}
