package io.sluice.node.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.dealstore.DealStore;
import io.sluice.dealstore.journal.JournalSettings;
import io.sluice.fsm.client.ClientDeal;
import io.sluice.fsm.client.ClientDeals;
import io.sluice.fsm.client.ClientState;
import io.sluice.fsm.client.DealOrder;
import io.sluice.fsm.engine.MachineView;
import io.sluice.fsm.replay.KnownTables;
import io.sluice.payments.PaymentException;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.DealCode;
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
  private final ClientDeal deal = deal();
  private DealStore store;
  private DealDebts debts;

  @BeforeEach
  void open() throws IOException {
    store =
        DealStore.open(
            folder, KnownTables.of(ClientDeals.TABLE), JournalSettings.DEFAULT, cause -> {});
    FinalVouchers vouchers =
        new FinalVouchers(context, new TransferAttempts(context), new FinalVoucherStore(store));
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
}
