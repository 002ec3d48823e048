package io.sluice.payments.payee;

import static io.sluice.payments.Samples.CHANNEL;
import static io.sluice.payments.Samples.NOW;
import static io.sluice.payments.Samples.PAYEE;
import static io.sluice.payments.Samples.TERMS;
import static io.sluice.payments.Samples.amount;
import static io.sluice.payments.Samples.channel;
import static io.sluice.payments.Samples.voucher;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.payments.ChannelView;
import io.sluice.payments.DealRef;
import io.sluice.payments.Samples;
import io.sluice.payments.ledger.Channel;
import io.sluice.payments.payee.OpeningDecision.OpeningRefused;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.Payee;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OpeningFactsTest {
  private static final DealRef DEAL = new DealRef("p-1");
  private static final Payee OFFER = Samples.payee(PAYEE, 0, 1);
  private static final Optional<SignedVoucher> NONE = Optional.empty();
  private static final Optional<SignedVoucher> FIVE = Optional.of(voucher(CHANNEL, 0, 1, 5));
  private static final Optional<OpeningRefused> GOOD = Optional.empty();
  private static final Optional<OpeningRefused> INDEBTED =
      Optional.of(OpeningRefused.of(DealCode.UNPAID, "owes"));

  private final PayeeLane lane = new PayeeLane(0);

  private static ChannelView view(Channel channel, long confirmed, long redeemed) {
    return Samples.view(channel, confirmed, 1, Map.of(0L, amount(redeemed)));
  }

  private Optional<OpeningRefused> refusal(
      ChannelView view, long vouchered, boolean full, Payee payee, Optional<SignedVoucher> theirs) {
    return refusal(view, vouchered, full, payee, theirs, GOOD);
  }

  private Optional<OpeningRefused> refusal(
      ChannelView view,
      long vouchered,
      boolean full,
      Payee payee,
      Optional<SignedVoucher> theirs,
      Optional<OpeningRefused> unpaid) {
    return OpeningFacts.of(view, amount(vouchered), full, 0, lane, unpaid).refusal(payee, theirs);
  }

  private static void assertRefused(DealCode code, Optional<OpeningRefused> refusal) {
    assertEquals(Optional.of(code), refusal.map(OpeningRefused::code));
  }

  private void pays(DealFigures deal) {
    lane.pays(deal);
  }

  private DealFigures deal() {
    return new DealFigures(DEAL, lane, amount(0), TERMS);
  }

  @Test
  void goodOne_notRefusedWhetherTheLaneIsKnownOrNot() {
    ChannelView view = view(channel(CHANNEL, 10, 0), 10, 0);

    assertEquals(GOOD, refusal(view, 0, false, OFFER, NONE));
    assertEquals(GOOD, OpeningFacts.of(view, amount(0), false, 3, null, GOOD).refusal(OFFER, NONE));
  }

  @Test
  void channelInAnotherToken_unacceptable() {
    Payee other =
        new Payee(
            OFFER.chainId(),
            OFFER.contract(),
            PAYEE,
            OFFER.address(),
            OFFER.minChallenge(),
            OFFER.minDeposit(),
            OFFER.confirmations(),
            OFFER.symbol(),
            OFFER.decimals());

    assertRefused(
        DealCode.CHANNEL_UNACCEPTABLE,
        refusal(view(channel(CHANNEL, 10, 0), 10, 0), 0, false, other, NONE));
  }

  @ParameterizedTest
  @CsvSource({"3599, true", "3600, true", "3601, false"})
  void challenge_atLeastWhatIsAsked(long asked, boolean good) {
    Payee payee =
        new Payee(
            OFFER.chainId(),
            OFFER.contract(),
            OFFER.token(),
            OFFER.address(),
            asked,
            OFFER.minDeposit(),
            OFFER.confirmations(),
            OFFER.symbol(),
            OFFER.decimals());
    ChannelView view = view(channel(CHANNEL, 10, 0), 10, 0);

    assertEquals(
        good ? Optional.empty() : Optional.of(DealCode.CHANNEL_UNACCEPTABLE),
        refusal(view, 0, false, payee, NONE).map(OpeningRefused::code));
  }

  @Test
  void endingChannel_closing() {
    Channel open = channel(CHANNEL, 10, 0);

    assertRefused(
        DealCode.CHANNEL_CLOSING,
        refusal(view(Samples.settling(open, NOW), 10, 0), 0, false, OFFER, NONE));
    assertRefused(
        DealCode.CHANNEL_CLOSING,
        refusal(view(Samples.closed(open), 10, 0), 0, false, OFFER, NONE));
  }

  /** One unit has to be free beside all that is vouchered, the opening's news with it. */
  @ParameterizedTest
  @CsvSource({"10, 9, 0, -1", "10, 10, 0, 1", "14, 9, 0, -1", "10, 9, 11, 1", "10, 2, 20, 10"})
  void deposit_hasToHaveRoom(long confirmed, long vouchered, long minimum, long shortfall) {
    Optional<TokenAmount> missing =
        refusal(
                view(channel(CHANNEL, 100, 0), confirmed, 0),
                vouchered,
                false,
                Samples.payee(PAYEE, minimum, 1),
                NONE)
            .flatMap(OpeningRefused::amount);

    assertEquals(shortfall < 0 ? Optional.empty() : Optional.of(amount(shortfall)), missing);
  }

  @Test
  void amounts_inTheSymbolOfWhatIsPaidIn() {
    Payee fil =
        new Payee(
            OFFER.chainId(),
            OFFER.contract(),
            OFFER.token(),
            OFFER.address(),
            OFFER.minChallenge(),
            amount(500),
            1,
            Optional.of("FIL"),
            Optional.of(2L));

    assertEquals(
        Optional.of("0.1 FIL of the deposit count, 5 FIL are needed"),
        refusal(view(channel(CHANNEL, 100, 0), 10, 0), 0, false, fil, NONE)
            .map(OpeningRefused::message));
  }

  @Test
  void newsOfTheOpening_needsRoomToo() {
    ChannelView view = view(channel(CHANNEL, 100, 0), 10, 0);

    assertEquals(GOOD, refusal(view, 4, false, OFFER, FIVE));
    assertRefused(DealCode.INSUFFICIENT_DEPOSIT, refusal(view, 5, false, OFFER, FIVE));
    lane.keep(voucher(CHANNEL, 0, 1, 3));
    assertEquals(GOOD, refusal(view, 7, false, OFFER, FIVE), "two of the five are news");
    assertRefused(DealCode.INSUFFICIENT_DEPOSIT, refusal(view, 8, false, OFFER, FIVE));
  }

  @Test
  void oneLaneTooMany_said() {
    ChannelView view = view(channel(CHANNEL, 10, 0), 10, 0);

    assertRefused(DealCode.TOO_MANY_LANES, refusal(view, 0, true, OFFER, NONE));
  }

  @Test
  void payersRecord_saidAsItIs() {
    ChannelView view = view(channel(CHANNEL, 10, 0), 10, 0);

    assertEquals(INDEBTED, refusal(view, 0, false, OFFER, NONE, INDEBTED));
  }

  @Test
  void laneBeingTaken_busy() {
    ChannelView view = view(channel(CHANNEL, 10, 0), 10, 0);
    lane.bind(DEAL);

    Optional<OpeningRefused> refused = refusal(view, 0, false, OFFER, NONE);

    assertRefused(DealCode.LANE_BUSY, refused);
    assertEquals(Optional.of(DEAL), refused.orElseThrow().deal());
    lane.bind(null);
    assertEquals(GOOD, refusal(view, 0, false, OFFER, NONE));
  }

  @Test
  void laneOfALiveDeal_busyUntilItEnds() {
    ChannelView view = view(channel(CHANNEL, 10, 0), 10, 0);
    DealFigures deal = deal();
    pays(deal);

    Optional<OpeningRefused> refused = refusal(view, 0, false, OFFER, NONE);

    assertRefused(DealCode.LANE_BUSY, refused);
    assertEquals(Optional.of(DEAL), refused.orElseThrow().deal());
    deal.end(0, NOW);
    assertEquals(GOOD, refusal(view, 0, false, OFFER, NONE));
  }

  @Test
  void openingBelowOurBest_behindWithTheVoucher() {
    ChannelView view = view(channel(CHANNEL, 100, 0), 100, 0);
    SignedVoucher six = voucher(CHANNEL, 0, 2, 6);
    lane.keep(six);

    Optional<OpeningRefused> refused = refusal(view, 6, false, OFFER, FIVE);

    assertRefused(DealCode.LANE_BEHIND, refused);
    assertEquals(Optional.of(six), refused.orElseThrow().best());
    assertRefused(DealCode.LANE_BEHIND, refusal(view, 6, false, OFFER, NONE));
    assertEquals(GOOD, refusal(view, 6, false, OFFER, Optional.of(six)));
  }

  @Test
  void openingBelowWhatTheLedgerPaid_behind() {
    assertRefused(
        DealCode.LANE_BEHIND,
        refusal(view(channel(CHANNEL, 100, 6), 100, 6), 0, false, OFFER, FIVE));
    assertEquals(GOOD, refusal(view(channel(CHANNEL, 100, 5), 100, 5), 0, false, OFFER, FIVE));
  }

  /** First the channel, then the payer, then the lane: who cannot help it is not told to pay. */
  @Test
  void manyReasons_inTheirOrder() {
    lane.bind(DEAL);
    lane.keep(voucher(CHANNEL, 0, 2, 6));
    Channel open = channel(CHANNEL, 10, 0);
    Channel settling = Samples.settling(open, NOW);

    assertRefused(
        DealCode.CHANNEL_CLOSING, refusal(view(settling, 0, 0), 0, true, OFFER, NONE, INDEBTED));
    assertRefused(
        DealCode.INSUFFICIENT_DEPOSIT, refusal(view(open, 0, 0), 0, true, OFFER, NONE, INDEBTED));
    assertRefused(
        DealCode.TOO_MANY_LANES, refusal(view(open, 10, 0), 0, true, OFFER, NONE, INDEBTED));
    assertRefused(DealCode.UNPAID, refusal(view(open, 10, 0), 0, false, OFFER, NONE, INDEBTED));
    assertRefused(DealCode.LANE_BUSY, refusal(view(open, 10, 0), 0, false, OFFER, NONE));
  }
}
