package io.sluice.node.provider;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.sluice.fsm.DealOutcome;
import io.sluice.fsm.DealReason;
import io.sluice.fsm.DealStanding;
import io.sluice.fsm.LeftOut;
import io.sluice.fsm.engine.MachineView;
import io.sluice.fsm.provider.LaneUse;
import io.sluice.fsm.provider.ProviderDeal;
import io.sluice.fsm.provider.ProviderMoney;
import io.sluice.fsm.provider.ProviderOrder;
import io.sluice.fsm.provider.ProviderProgress;
import io.sluice.fsm.provider.ProviderState;
import io.sluice.node.provider.ProposalDecision.Begin;
import io.sluice.node.provider.ProposalDecision.Bind;
import io.sluice.node.provider.ProposalDecision.GoOn;
import io.sluice.node.provider.ProposalDecision.Refuse;
import io.sluice.node.provider.ProposalDecision.SendAgain;
import io.sluice.protocol.datatransfer.ChannelId;
import io.sluice.protocol.datatransfer.PullRequest;
import io.sluice.protocol.datatransfer.PullRequest.PullKind;
import io.sluice.protocol.graphsync.Exclusions;
import io.sluice.protocol.graphsync.TestDag;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.libp2p.Identity;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Payee;
import io.sluice.protocol.retrieval.TokenAmount;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Which proposals begin a deal, go on with one, or are refused: row by row. */
class ProposalRulesTest {

  private static final int RESTARTS = 3;
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
  private static final PeerId PEER = Identity.generate().peerId();
  private static final PeerId OTHER = Identity.generate().peerId();
  private static final Cid ROOT = TestDag.of(1, 1, 2, 10).root();
  private static final Cid OTHER_ROOT = TestDag.of(2, 1, 2, 10).root();
  private static final Node OPENING = Node.of("the opening");
  private static final Node OTHER_OPENING = Node.of("another");
  private static final long TRANSFER = 77;
  private static final long POSITION = 20;

  private static final EvmAddress ACCOUNT = EvmAddress.parse("0x" + "11".repeat(20));

  private static final LaneUse LANE =
      new LaneUse(
          new Payee(
              1,
              ACCOUNT,
              EvmAddress.ZERO,
              ACCOUNT,
              60,
              TokenAmount.ZERO,
              0,
              Optional.empty(),
              Optional.empty()),
          Bytes32.of(new byte[32]),
          1,
          TokenAmount.ZERO,
          ACCOUNT,
          IncomingProposal.hash(OPENING));

  /** What a client asks for; by default the same again, with its opening. */
  private record Asked(
      PeerId peer,
      Cid root,
      Node selector,
      boolean paid,
      Optional<Node> opening,
      PullKind kind,
      long transfer,
      Exclusions asked) {

    static final Asked SAME =
        new Asked(
            PEER,
            ROOT,
            TestDag.ALL,
            true,
            Optional.of(OPENING),
            PullKind.RESTART,
            TRANSFER,
            Exclusions.NONE);

    Asked by(PeerId who) {
      return new Asked(who, root, selector, paid, opening, kind, transfer, asked);
    }

    Asked of(Cid what, Node how) {
      return new Asked(peer, what, how, paid, opening, kind, transfer, asked);
    }

    Asked free() {
      return new Asked(peer, root, selector, false, Optional.empty(), kind, transfer, asked);
    }

    Asked opening(Optional<Node> other) {
      return new Asked(peer, root, selector, paid, other, kind, transfer, asked);
    }

    Asked in(PullKind other, long channel) {
      return new Asked(peer, root, selector, paid, opening, other, channel, asked);
    }

    Asked leavingOut(Exclusions what) {
      return new Asked(peer, root, selector, paid, opening, kind, transfer, what);
    }

    IncomingProposal proposal() {
      ChannelId channel = new ChannelId(peer, OTHER, transfer);
      PullRequest request =
          new PullRequest(
              channel,
              kind,
              root,
              selector,
              Optional.empty(),
              asked,
              Map.of(),
              new FakePull(channel));
      return new IncomingProposal(request, SaleContext.idOf(PEER, 1), 1, paid, opening);
    }
  }

  private static ProviderDeal deal(boolean paid, boolean opened, long restarts) {
    return new ProviderDeal(
        new ProviderOrder(PEER, 1, ROOT, TestDag.ALL, LeftOut.of(Exclusions.NONE), paid),
        new ProviderProgress(TRANSFER, 5_000, POSITION, restarts),
        opened
            ? Optional.of(new ProviderMoney(Market.TERMS, LANE, TokenAmount.ZERO, 0, 0))
            : Optional.empty(),
        DealStanding.begun(NOW));
  }

  private static ProviderDeal ended(DealOutcome outcome, Optional<DealReason> reason) {
    ProviderDeal deal = deal(true, true, 0);
    DealStanding standing = DealStanding.begun(NOW);
    standing = reason.map(why -> DealStanding.begun(NOW).because(NOW, why)).orElse(standing);
    return new ProviderDeal(
        deal.order(), deal.progress(), deal.money(), standing.ended(NOW, outcome));
  }

  private static ProposalDecision decide(ProviderState state, ProviderDeal deal, Asked asked) {
    return decide(Optional.of(view(state, deal)), asked, false);
  }

  private static MachineView<ProviderState, ProviderDeal> view(
      ProviderState state, ProviderDeal deal) {
    return new MachineView<>(
        SaleContext.idOf(PEER, 1), state, state == ProviderState.ENDED, deal, 1, NOW);
  }

  private static ProposalDecision decide(
      Optional<MachineView<ProviderState, ProviderDeal>> known, Asked asked, boolean closing) {
    return ProposalRules.decide(known, asked.proposal(), closing, RESTARTS);
  }

  private static DealCode refusal(ProposalDecision decision) {
    return assertInstanceOf(Refuse.class, decision).why().code();
  }

  // deals that are not known

  @Test
  void unknownDealBegins() {
    assertEquals(new Begin(false), decide(Optional.empty(), Asked.SAME, false));
  }

  @Test
  void nothingBeginsWhileTheProviderCloses() {
    assertEquals(DealCode.SHUTTING_DOWN, refusal(decide(Optional.empty(), Asked.SAME, true)));
    assertEquals(
        Optional.of(60L),
        assertInstanceOf(Refuse.class, decide(Optional.empty(), Asked.SAME, true))
            .why()
            .retryAfter());
    assertEquals(
        DealCode.SHUTTING_DOWN,
        refusal(
            decide(Optional.of(view(ProviderState.NEW, deal(true, false, 0))), Asked.SAME, true)));
  }

  @Test
  void whatRunsGoesOnWhileTheProviderCloses() {
    ProviderDeal deal = deal(true, true, 0);
    assertEquals(
        new GoOn(deal, ProviderState.SUSPENDED),
        decide(Optional.of(view(ProviderState.SUSPENDED, deal)), Asked.SAME, true));
  }

  // deals that are known, by state

  @Test
  void proposalThatALastProcessKeptBeginsNow() {
    assertEquals(new Begin(true), decide(ProviderState.NEW, deal(true, false, 0), Asked.SAME));
  }

  @Test
  void openingThatWasAwaitedBindsTheDeal() {
    assertEquals(
        new Bind(OPENING),
        decide(ProviderState.AWAITING_OPENING, deal(true, false, 0), Asked.SAME));
  }

  @Test
  void stillWithoutOpeningItGoesOnWaiting() {
    ProviderDeal deal = deal(true, false, 0);
    assertEquals(
        new GoOn(deal, ProviderState.AWAITING_OPENING),
        decide(ProviderState.AWAITING_OPENING, deal, Asked.SAME.opening(Optional.empty())));
  }

  @ParameterizedTest
  @EnumSource(
      value = ProviderState.class,
      names = {"SERVING", "FUNDS_NEEDED", "FINALIZING", "SUSPENDED"})
  void liveDealGoesOn(ProviderState state) {
    ProviderDeal deal = deal(true, true, 0);
    assertEquals(new GoOn(deal, state), decide(state, deal, Asked.SAME));
  }

  static Stream<Arguments> ends() {
    DealReason why = new DealReason(DealCode.CONNECTION_LOST, "");
    return Stream.of(
        arguments(DealOutcome.FAILED, Optional.of(why), DealCode.CONNECTION_LOST, "FAILED"),
        arguments(DealOutcome.PARTIAL, Optional.empty(), DealCode.PARTIAL, "PARTIAL"),
        arguments(DealOutcome.CANCELLED, Optional.empty(), DealCode.CANCELLED, "CANCELLED"),
        arguments(DealOutcome.REJECTED, Optional.empty(), DealCode.REFUSED, "REFUSED"));
  }

  @ParameterizedTest
  @MethodSource("ends")
  void dealThatIsOverIsRefusedForItsReason(
      DealOutcome outcome, Optional<DealReason> reason, DealCode code, String shown) {
    ProviderDeal deal = ended(outcome, reason);
    ProposalRefusal why =
        assertInstanceOf(Refuse.class, decide(ProviderState.ENDED, deal, Asked.SAME)).why();

    assertEquals(code, why.code());
    assertEquals("the deal is over: " + shown, why.message());
  }

  @Test
  void dealThatRestsUnpaidIsOver() {
    ProviderDeal deal =
        ended(DealOutcome.FAILED, Optional.of(new DealReason(DealCode.PAYMENT_TIMEOUT, "late")));
    ProposalRefusal why =
        assertInstanceOf(Refuse.class, decide(ProviderState.UNPAID, deal, Asked.SAME)).why();

    assertEquals(DealCode.PAYMENT_TIMEOUT, why.code());
    assertEquals("the deal is over: FAILED_UNPAID", why.message());
  }

  @ParameterizedTest
  @EnumSource(
      value = ProviderState.class,
      names = {"UNPAID", "ENDED"})
  void completedDealIsSentAgainPaidOrNot(ProviderState state) {
    ProviderDeal deal = ended(DealOutcome.COMPLETED, Optional.empty());

    assertInstanceOf(SendAgain.class, decide(state, deal, Asked.SAME));
  }

  // whether it is the same deal

  static List<Asked> others() {
    return List.of(
        Asked.SAME.by(OTHER),
        Asked.SAME.of(OTHER_ROOT, TestDag.ALL),
        Asked.SAME.of(ROOT, Node.of("another selector")),
        Asked.SAME.free(),
        Asked.SAME.opening(Optional.of(OTHER_OPENING)),
        Asked.SAME.opening(Optional.empty()).in(PullKind.NEW, TRANSFER),
        Asked.SAME.opening(Optional.empty()).in(PullKind.RESTART, TRANSFER + 1));
  }

  @ParameterizedTest
  @MethodSource("others")
  void anythingElseUnderTheSameNumberIsRefused(Asked asked) {
    assertEquals(
        DealCode.DEAL_ID_TAKEN,
        refusal(decide(ProviderState.SUSPENDED, deal(true, true, 0), asked)));
  }

  @Test
  void sameOpeningInAnotherTransferIsTheSameDeal() {
    ProviderDeal deal = deal(true, true, 0);
    assertEquals(
        new GoOn(deal, ProviderState.SUSPENDED),
        decide(ProviderState.SUSPENDED, deal, Asked.SAME.in(PullKind.NEW, TRANSFER + 1)));
  }

  @Test
  void restartOfTheKnownTransferNeedsNoOpening() {
    ProviderDeal deal = deal(true, true, 0);
    assertEquals(
        new GoOn(deal, ProviderState.SUSPENDED),
        decide(ProviderState.SUSPENDED, deal, Asked.SAME.opening(Optional.empty())));
  }

  // what it leaves out

  private static final Exclusions LIST = new Exclusions(5, List.of(OTHER_ROOT));

  private static ProviderDeal leaving(boolean paid) {
    ProviderDeal deal = deal(paid, false, 0);
    return new ProviderDeal(
        new ProviderOrder(PEER, 1, ROOT, TestDag.ALL, LeftOut.of(LIST), paid),
        deal.progress(),
        deal.money(),
        deal.standing());
  }

  @Test
  void restartMustLeaveOutNoLess() {
    ProviderState state = ProviderState.SUSPENDED;
    assertInstanceOf(GoOn.class, decide(state, leaving(true), Asked.SAME.leavingOut(LIST)));
    assertInstanceOf(
        GoOn.class,
        decide(
            state, leaving(true), Asked.SAME.leavingOut(new Exclusions(6, List.of(OTHER_ROOT)))));
    assertEquals(
        DealCode.EXCLUSIONS_CHANGED,
        refusal(
            decide(
                state,
                leaving(true),
                Asked.SAME.leavingOut(new Exclusions(4, List.of(OTHER_ROOT))))));
    assertEquals(
        DealCode.EXCLUSIONS_CHANGED,
        refusal(decide(state, leaving(true), Asked.SAME.leavingOut(new Exclusions(5, List.of())))));
  }

  @Test
  void freeDealsAreNotHeldToTheirList() {
    assertInstanceOf(
        GoOn.class, decide(ProviderState.SUSPENDED, leaving(false), Asked.SAME.free()));
  }

  // how often

  @Test
  void restartsEndWhereThePositionDoesNotMove() {
    ProviderState state = ProviderState.SUSPENDED;
    Asked there = Asked.SAME.leavingOut(new Exclusions(POSITION, List.of()));
    Asked further = Asked.SAME.leavingOut(new Exclusions(POSITION + 1, List.of()));

    assertInstanceOf(GoOn.class, decide(state, deal(true, true, RESTARTS - 1), there));
    assertEquals(
        DealCode.TOO_MANY_RESTARTS, refusal(decide(state, deal(true, true, RESTARTS), there)));
    assertInstanceOf(GoOn.class, decide(state, deal(true, true, RESTARTS), further));
  }
}
