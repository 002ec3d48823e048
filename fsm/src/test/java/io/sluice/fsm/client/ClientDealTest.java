package io.sluice.fsm.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.fsm.DealEnd;
import io.sluice.fsm.DealOutcome;
import io.sluice.fsm.DealReason;
import io.sluice.fsm.LeftOut;
import io.sluice.fsm.client.ClientInput.At;
import io.sluice.fsm.client.ClientInput.Funded;
import io.sluice.fsm.client.ClientInput.Going;
import io.sluice.fsm.client.ClientInput.Left;
import io.sluice.fsm.client.ClientInput.Signed;
import io.sluice.fsm.client.ClientInput.Stopped;
import io.sluice.fsm.client.ClientInput.Verified;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.DealOpening;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Offer;
import io.sluice.protocol.retrieval.Payee;
import io.sluice.protocol.retrieval.Signature;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.retrieval.TokenAmount;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What each event records. A byte costs one unit, the fee is 10, the lane had paid 500. */
class ClientDealTest {
  private static final Instant START = Instant.parse("2026-01-02T03:04:05Z");
  private static final Instant LATER = START.plusSeconds(5);
  private static final EvmAddress ACCOUNT = EvmAddress.parse("0x" + "11".repeat(20));
  private static final Bytes32 HASH = Bytes32.parse("22".repeat(32));
  private static final Terms TERMS =
      new Terms(TokenAmount.of(Terms.MIB), TokenAmount.of(10), 1_000, 0, 1_000, 600);
  private static final Payee PAYEE =
      new Payee(
          1,
          ACCOUNT,
          EvmAddress.ZERO,
          ACCOUNT,
          60,
          TokenAmount.ZERO,
          0,
          Optional.empty(),
          Optional.empty());
  private static final ClientDeal FREE = deal(Optional.empty());
  private static final ClientDeal PAID = deal(Optional.of(new Offer(TERMS, PAYEE)));
  private static final ClientDeal FUNDED = PAID.funded(new Funded(LATER, lane(500)));

  private static ClientDeal deal(Optional<Offer> offer) {
    return ClientDeal.decided(
        12,
        new DealOrder(
            PeerId.parse("12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp"),
            List.of(),
            Cid.parse("bafkreifzjut3te7nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e"),
            Node.map().build(),
            offer,
            TokenAmount.of(1_000_000)),
        new LeftOut(2, 1, HASH),
        7,
        START);
  }

  private static LaneOpening lane(long base) {
    byte[] signature = new byte[65];
    signature[64] = 27;
    return new LaneOpening(
        new DealOpening(12, TERMS, PAYEE, HASH, 3, Optional.empty(), Signature.of(signature)),
        TokenAmount.of(base));
  }

  private static Signed signed(long amount, long nonce) {
    return new Signed(LATER, TokenAmount.of(amount), nonce, 1);
  }

  @Test
  void givenADecision_thenItsPositionIsBehindWhatIsLeftOut() {
    assertEquals(new ClientProgress(7, false, 0, 0, 2, 0), PAID.progress());
    assertEquals(Optional.empty(), PAID.money());
    assertEquals(TokenAmount.ZERO, PAID.base());
    assertEquals(TokenAmount.ZERO, PAID.paid());
  }

  @Test
  void givenAnOffer_thenItIsNotFree() {
    assertEquals(true, FREE.isFree());
    assertEquals(false, PAID.isFree());
  }

  /** What it may cost does not matter, and everything else does. */
  @Test
  void givenTheSameOfTheSameProvider_thenItIsTheSameOrder() {
    DealOrder order = PAID.order();
    Cid otherRoot = Cid.parse("bafkreifw7plhl6mofk6sfvhnfh64qmkq73oeqwl6sloru6rehaoujituke");
    PeerId otherPeer = PeerId.parse("12D3KooWGzxzKZYveHXtpG6AsrUJBcWxHBFS2HsEoGTxrMLvKXtf");

    assertEquals(true, order.isSameAs(order.provider(), order.root(), order.selector()));
    assertEquals(false, order.isSameAs(otherPeer, order.root(), order.selector()));
    assertEquals(false, order.isSameAs(order.provider(), otherRoot, order.selector()));
    assertEquals(false, order.isSameAs(order.provider(), order.root(), Node.of(1)));
  }

  // ---- money

  @Test
  void givenALane_thenNothingIsSignedBeyondItsBase() {
    assertEquals(TokenAmount.of(500), FUNDED.base());
    assertEquals(TokenAmount.ZERO, FUNDED.paid());
    assertEquals(LATER, FUNDED.standing().since());
  }

  @Test
  void givenVouchers_thenOnlyHigherOnesCount() {
    ClientDeal deal = FUNDED.signed(signed(800, 4)).signed(signed(800, 9)).signed(signed(700, 8));

    assertEquals(Optional.of(new ClientMoney(lane(500), TokenAmount.of(800), 4, 1)), deal.money());
    assertEquals(TokenAmount.of(300), deal.paid());
    assertEquals(4, deal.nonce());
    assertEquals(1, deal.vouchers());
    assertEquals(2, deal.signed(signed(801, 5)).vouchers());
  }

  @Test
  void givenAnotherLane_thenItsBaseCounts_andTheVouchersStayCounted() {
    ClientDeal deal = FUNDED.signed(signed(800, 4)).funded(new Funded(LATER, lane(900)));

    assertEquals(Optional.of(new ClientMoney(lane(900), TokenAmount.of(900), 4, 1)), deal.money());
    assertEquals(TokenAmount.ZERO, deal.paid());
  }

  @Test
  void givenNoLane_thenNothingCanBeSigned() {
    assertEquals(FREE, FREE.signed(signed(800, 4)));
  }

  @Test
  void givenBytes_thenTheyAreOwed_onceTheProviderHasAgreed() {
    ClientDeal before = FUNDED.verified(new Verified(LATER, 300, 300, 5));
    ClientDeal deal = before.accepted(new At(LATER));

    assertEquals(TokenAmount.ZERO, before.owed());
    assertEquals(TokenAmount.of(310), deal.owed());
    assertEquals(TokenAmount.of(60), deal.signed(signed(750, 4)).owed());
    assertEquals(TokenAmount.ZERO, deal.signed(signed(900, 4)).owed());
    assertEquals(
        TokenAmount.ZERO,
        FREE.accepted(new At(LATER)).verified(new Verified(LATER, 300, 300, 5)).owed());
  }

  // ---- progress

  @Test
  void givenReportsThatOvertakeEachOther_thenNoFigureFalls() {
    ClientDeal deal =
        PAID.verified(new Verified(LATER, 300, 400, 5)).verified(new Verified(LATER, 200, 300, 4));

    assertEquals(new ClientProgress(7, false, 300, 400, 5, 0), deal.progress());
    assertEquals(START, deal.standing().since()); // it is in the same state
    assertEquals(LATER, deal.allVerified(new Verified(LATER, 1, 1, 1)).standing().since());
  }

  @Test
  void givenAttempts_thenTheyCountUntilThePositionMoves() {
    ClientDeal deal = PAID.going(new Going(LATER, 8)).going(new Going(LATER, 9));

    assertEquals(new ClientProgress(9, false, 0, 0, 2, 2), deal.progress());
    assertEquals(2, deal.verified(new Verified(LATER, 0, 50, 2)).progress().retries());
    assertEquals(0, deal.verified(new Verified(LATER, 0, 50, 3)).progress().retries());
  }

  // ---- standing

  @Test
  void givenAReason_whenTheProviderAgreesAgain_thenItIsGone() {
    DealReason lost = new DealReason(DealCode.CONNECTION_LOST, "gone");
    ClientDeal deal = PAID.stopped(new Stopped(LATER, lost));

    assertEquals(Optional.of(DealCode.CONNECTION_LOST), deal.reason());
    assertEquals(Optional.of(lost), deal.going(new Going(LATER, 8)).standing().reason());
    assertEquals(Optional.empty(), deal.accepted(new At(LATER)).reason());
    assertEquals(true, deal.accepted(new At(LATER)).progress().answered());
  }

  @ParameterizedTest
  @EnumSource
  void givenAnEnd_thenItsOutcomeIsWhatUsersReadAsTheState(DealOutcome outcome) {
    ClientDeal deal = PAID.left(new Left(LATER, outcome));

    assertEquals(Optional.of(new DealEnd(LATER, outcome)), deal.standing().end());
    assertEquals(outcome.name(), shown(ClientState.ENDED, deal));
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "ENDED")
  void givenNoEnd_thenTheStateIsShownAsItIs(ClientState state) {
    assertEquals(state.name(), shown(state, PAID));
  }

  private static String shown(ClientState state, ClientDeal deal) {
    return ClientDeals.TABLE.shown(state.name(), ClientDeals.TABLE.data().encode(deal));
  }
}
