package io.sluice.node.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.sluice.fsm.DealReason;
import io.sluice.fsm.client.ClientDeal;
import io.sluice.fsm.client.ClientInput;
import io.sluice.payments.PaymentException;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.DealResult;
import io.sluice.protocol.retrieval.Payment;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is tried after a refusal, and what is not. */
class RefusalRemediesTest {
  private final FakeContext context = new FakeContext();
  private final RefusalRemedies remedies =
      new RefusalRemedies(
          context,
          new RefusalRemedies.Debts() {
            @Override
            public boolean pay(PeerId provider, TokenAmount most) {
              return payDebts(provider, most);
            }

            @Override
            public Optional<String> named(PeerId provider, long deal, long charged) {
              assertEquals(Deals.PROVIDER, provider);
              return Optional.of("deal %d, %d bytes".formatted(deal, charged)).filter(any -> known);
            }
          });
  private final List<DealReason> lost = new ArrayList<>();
  private Optional<DealResult> result = Optional.empty();
  private int asked;
  private boolean inDebt;
  private boolean known = true;
  private boolean accepted;

  private final RefusedAttempt attempt =
      new RefusedAttempt() {
        @Override
        public Optional<DealResult> resultWith(DealCode code) {
          asked++;
          return result.filter(one -> one.code() == code);
        }

        @Override
        public boolean isAccepted() {
          return accepted;
        }

        @Override
        public void lost(DealReason reason) {
          lost.add(reason);
        }
      };

  private boolean payDebts(PeerId provider, TokenAmount most) {
    assertEquals(Deals.PROVIDER, provider);
    assertEquals(Deals.PAID.order().budget(), most);
    boolean paid = inDebt;
    inDebt = false;
    return paid;
  }

  @Test
  void givenUnpaid_whenThisEndOwesIndeed_thenItPaysAndProposesAnew_once() {
    inDebt = true;
    refused(DealCode.UNPAID);
    assertEquals(List.of("REOPENED"), context.said());
    assertEquals(new ClientInput.Funded(context.now, Deals.LANE), context.inputs.getLast());

    refused(DealCode.UNPAID);
    assertEquals(List.of("REFUSED"), context.said());
    assertEquals(DealCode.UNPAID, reason().code());
  }

  private static DealResult unpaid(Optional<Long> earlier) {
    return new DealResult(
        12,
        DealCode.UNPAID,
        Optional.of(TokenAmount.of(70)),
        Optional.of(4_000L),
        earlier,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  @Test
  void givenUnpaid_whenTheProviderNamesADealOfOurs_thenTheUserIsToldWhatToDo() {
    result = Optional.of(unpaid(Optional.of(3L)));
    refused(DealCode.UNPAID);
    assertEquals(new DealReason(DealCode.UNPAID, "no; deal 3, 4000 bytes"), reason());

    known = false;
    refused(DealCode.UNPAID);
    assertEquals(new DealReason(DealCode.UNPAID, "no"), reason());
    result = Optional.of(unpaid(Optional.empty()));
    known = true;
    refused(DealCode.UNPAID);
    assertEquals(new DealReason(DealCode.UNPAID, "no"), reason());
  }

  private void refused(ClientDeal deal, DealCode code) {
    remedies.refused(attempt, Deals.ID, deal, new DealReason(code, "no"));
  }

  private void refused(DealCode code) {
    refused(Deals.funded(Deals.PAID, 0), code);
  }

  private DealReason reason() {
    return assertInstanceOf(ClientInput.Stopped.class, context.inputs.getLast()).reason();
  }

  private void assertReopened(String call) {
    assertEquals(List.of(call), context.payments.calls());
    assertEquals(List.of("REOPENED"), context.said());
    assertEquals(new ClientInput.Funded(context.now, Deals.LANE), context.inputs.getLast());
  }

  @Test
  void givenABusyLane_thenAnotherIsTaken() {
    refused(DealCode.LANE_BUSY);

    assertReopened("another");
    assertEquals(1, context.tally.refusals("LANE_BUSY"));
    assertEquals(1, context.tally.mends("LANE_BUSY"));
    assertEquals(0, asked);
  }

  @Test
  void givenALaneBehind_thenTheProvidersVoucherIsAdopted() {
    result =
        Optional.of(
            DealResult.of(12, DealCode.LANE_BEHIND)
                .with(Deals.voucher(TokenAmount.of(900)).payment(12, 0, false)));

    refused(DealCode.LANE_BEHIND);

    assertReopened("adopt 900");
  }

  @Test
  void givenALaneBehindWithoutAVoucher_orOneThatIsNoBetter_thenTheRefusalStands() {
    refused(DealCode.LANE_BEHIND);
    assertEquals(List.of(), context.payments.calls());
    assertEquals(List.of("REFUSED"), context.said());

    context.payments.helps = false;
    givenALaneBehindVoucher();
    refused(DealCode.LANE_BEHIND);
    assertEquals(List.of("adopt 900"), context.payments.calls());
    assertEquals(List.of("REFUSED"), context.said());
    assertEquals(new DealReason(DealCode.LANE_BEHIND, "no"), reason());
    assertEquals(0, context.tally.mends("LANE_BEHIND"));
  }

  private void givenALaneBehindVoucher() {
    result =
        Optional.of(
            DealResult.of(12, DealCode.LANE_BEHIND)
                .with(Deals.voucher(TokenAmount.of(900)).payment(12, 0, false)));
  }

  @ParameterizedTest
  @EnumSource(names = {"INSUFFICIENT_DEPOSIT", "DEPOSIT_USED"})
  void givenTooSmallADeposit_thenTheGapIsCovered(DealCode code) {
    result = Optional.of(DealResult.of(12, code).shortBy(TokenAmount.of(70)));

    refused(code);

    assertReopened("cover 70");
  }

  @ParameterizedTest
  @EnumSource(names = {"INSUFFICIENT_DEPOSIT", "DEPOSIT_USED"})
  void givenAGapOfUnknownSize_thenTheRefusalStands(DealCode code) {
    refused(code);

    assertEquals(List.of(), context.payments.calls());
    assertEquals(List.of("REFUSED"), context.said());
  }

  @ParameterizedTest
  @EnumSource(names = {"PRICE_TOO_LOW", "NOT_FOUND", "UNPAID", "RESTART_BEHIND_PAID"})
  void givenAnyOtherRefusal_thenItStands(DealCode code) {
    refused(code);

    assertEquals(List.of("REFUSED"), context.said());
    assertEquals(new DealReason(code, "no"), reason());
  }

  @Test
  void givenAFreeDeal_orOneThatWasAgreedOn_thenNothingIsTried() {
    refused(Deals.FREE, DealCode.LANE_BUSY);
    refused(Deals.answered(Deals.funded(Deals.PAID, 0), 0), DealCode.LANE_BUSY);
    accepted = true; // in the very attempt, which began before
    refused(DealCode.LANE_BUSY);

    assertEquals(List.of(), context.payments.calls());
    assertEquals(List.of("REFUSED", "REFUSED", "REFUSED"), context.said());
  }

  @Test
  void givenOneRefusalAfterAnother_thenSoManyAreMet_untilTheDealEnds() {
    for (int i = 0; i < RefusalRemedies.MOST; i++) {
      refused(DealCode.LANE_BUSY);
    }
    assertEquals(RefusalRemedies.MOST, context.payments.calls().size());
    refused(DealCode.LANE_BUSY);
    assertEquals(List.of(), context.payments.calls());

    remedies.forget(Deals.ID);
    refused(DealCode.LANE_BUSY);
    assertEquals(List.of("another"), context.payments.calls());
  }

  // ---- refusals of the moment

  @ParameterizedTest
  @EnumSource(names = {"RATE_LIMITED", "BUSY", "TOO_MANY_DEALS", "SHUTTING_DOWN"})
  void givenARefusalOfTheMoment_thenTheAttemptIsLost_andTheDealIsNot(DealCode code) {
    refused(code);

    assertEquals(List.of(new DealReason(code, "no")), lost);
    assertEquals(List.of(), context.said());
    assertEquals(Duration.ZERO, remedies.takePause(Deals.ID));
  }

  @Test
  void givenAProviderThatAsksForPatience_thenTheNextAttemptHasIt_once() {
    result =
        Optional.of(
            new DealResult(
                12,
                DealCode.BUSY,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(9L),
                Optional.empty()));

    refused(DealCode.BUSY);

    assertEquals(Duration.ofSeconds(9), remedies.takePause(Deals.ID));
    assertEquals(Duration.ZERO, remedies.takePause(Deals.ID));
  }

  @Test
  void givenAFreeDeal_thenNoResultIsWaitedFor() {
    refused(Deals.FREE, DealCode.BUSY);

    assertEquals(0, asked);
    assertEquals(1, lost.size());
  }

  // ---- remedies that fail

  @Test
  void givenARemedyThatMoneyRefuses_thenThatIsTheReason() {
    context.payments.refusal = Optional.of(new PaymentException(DealCode.MAX_DEPOSIT, "no more"));

    refused(DealCode.LANE_BUSY);

    assertEquals(List.of("REFUSED"), context.said());
    assertEquals(new DealReason(DealCode.DEPOSIT_USED, "no more"), reason());
  }

  @Test
  void givenAVoucherThatIsNone_thenItIsNotOurs() {
    Payment good = Deals.voucher(TokenAmount.of(900)).payment(12, 0, false);
    Payment bad =
        new Payment(
            good.id(),
            -1,
            good.contract(),
            good.channel(),
            good.lane(),
            good.nonce(),
            good.amount(),
            good.bytes(),
            good.last(),
            good.signature());
    result = Optional.of(DealResult.of(12, DealCode.LANE_BEHIND).with(bad));

    refused(DealCode.LANE_BEHIND);

    assertEquals(List.of("REFUSED"), context.said());
    assertEquals(DealCode.NOT_OUR_VOUCHER, reason().code());
    assertEquals(List.of(), context.payments.calls());
  }

  @Test
  void givenARemedyThatTheDiskRefuses_thenTheDealIsGivenUp() {
    context.payments.failure = Optional.of(new IOException("no disk"));

    refused(DealCode.LANE_BUSY);

    assertEquals(List.of("GIVE_UP"), context.said());
    assertEquals(new DealReason(DealCode.INTERNAL, "no disk"), reason());
  }

  @Test
  void givenADealThatTakesNoEvent_thenItIsGivenUp() {
    context.deaf = Optional.of(new IOException("the deal did not take the event"));

    refused(DealCode.LANE_BUSY);

    assertEquals(List.of("GIVE_UP"), context.said());
  }
}
