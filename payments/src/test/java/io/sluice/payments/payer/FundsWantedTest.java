package io.sluice.payments.payer;

import static io.sluice.payments.Samples.COIN;
import static io.sluice.payments.Samples.DOMAIN;
import static io.sluice.payments.Samples.NOW;
import static io.sluice.payments.Samples.OPEN;
import static io.sluice.payments.Samples.PAYEE;
import static io.sluice.payments.Samples.PAYER;
import static io.sluice.payments.Samples.amount;
import static io.sluice.payments.Samples.channel;
import static io.sluice.payments.Samples.payee;
import static io.sluice.payments.Samples.settling;
import static io.sluice.payments.Samples.view;
import static io.sluice.payments.Samples.voucher;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.payments.DealRef;
import io.sluice.payments.LatestView;
import io.sluice.payments.PaymentException;
import io.sluice.payments.PaymentRecord;
import io.sluice.payments.ledger.Intent;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.DealCode;
import java.security.SecureRandom;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What deals want of a channel of 100, and what comes of it. */
class FundsWantedTest {
  private static final DealRef ONE = new DealRef("c-1");
  private static final DealRef TWO = new DealRef("c-2");
  private static final Bytes32 ID = OPEN.channel(DOMAIN);
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final PayerPolicy POLICY =
      new PayerPolicy(
          PAYER.address(),
          Map.of(DOMAIN, Set.of(COIN)),
          amount(500),
          PayerPolicy.DEFAULT_MAX_CHALLENGE,
          1,
          100);

  private final LatestView view = new LatestView(ID, 1);
  private final ChannelFunds funds = new ChannelFunds(OPEN.id(), view);
  private final LanePool lanes = new LanePool();
  private final FundsWanted wanted = new FundsWanted(DOMAIN, OPEN, lanes, funds);

  @BeforeEach
  void opened() {
    view.see(view(channel(ID, 100, 0), 100, 1));
    funds.ended(OPEN.id());
  }

  private static FundsRequest request(DealRef deal, long budget) {
    return new FundsRequest(deal, payee(PAYEE, 0, 1), amount(budget));
  }

  @Test
  void covered_countsWhatOthersHold_andOnlyWhatTheDealLacks() {
    lanes.give(ONE, amount(60), Set.of(), funds);
    assertTrue(wanted.isCovered(request(TWO, 40)));
    assertFalse(wanted.isCovered(request(TWO, 41)));
    assertTrue(wanted.isCovered(request(ONE, 100)), "it has 60 of them");
    assertFalse(wanted.isCovered(request(ONE, 101)));
  }

  @Test
  void asking_isRecordedOnceForEachSum() {
    assertEquals(
        Optional.of(new PaymentRecord.FundsAsked(ONE, ID, amount(150))),
        wanted.ask(request(ONE, 150), POLICY));
    assertEquals(Optional.empty(), wanted.ask(request(ONE, 150), POLICY));
    assertTrue(wanted.ask(request(ONE, 151), POLICY).isPresent(), "another sum");
  }

  @Test
  void asking_forMoreThanMayLieThere_isRefusedAndLeavesNoTrace() {
    PaymentException refused =
        assertThrows(PaymentException.class, () -> wanted.ask(request(ONE, 501), POLICY));
    assertEquals(DealCode.MAX_DEPOSIT, refused.code());
    assertEquals(Map.of(), funds.waiting());
  }

  @Test
  void topUp_isForAllThatWait_andOneAtATime() {
    wanted.ask(request(ONE, 120), POLICY);
    wanted.ask(request(TWO, 30), POLICY);
    Intent.TopUp topUp = wanted.planTopUp(RANDOM).orElseThrow();
    assertEquals(amount(50), topUp.amount(), "120 + 30 of 100");
    assertEquals(PAYER.address(), topUp.sender());
    assertEquals(Optional.empty(), wanted.planTopUp(RANDOM), "one is on its way");
  }

  @Test
  void waiting_isOfNoUseOnceSomethingHasToBeDone() {
    wanted.ask(request(ONE, 120), POLICY);
    assertTrue(wanted.canGoOn(request(ONE, 120)), "a top-up has to be sent");
    funds.begun(wanted.planTopUp(RANDOM).orElseThrow().id());
    assertFalse(wanted.canGoOn(request(ONE, 120)));
    view.see(view(settling(channel(ID, 100, 0), NOW), 100, 2));
    assertTrue(wanted.canGoOn(request(ONE, 120)), "it will never come: look for another channel");
  }

  @Test
  void aim_isWhatIsConfirmedAndTheShortfall() {
    assertEquals(amount(130), wanted.aim(ONE, amount(30), POLICY));
    assertEquals(amount(30), wanted.planTopUp(RANDOM).orElseThrow().amount());
    assertFalse(wanted.isConfirmed(ONE, amount(130)));
    view.see(view(channel(ID, 130, 0), 130, 2));
    assertTrue(wanted.isConfirmed(ONE, amount(130)));
  }

  @Test
  void aim_leavesOutWhatIsSignedAway() {
    lanes.lane(0).keep(voucher(ID, 0, 1, 90));
    assertEquals(amount(590), wanted.aim(ONE, amount(490), POLICY));
    assertThrows(PaymentException.class, () -> wanted.aim(ONE, amount(491), POLICY));
  }

  @Test
  void givenChannelEnds_nothingMoreIsConfirmed() {
    view.see(view(settling(channel(ID, 100, 0), NOW), 100, 2));
    assertTrue(wanted.isConfirmed(ONE, amount(100)), "what is there is there");
    assertEquals(
        DealCode.CHANNEL_CLOSING,
        assertThrows(PaymentException.class, () -> wanted.isConfirmed(ONE, amount(101))).code());
  }
}
