package io.sluice.node.provider;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.fsm.DealOutcome;
import io.sluice.fsm.provider.ProviderOrder;
import io.sluice.fsm.provider.ProviderState;
import io.sluice.node.provider.ProposalChecks.CheckedOpening;
import io.sluice.payments.DealRef;
import io.sluice.protocol.graphsync.TestDag;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.ipld.ForwardingBlockStore;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.DealOpening;
import io.sluice.protocol.retrieval.DealResult;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An opening whose voucher is better than ours pays for the deal that had the lane before. */
class ProposalChecksTest {
  private static final int LANE = 1;

  @TempDir Path folder;
  private SaleBench bench;
  private ProposalChecks checks;

  @BeforeEach
  void open() throws IOException {
    bench = new SaleBench(folder);
    checks = new ProposalChecks(bench.sales, bench.transfers, bench.stock, ProviderLimits.DEFAULT);
  }

  @AfterEach
  void close() throws IOException {
    bench.close();
  }

  /** Deal 1 has ended and owes; then its last voucher arrives, with the opening of deal 2. */
  private void deal1Owes(long bytes) {
    bench.open(1, ProviderState.SERVING);
    bench.charge(1, bytes);
    bench.endings.end(
        bench.id(1), DealOutcome.CANCELLED, Optional.empty(), DealCode.CANCELLED, "over");
    bench.sales.events.clear();
  }

  private DealOpening opening(long best) {
    DealOpening plain = bench.opening(2, LANE, SaleBench.TERMS);
    return new DealOpening(
        2,
        plain.terms(),
        plain.payee(),
        plain.channel(),
        LANE,
        Optional.of(bench.signed(bench.payer, LANE, 4, best).payment(1, best, true)),
        plain.signature());
  }

  private CheckedOpening check(DealOpening opening) {
    return checks.check(bench.id(2), bench.order(2, true), opening);
  }

  @Test
  void dealThatRestsUnpaidIsPaidByTheNextOnesOpening() {
    deal1Owes(500);

    CheckedOpening.Good good = assertInstanceOf(CheckedOpening.Good.class, check(opening(500)));

    assertEquals(TokenAmount.of(500), good.account().value().base());
    assertEquals(List.of("PAID"), bench.sales.events);
    assertEquals(TokenAmount.of(500), bench.sales.deal(bench.id(1)).credit());
    assertEquals(TokenAmount.ZERO, bench.sales.account(bench.id(1)).orElseThrow().owed());
    assertEquals(List.of(bench.id(1)), bench.sales.looks, "it may be settled now");
  }

  @Test
  void refusalForADebtNamesTheDealAsItsClientDoes() {
    long most = SaleBench.TERMS.mostUnpaid(0) + 1;
    deal1Owes(most);

    CheckedOpening.Bad bad =
        assertInstanceOf(
            CheckedOpening.Bad.class, check(bench.opening(2, LANE + 1, SaleBench.TERMS)));

    DealResult told = bad.why().result(2);
    assertEquals(DealCode.UNPAID, told.code());
    assertEquals(Optional.of(SaleBench.TERMS.due(most)), told.owed());
    assertEquals(Optional.of(most), told.bytes());
    assertEquals(Optional.of(1L), told.deal());
    assertEquals(Optional.empty(), told.shortfall());
  }

  @Test
  void dealsOfOtherClientsHaveNoNumberThatAClientKnows() {
    bench.open(7, ProviderState.SERVING);
    DealRef deal = SaleContext.refOf(bench.id(7));

    assertEquals(Optional.of(7L), checks.numberOf(SaleBench.CLIENT, deal));
    assertEquals(Optional.empty(), checks.numberOf(bench.sales.self(), deal));
    assertEquals(Optional.empty(), checks.numberOf(SaleBench.CLIENT, new DealRef("p-nonsense")));
  }

  @Test
  void voucherOfADealThatTakesNoEventsIsKeptAlone() {
    deal1Owes(500);
    bench.sales.put(bench.id(1), ProviderState.ENDED, bench.sales.deal(bench.id(1)));
    int records = bench.moneyJournal.size();

    assertInstanceOf(CheckedOpening.Good.class, check(opening(500)));

    assertEquals(List.of(), bench.sales.events);
    assertEquals(records + 1, bench.moneyJournal.size());
    assertEquals(TokenAmount.ZERO, bench.sales.account(bench.id(1)).orElseThrow().owed());
  }

  @Test
  void laneWhoseVouchersAreNewWheneverTheyAreLookedAtIsBusy() {
    deal1Owes(500);
    bench.sales.onLook = () -> {};
    // The voucher is refused each time, so it is news each time.
    bench.sales.put(bench.id(1), ProviderState.NEW, bench.sales.deal(bench.id(1)));

    CheckedOpening.Bad bad = assertInstanceOf(CheckedOpening.Bad.class, check(opening(500)));

    assertEquals(DealCode.LANE_BUSY, bad.why().code());
    assertEquals(List.of("!PAID", "!PAID", "!PAID", "!PAID"), bench.sales.events);
  }

  @Test
  void openingThatIsNotOfferedGivesItsLaneBack() {
    bench.dag.store().remove(bench.dag.root());

    CheckedOpening.Bad bad =
        assertInstanceOf(CheckedOpening.Bad.class, check(bench.opening(2, LANE, SaleBench.TERMS)));

    assertEquals(DealCode.NOT_FOUND, bad.why().code());
    assertTrue(bench.sales.account(bench.id(2)).isEmpty());
    bench.open(1, ProviderState.SERVING);
  }

  @Test
  void contentThatIsDamagedOrWithheldIsNotSaidToLackAPrice() throws IOException {
    assertNotSold(DealCode.DAMAGED, Optional.of(DealCode.DAMAGED));
    assertNotSold(DealCode.NOT_FOUND, Optional.of(DealCode.NOT_FOUND));
    bench.prices.remove(Optional.of(bench.dag.root()));
    bench.clock.turn(Duration.ofSeconds(SaleBench.TERMS.validSeconds() + 1));
    assertNotSold(DealCode.NOT_OFFERED, Optional.empty());
  }

  private void assertNotSold(DealCode expected, Optional<DealCode> withheld) {
    bench.withheld = withheld;

    CheckedOpening.Bad bad =
        assertInstanceOf(CheckedOpening.Bad.class, check(bench.opening(2, LANE, SaleBench.TERMS)));

    assertEquals(expected, bad.why().code());
    assertEquals(expected == DealCode.NOT_OFFERED, bad.why().message().contains("has no price"));
    assertEquals(expected == DealCode.DAMAGED, bad.why().message().contains("damaged"));
    assertTrue(bench.sales.account(bench.id(2)).isEmpty());
  }

  @Test
  void rootThatIsDamagedIsNotSaidToBeUnknown() {
    Stock rotten = new Stock(new Rotten(bench.dag.store()), bench.prices, bench.stock.sizes());

    assertEquals(
        Optional.of(DealCode.DAMAGED),
        rotten.whyNotHere(bench.dag.root()).map(ProposalRefusal::code));
  }

  /** A store that has found every block of another one damaged. */
  private static final class Rotten extends ForwardingBlockStore {
    Rotten(BlockStore blocks) {
      super(blocks);
    }

    @Override
    public boolean has(Cid cid) {
      return false;
    }

    @Override
    public boolean isDamaged(Cid cid) {
      return true;
    }
  }

  @Test
  void openingForAPathThatDoesNotExistGivesItsLaneBack() {
    Node fifth = Node.map().put("i", Node.map().put("i", 4).put(">", TestDag.ALL).build()).build();
    ProviderOrder plain = bench.order(2, true);
    ProviderOrder nowhere =
        new ProviderOrder(plain.peer(), 2, plain.root(), fifth, plain.leftOut(), true);

    CheckedOpening.Bad bad =
        assertInstanceOf(
            CheckedOpening.Bad.class,
            checks.check(bench.id(2), nowhere, bench.opening(2, LANE, SaleBench.TERMS, fifth)));

    assertEquals(DealCode.NOT_FOUND, bad.why().code());
    assertEquals("there is no '4' in " + plain.root(), bad.why().message());
    assertTrue(bench.sales.account(bench.id(2)).isEmpty());
  }

  @Test
  void openingWithAnotherNumberIsNotSignedForThisDeal() {
    CheckedOpening.Bad bad =
        assertInstanceOf(
            CheckedOpening.Bad.class,
            checks.check(
                bench.id(3), bench.order(3, true), bench.opening(2, LANE, SaleBench.TERMS)));

    assertEquals(DealCode.OPEN_BAD_SIGNATURE, bad.why().code());
  }
}
