package io.sluice.node.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.dealstore.DealStore;
import io.sluice.dealstore.journal.JournalSettings;
import io.sluice.fsm.DealReason;
import io.sluice.fsm.EntryHash;
import io.sluice.fsm.JournalEntry;
import io.sluice.fsm.StoredMachine;
import io.sluice.fsm.client.ClientDeal;
import io.sluice.fsm.client.ClientDeals;
import io.sluice.fsm.client.ClientProgress;
import io.sluice.fsm.client.ClientState;
import io.sluice.fsm.client.DealOrder;
import io.sluice.fsm.engine.MachineView;
import io.sluice.fsm.replay.KnownTables;
import io.sluice.payments.PaymentException;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is paid of the debts that deals left, judged where nothing can be signed. */
class DealDebtsTest {
  /** A window of 1,000 and one block beyond the 300 bytes that were paid for. */
  private static final long MOST = 300 + 1_000 + (4 << 20);

  @TempDir Path folder;
  private final FakeContext context = new FakeContext();
  private ClientDeal deal = deal();
  private DealStore store;
  private FinalVoucherStore outbox;
  private FinalVouchers vouchers;
  private DealDebts debts;

  @BeforeEach
  void open() throws IOException {
    store =
        DealStore.open(
            folder, KnownTables.of(ClientDeals.TABLE), JournalSettings.DEFAULT, cause -> {});
    outbox = new FinalVoucherStore(store);
    vouchers = new FinalVouchers(context, new TransferAttempts(context), outbox);
    debts = new DealDebts(context, store, vouchers);
    context.payments.refusal =
        Optional.of(new PaymentException(DealCode.CHANNEL_CLOSING, "settled"));
    at(ClientState.ENDED);
  }

  @AfterEach
  void close() throws IOException {
    store.close();
  }

  /** 300 bytes came and are paid for, with the fee. */
  private static ClientDeal deal() {
    ClientDeal paid = Deals.answered(Deals.funded(Deals.PAID, 310), 300);
    DealOrder order = paid.order();
    return new ClientDeal(
        paid.id(),
        new DealOrder(
            order.provider(),
            order.addresses(),
            order.root(),
            order.selector(),
            order.offer(),
            Deals.TERMS.due(100_000_000)),
        paid.leftOut(),
        paid.progress(),
        paid.money(),
        paid.standing());
  }

  private void at(ClientState state) {
    context.deals.put(
        Deals.ID,
        new MachineView<>(Deals.ID, state, state != ClientState.PARKED, deal, 1, context.now));
  }

  private Optional<String> named(PeerId provider, long number, long charged) throws IOException {
    return debts.named(provider, number, charged);
  }

  private List<String> triedToPay() {
    assertThrows(PaymentException.class, () -> debts.pay(Deals.ID, deal));
    return context.payments.calls();
  }

  @Test
  void givenNothingIsNamed_thenNothingIsPaid() throws Exception {
    assertTrue(debts.pay(Deals.ID, deal).isZero());
  }

  @Test
  void givenADebtThatCanBeHonest_thenItIsPaidWhenAskedFor_andNotBefore() throws Exception {
    assertTrue(named(Deals.PROVIDER, 12, MOST).orElseThrow().contains("sluice deals pay c-12"));
    assertTrue(!debts.pay(Deals.PROVIDER, Deals.TERMS.due(100_000_000)));

    assertEquals(List.of("pay late " + (10 + MOST) + " after 310"), triedToPay());
  }

  @Test
  void givenMoreThanTheGateLetsOut_thenItIsSaid_andNotPaid() throws Exception {
    String said = named(Deals.PROVIDER, 12, MOST + 1).orElseThrow();

    assertTrue(said.contains("can have sent " + MOST + " at most"), said);
    assertTrue(debts.pay(Deals.ID, deal).isZero());
  }

  @Test
  void givenADealOfAnotherProvider_orNone_thenNothingIsSaidOrPaid() throws Exception {
    assertEquals(Optional.empty(), named(Deals.CLIENT, 12, 400));
    assertEquals(Optional.empty(), named(Deals.PROVIDER, 13, 400));
    assertEquals(Optional.empty(), named(Deals.PROVIDER, -1, 400));

    assertTrue(debts.pay(Deals.ID, deal).isZero());
  }

  @Test
  void givenADealThatIsNotOver_thenTheUserIsToldToEndItFirst() throws Exception {
    at(ClientState.PARKED);

    assertTrue(named(Deals.PROVIDER, 12, 400).orElseThrow().contains("not over"));
  }

  /** Blocks that came since from elsewhere are not this provider's to be paid for. */
  @Test
  void givenAllIsHereByNow_thenNothingIsPaidForThat() throws Exception {
    context.blocks = Deals.DAG.store();

    assertTrue(debts.pay(Deals.ID, deal).isZero());
  }

  @Test
  void givenADealThatIsFree_orWasNeverAgreed_thenNothingIsSaidOrPaid() throws Exception {
    deal = Deals.answered(Deals.FREE, 300);
    at(ClientState.ENDED);
    assertEquals(Optional.empty(), named(Deals.PROVIDER, 12, 400));
    assertTrue(debts.pay(Deals.ID, deal).isZero());

    deal = Deals.at(deal(), new ClientProgress(12, false, 300, 300, 3, 0));
    at(ClientState.ENDED);
    assertEquals(Optional.empty(), named(Deals.PROVIDER, 12, 400));
    assertTrue(debts.pay(Deals.ID, deal).isZero());
  }

  // ---- by itself

  /** 300 bytes came of which 100 are paid for: 200 are owed. */
  private void owing() {
    payable();
    deal = Deals.answered(Deals.funded(Deals.PAID, 110), 300);
    at(ClientState.ENDED);
  }

  /** Vouchers are made, and answered at once. */
  private void payable() {
    context.payments.refusal = Optional.empty();
    context.heard =
        () -> {
          vouchers.answered(Deals.ID);
          context.work();
        };
  }

  /** The deal as another process left it. */
  private void stored(boolean ended) throws IOException {
    JournalEntry entry =
        new JournalEntry(
            Deals.ID,
            ClientDeals.TABLE.name(),
            ClientDeals.TABLE.version(),
            1,
            JournalEntry.STARTED,
            Node.map().build(),
            "",
            (ended ? ClientState.ENDED : ClientState.PARKED).name(),
            ClientDeals.TABLE.data().encode(deal),
            context.now,
            EntryHash.ZERO,
            List.of());
    store.append(
        entry,
        new StoredMachine(
            Deals.ID,
            entry.table(),
            entry.version(),
            entry.after(),
            ended,
            entry.data(),
            1,
            entry.hash(),
            context.now));
  }

  private boolean pays(long most) throws Exception {
    return debts.pay(Deals.PROVIDER, TokenAmount.of(most));
  }

  @Test
  void givenADebtOfAnEarlierProcess_thenItIsPaidOnce_whereItIsNoMoreThanTheMost() throws Exception {
    owing();
    stored(true);

    assertFalse(pays(199));
    assertEquals(List.of(), context.payments.calls());
    assertTrue(pays(200));
    assertEquals(List.of("pay late 310 after 110"), context.payments.calls());
    assertEquals(List.of("voucher to provider"), context.said());
    assertFalse(pays(200));
    assertEquals(List.of(), context.payments.calls());
  }

  @Test
  void givenADebtToAnother_orADealThatIsNotOver_thenNothingIsPaid() throws Exception {
    owing();
    stored(false);
    assertFalse(pays(200));

    debts.ended(Deals.ID, deal);
    assertFalse(debts.pay(Deals.CLIENT, TokenAmount.of(200)));
    assertEquals(List.of(), context.payments.calls());
    assertTrue(pays(200));
  }

  @Test
  void givenADealThatEndsInThisProcess_thenItsDebtIsPaidToo() throws Exception {
    owing();
    assertFalse(pays(200));

    debts.ended(Deals.ID, deal);

    assertTrue(pays(200));
  }

  @Test
  void givenADealThatOwesNothing_thenItIsNotLookedAtAgain() throws Exception {
    payable();
    assertFalse(pays(200));
    debts.ended(Deals.ID, deal);

    deal = Deals.answered(Deals.funded(Deals.PAID, 110), 300);
    at(ClientState.ENDED);

    assertFalse(pays(200));
  }

  /** Whoever sent what was not asked for is owed nothing for it, whatever was counted. */
  @Test
  void givenADealThatIsUnpaidForAReason_thenItStaysSo() throws Exception {
    owing();
    deal = Deals.because(deal, new DealReason(DealCode.BLOCK_HASH_MISMATCH, "not its bytes"));
    at(ClientState.ENDED);
    stored(true);

    assertFalse(pays(200));
  }

  @Test
  void givenNothingCanBeSigned_thenTheDebtStays() throws Exception {
    owing();
    stored(true);
    context.payments.refusal =
        Optional.of(new PaymentException(DealCode.CHANNEL_CLOSING, "settled"));

    assertFalse(pays(200));
    payable();
    assertTrue(pays(200));
  }

  /** What is paid for is durable before it is paid, and the voucher before it is sent. */
  @Test
  void givenADebt_thenTheVoucherIsKeptBeforeItGoesOut() throws Exception {
    owing();
    context.heard =
        () -> {
          assertEquals(300, outbox.find(Deals.ID).orElseThrow().payment().bytes());
          vouchers.answered(Deals.ID);
          context.work();
        };

    assertEquals(TokenAmount.of(200), debts.pay(Deals.ID, deal));
    assertEquals(1, context.vouchers.size());
    assertTrue(debts.pay(Deals.ID, deal).isZero());
  }
}
