package io.sluice.node.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.fsm.Attachment;
import io.sluice.fsm.EventSink;
import io.sluice.fsm.EventType;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.client.ClientDeal;
import io.sluice.fsm.client.ClientEvent;
import io.sluice.fsm.client.ClientInput;
import io.sluice.fsm.client.ClientMoney;
import io.sluice.fsm.client.DealOrder;
import io.sluice.fsm.client.LaneOpening;
import io.sluice.payments.ChannelBook;
import io.sluice.payments.DealRef;
import io.sluice.payments.PaymentRecord;
import io.sluice.payments.home.Payments;
import io.sluice.payments.ledger.IntentId;
import io.sluice.payments.ledger.embedded.EmbeddedLedger;
import io.sluice.payments.payee.PayeePolicy;
import io.sluice.payments.payer.PayerPolicy;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.payments.voucher.SigningKey;
import io.sluice.payments.voucher.Voucher;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Offer;
import io.sluice.protocol.retrieval.Payee;
import io.sluice.protocol.retrieval.Payment;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lanes and vouchers of deals, on a real ledger; a byte costs one unit, the fee is 10. */
class DealMoneyTest {
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-01-02T03:04:05Z"), ZoneOffset.UTC);
  private static final MachineId ID = Deals.ID;
  private static final TokenAmount BUDGET = TokenAmount.of(5_000);
  private static final TokenAmount MIN_DEPOSIT = TokenAmount.of(300);

  @TempDir Path folder;
  private final SecureRandom random = new SecureRandom();
  private final SigningKey key = SigningKey.generate(random);
  private final List<PaymentRecord> journal = new ArrayList<>();

  /** What came with the deal's events. */
  private final List<ClientInput.Signed> signed = new ArrayList<>();

  private final List<Attachment> attached = new ArrayList<>();
  private TokenAmount counted = TokenAmount.ZERO;
  private boolean records = true;
  private EmbeddedLedger ledger;
  private Payments payments;
  private DealMoney money;
  private ClientDeal deal;

  @BeforeEach
  void open() throws IOException {
    ledger = EmbeddedLedger.open(folder.resolve("ledger"), CLOCK, random);
    ledger.faucet(
        IntentId.random(random), EvmAddress.ZERO, key.address(), TokenAmount.of(1_000_000));
    payments =
        Payments.restore(
            new Payments.Setup(
                Map.of(ledger.domain(), ledger),
                Map.of(key.address(), key),
                new PayerPolicy(
                    key.address(),
                    Map.of(ledger.domain(), Set.of(EvmAddress.ZERO)),
                    TokenAmount.of(1_000_000),
                    PayerPolicy.DEFAULT_MAX_CHALLENGE,
                    0,
                    PayerPolicy.DEFAULT_MAX_CONFIRMATIONS),
                PayeePolicy.of(List.of()),
                journal::add,
                CLOCK,
                random,
                deal -> {}),
            List.of());
    payments.start();
    money =
        new DealMoney(
            Deals.CLIENT,
            payments.payer(),
            CLOCK,
            Duration.ofSeconds(30),
            new ClientMetrics() {
              @Override
              public void paid(EvmAddress token, TokenAmount more) {
                counted = counted.plus(more);
              }
            },
            this::record);
    Payee payee =
        new Payee(
            ledger.domain().chainId(),
            ledger.domain().contract(),
            EvmAddress.ZERO,
            SigningKey.generate(random).address(),
            60,
            MIN_DEPOSIT,
            0,
            Optional.empty(),
            Optional.empty());
    DealOrder order = Deals.PAID.order();
    deal =
        new ClientDeal(
            Deals.PAID.id(),
            new DealOrder(
                order.provider(),
                order.addresses(),
                order.root(),
                order.selector(),
                Optional.of(new Offer(Deals.TERMS, payee)),
                BUDGET),
            Deals.PAID.leftOut(),
            Deals.PAID.progress(),
            Optional.empty(),
            Deals.PAID.standing());
  }

  @AfterEach
  void close() throws IOException {
    ledger.close();
  }

  private CompletableFuture<?> record(
      MachineId id, ClientInput.Signed input, List<Attachment> voucher) {
    if (!records) {
      return CompletableFuture.failedFuture(new IOException("no disk"));
    }
    signed.add(input);
    attached.addAll(voucher);
    return CompletableFuture.completedFuture(null);
  }

  private ClientDeal with(LaneOpening lane) {
    return new ClientDeal(
        deal.id(),
        deal.order(),
        deal.leftOut(),
        deal.progress(),
        Optional.of(new ClientMoney(lane, lane.base(), 0, 0)),
        deal.standing());
  }

  private ClientDeal funded() throws Exception {
    deal = with(money.fund(ID, deal));
    return deal;
  }

  private TokenAmount pay(long charged) throws Exception {
    return money.pay(ID, deal, charged).orElseThrow().amount();
  }

  private TokenAmount deposit() {
    return payments.books().getFirst().confirmed();
  }

  // ---- funds

  @Test
  void givenNoChannel_whenFunded_thenTheOpeningIsForThisDealAndSigned() throws Exception {
    LaneOpening lane = money.fund(ID, deal);

    assertEquals(TokenAmount.ZERO, lane.base());
    assertEquals(deal.id(), lane.opening().id());
    assertEquals(Deals.TERMS, lane.opening().terms());
    assertEquals(Optional.empty(), lane.opening().best());
    assertEquals(BUDGET, deposit());
    assertEquals(lane.opening().channel(), payments.payer().ticket(ref()).orElseThrow().channel());
  }

  private static DealRef ref() {
    return new DealRef(ID.value());
  }

  @Test
  void givenALane_whenAnotherIsWanted_thenItIsAnotherOne() throws Exception {
    LaneOpening first = money.fund(ID, deal);

    LaneOpening second = money.another(ID, with(first));

    assertEquals(first.opening().channel(), second.opening().channel());
    assertTrue(first.opening().lane() != second.opening().lane());
  }

  // ---- vouchers

  @Test
  void givenCharges_whenPaid_thenVoucherAndEventAreOneRecord() throws Exception {
    funded();

    assertEquals(TokenAmount.of(1_010), pay(1_000));
    assertEquals(TokenAmount.of(2_010), pay(2_000));

    assertEquals(
        List.of(
            new ClientInput.Signed(CLOCK.instant(), TokenAmount.of(1_010), 1, 1_000),
            new ClientInput.Signed(CLOCK.instant(), TokenAmount.of(2_010), 2, 2_000)),
        signed);
    assertEquals(
        List.of("voucher-given", "voucher-given"),
        attached.stream().map(Attachment::kind).toList());
    assertEquals(TokenAmount.of(2_010), counted);
    assertEquals(
        Optional.of(TokenAmount.of(2_010)),
        payments.payer().ticket(ref()).orElseThrow().best().map(SignedVoucher::amount));
  }

  @Test
  void givenWhatIsPaidAlready_whenPaidAgain_thenTheSameVoucherAndNoRecord() throws Exception {
    funded();
    pay(1_000);

    assertEquals(TokenAmount.of(1_010), pay(1_000));
    assertEquals(TokenAmount.of(1_010), pay(400));

    assertEquals(1, signed.size());
    assertEquals(TokenAmount.of(1_010), counted);
  }

  @Test
  void givenARecordThatFails_thenNothingIsPaid_andTheNextVoucherTakesItsPlace() throws Exception {
    funded();
    records = false;
    assertThrows(IOException.class, () -> pay(1_000));
    assertEquals(TokenAmount.ZERO, counted);
    assertEquals(Optional.empty(), payments.payer().ticket(ref()).orElseThrow().best());

    records = true;
    assertEquals(TokenAmount.of(910), pay(900));

    assertEquals(TokenAmount.of(910), signed.getFirst().amount());
    assertEquals(TokenAmount.of(910), counted);
  }

  /** One at a time, whichever thread it is on: the next must find the turn free. */
  @Test
  void givenAVoucher_whenAnotherThreadPays_thenItsTurnComes() throws Exception {
    funded();
    pay(1_000);

    CompletableFuture<TokenAmount> other = new CompletableFuture<>();
    Thread.startVirtualThread(
        () -> {
          try {
            other.complete(pay(2_000));
          } catch (Exception e) { // told to whoever waits
            other.completeExceptionally(e);
          }
        });

    assertEquals(TokenAmount.of(2_010), other.get(10, TimeUnit.SECONDS));
  }

  @Test
  void givenAFreeDealOrNoLane_thenThereIsNothingToPay() throws Exception {
    assertEquals(Optional.empty(), money.pay(ID, Deals.FREE, 1_000));
    assertEquals(Optional.empty(), money.pay(ID, deal, 1_000));
    assertEquals(List.of(), signed);
  }

  @Test
  void givenADealThatIsOver_whenPaidLate_thenOnlyTheDifferenceCounts() throws Exception {
    funded();
    pay(1_000);
    leave(true);

    SignedVoucher late = money.payLate(ID, deal, TokenAmount.of(1_010), TokenAmount.of(1_500));

    assertEquals(TokenAmount.of(1_500), late.amount());
    assertEquals(TokenAmount.of(1_500), counted);
  }

  // ---- what a provider says is missing

  @Test
  void givenAShortfall_whenCoveredAgainAndAgain_thenNeverBeyondBudgetAndDeposit() throws Exception {
    funded();

    assertTrue(money.cover(ID, deal, TokenAmount.of(5_000)).isPresent());
    assertEquals(BUDGET.plus(TokenAmount.of(5_000)), deposit());
    assertTrue(money.cover(ID, deal, TokenAmount.of(5_000)).isPresent());
    assertEquals(BUDGET.plus(BUDGET).plus(MIN_DEPOSIT), deposit());
    assertEquals(Optional.empty(), money.cover(ID, deal, TokenAmount.of(1)));
    assertEquals(BUDGET.plus(BUDGET).plus(MIN_DEPOSIT), deposit());
  }

  @Test
  void givenADealThatIsForgotten_thenItsNumberMayCoverAgain() throws Exception {
    funded();
    money.cover(ID, deal, BUDGET.plus(MIN_DEPOSIT));

    money.forget(ID);

    assertTrue(money.cover(ID, deal, TokenAmount.of(1)).isPresent());
  }

  // ---- vouchers that this home has lost

  private TokenAmount depositOf(LaneOpening lane) {
    return payments.books().stream()
        .filter(book -> book.id().equals(lane.opening().channel()))
        .map(ChannelBook::confirmed)
        .findFirst()
        .orElseThrow();
  }

  /** What the provider shows: signed here, and gone with an older copy of the home. */
  private SignedVoucher lost(LaneOpening lane, long amount) {
    return key.sign(
        ledger.domain(),
        new Voucher(lane.opening().channel(), lane.opening().lane(), 9, TokenAmount.of(amount)));
  }

  @Test
  void givenALostVoucher_thenItIsTheLanesBaseAndTheBudgetIsCoveredAnew() throws Exception {
    Payee other = deal.order().offer().orElseThrow().payee();
    payments
        .payer()
        .open(
            new Payee(
                other.chainId(),
                other.contract(),
                other.token(),
                SigningKey.generate(random).address(),
                60,
                MIN_DEPOSIT,
                0,
                Optional.empty(),
                Optional.empty()),
            TokenAmount.of(9_000));
    LaneOpening first = funded().money().orElseThrow().lane();

    LaneOpening adopted = money.adopt(ID, deal, lost(first, 700)).orElseThrow();

    assertEquals(TokenAmount.of(700), adopted.base());
    assertEquals(Optional.of(TokenAmount.of(700)), adopted.opening().best().map(Payment::amount));
    assertEquals(first.opening().lane(), adopted.opening().lane());
    assertEquals(TokenAmount.of(5_700), depositOf(adopted), "as much as was signed away before");
    deal = with(adopted);
    assertEquals(TokenAmount.of(700 + 110), pay(100));
  }

  @Test
  void givenALostVoucher_whenTheDepositIsEnough_thenNothingIsAdded() throws Exception {
    LaneOpening first = funded().money().orElseThrow().lane();
    payments.payer().topUp(first.opening().channel(), TokenAmount.of(700));

    assertTrue(money.adopt(ID, deal, lost(first, 700)).isPresent());

    assertEquals(TokenAmount.of(5_700), depositOf(first));
  }

  @Test
  void givenAVoucherThatIsKnown_thenToShowItAgainIsNoReasonToGoOn() throws Exception {
    LaneOpening first = funded().money().orElseThrow().lane();
    SignedVoucher lost = lost(first, 700);
    deal = with(money.adopt(ID, deal, lost).orElseThrow());

    assertEquals(Optional.empty(), money.adopt(ID, deal, lost));
    assertEquals(Optional.empty(), money.adopt(ID, deal, lost(first, 699)));
  }

  /** Where the ledger has paid on the lane, its base is known and only the voucher is not. */
  @Test
  void givenABaseWithoutItsVoucher_thenTheVoucherIsNews() throws Exception {
    LaneOpening first = funded().money().orElseThrow().lane();
    deal = with(new LaneOpening(first.opening(), TokenAmount.of(700)));

    LaneOpening adopted = money.adopt(ID, deal, lost(first, 700)).orElseThrow();

    assertEquals(Optional.of(TokenAmount.of(700)), adopted.opening().best().map(Payment::amount));
  }

  // ---- leaving

  private void leave(boolean taken) throws InterruptedException {
    money.leave(
        ID,
        true,
        new EventSink<>() {
          @Override
          public <X extends ClientInput> CompletableFuture<?> send(
              EventType<X> event, X input, List<Attachment> attachments) {
            attached.addAll(attachments);
            return taken
                ? CompletableFuture.completedFuture(null)
                : CompletableFuture.failedFuture(new IOException("refused"));
          }

          @Override
          public boolean isCurrent() {
            return true;
          }
        },
        ClientEvent.FINAL_SENT,
        new ClientInput.At(CLOCK.instant()));
  }

  @Test
  void givenADealThatEnds_thenTheLaneIsLeftInTheSameRecord() throws Exception {
    funded();

    leave(true);

    assertEquals(List.of("deal-left"), attached.stream().map(Attachment::kind).toList());
    assertEquals(Optional.empty(), payments.payer().ticket(ref()));
  }

  @Test
  void givenAnEndThatIsRefused_thenTheLaneIsKept() throws Exception {
    funded();

    leave(false);

    assertTrue(payments.payer().ticket(ref()).isPresent());
    assertEquals(TokenAmount.of(110), pay(100));
  }
}
