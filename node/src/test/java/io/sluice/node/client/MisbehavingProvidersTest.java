package io.sluice.node.client;

import static io.sluice.node.client.Pair.until;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.fsm.DealOutcome;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.client.ClientDeal;
import io.sluice.fsm.client.ClientDeals;
import io.sluice.fsm.client.ClientState;
import io.sluice.fsm.engine.MachineView;
import io.sluice.node.api.ServiceException;
import io.sluice.payments.ChannelBook;
import io.sluice.payments.payer.PayerPolicy;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.payments.voucher.SigningKey;
import io.sluice.payments.voucher.Voucher;
import io.sluice.protocol.FailureCode;
import io.sluice.protocol.datatransfer.TransferExtensions;
import io.sluice.protocol.graphsync.Exclusions;
import io.sluice.protocol.graphsync.TestDag;
import io.sluice.protocol.graphsync.wire.ResponseStatus;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.ipld.DagCbor;
import io.sluice.protocol.ipld.MemoryBlockStore;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.retrieval.AskAnswer;
import io.sluice.protocol.retrieval.Availability;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.DealOpening;
import io.sluice.protocol.retrieval.DealResult;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Offer;
import io.sluice.protocol.retrieval.Payee;
import io.sluice.protocol.retrieval.Payment;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Providers that do not keep to the rules: what each of them gets out of a client, to the unit, and
 * what the client's user is told. Afterwards an honest provider can always be paid from the same
 * channel.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class MisbehavingProvidersTest {
  private static final Terms TERMS =
      new Terms(TokenAmount.of(3_000_001), TokenAmount.ZERO, 4_000, 1_000, 8_000, 600);
  private static final TokenAmount FEE = TokenAmount.of(77);
  private static final Terms WITH_FEE =
      new Terms(TERMS.pricePerMiB(), FEE, 4_000, 1_000, 8_000, 600);
  private static final long ACCOUNT = 1_000_000_000;
  private static final MachineId DEAL = new MachineId("c-1");

  private static final int TRIES = 3;

  /** For providers that say something. */
  private static final ClientLimits PATIENT = limits(Duration.ofSeconds(60));

  /** For providers that fall silent. */
  private static final ClientLimits IMPATIENT = limits(Duration.ofMillis(800));

  /** Visits that a provider answers before it misbehaves: less than a window. */
  private static final int SOME = 4;

  /** Visits that are worth many windows, where a leaf is a MiB. */
  private static final int MANY = 10;

  @TempDir Path folder;
  private final Tally tally = new Tally();
  private Pair pair;
  private ScriptedProvider provider;
  private Terms terms;
  private Cid root;

  private static ClientLimits limits(Duration silence) {
    return new ClientLimits(
        silence,
        silence,
        Duration.ofSeconds(20),
        TRIES,
        TRIES,
        Duration.ofMillis(10),
        Duration.ofMillis(20),
        Duration.ofHours(24),
        Duration.ofDays(7),
        64 << 10);
  }

  private void given(ClientLimits limits, ScriptedProvider.Script script) throws IOException {
    given(limits, TERMS, script);
  }

  private void given(ClientLimits limits, Terms wanted, ScriptedProvider.Script script)
      throws IOException {
    open(limits, wanted);
    offer(pair.dag.store(), pair.dag.root(), pair.dag.bytes(), script);
  }

  private void open(ClientLimits limits, Terms wanted) throws IOException {
    pair = new Pair(folder, TestDag.of(7, 4, 25, 1_000), limits, tally);
    terms = wanted;
  }

  private void offer(BlockStore content, Cid of, long size, ScriptedProvider.Script script) {
    root = of;
    provider =
        new ScriptedProvider(pair.network.host("scripted"), pair.client.host.id(), content, of)
            .quotes(quote(size, new Offer(terms, pair.payee)))
            .plays(script);
  }

  private static AskAnswer quote(long size, Offer... offers) {
    return new AskAnswer(
        Availability.AVAILABLE, "", Optional.of(size), Optional.empty(), List.of(offers));
  }

  @AfterEach
  void close() throws IOException {
    if (provider != null) {
      provider.close();
    }
    pair.close();
  }

  private Retrieval.RetrievalOutcome retrieve() throws ServiceException {
    return retrieval(pair.client.priceQuery).run((charged, received) -> {}, quote -> {});
  }

  private Retrieval retrieval(PriceQuery prices) {
    return pair.retrieval(provider.host, root, prices, Optional.empty());
  }

  private TokenAmount due(int visits) {
    return terms.due(provider.bytes(visits));
  }

  private ChannelBook book() {
    List<ChannelBook> books = pair.client.payments.books();
    assertEquals(1, books.size());
    return books.getFirst();
  }

  private ClientState state() {
    try {
      return pair.client.deals.view(DEAL).state();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private ClientDeal deal() throws IOException {
    return pair.client.deals.view(DEAL).data();
  }

  /** The command fails for that reason, and not a unit more than {@code paid} is gone. */
  private ServiceException assertEnds(
      DealOutcome outcome, DealCode reason, int exit, TokenAmount paid) throws IOException {
    ServiceException failure = assertThrows(ServiceException.class, this::retrieve);
    assertEquals(reason, failure.code(), failure::getMessage);
    assertEquals(exit, failure.code().exit());

    MachineView<ClientState, ClientDeal> view = pair.client.deals.view(DEAL);
    assertEquals(outcome, view.data().outcome().orElseThrow());
    assertEquals(reason, view.data().reason().orElseThrow());
    assertEquals(paid, view.data().paid());
    assertEquals(1, tally.started());
    assertCounted(outcome, reason.name());
    assertEquals(paid, tally.paid());
    assertBooks(view.data(), paid);
    return failure;
  }

  /** Counted as ended, once; that comes a moment after the end itself. */
  private void assertCounted(DealOutcome outcome, String reason) {
    until(() -> tally.endings(outcome, reason) > 0);
    assertEquals(1, tally.endings(outcome, reason));
  }

  /** The provider holds what the client signed away, and nothing is bound any more. */
  private void assertBooks(ClientDeal deal, TokenAmount paid) throws IOException {
    TokenAmount base = deal.base();
    until(() -> book().reserved().isZero());
    ChannelBook book = book();
    assertEquals(base.plus(paid), book.vouchered());
    book.lanes().forEach(lane -> assertEquals(Optional.empty(), lane.deal()));
    TokenAmount held = paid.isZero() ? TokenAmount.ZERO : base.plus(paid);
    long lane = deal.money().orElseThrow().lane().opening().lane();
    until(() -> provider.holds(lane).equals(held));
    assertEquals(
        TokenAmount.of(ACCOUNT),
        pair.ledger
            .balance(EvmAddress.ZERO, pair.client.key.address())
            .plus(book.deposit())
            .plus(book.redeemed()));
  }

  /**
   * An honest provider of the same payee sells the rest, on the same channel and lane, and is paid
   * for that alone.
   */
  private void assertOthersCanSell() throws Exception {
    TokenAmount before = book().vouchered();
    LocalContent here =
        LocalContent.of(pair.client.blocks, pair.dag.root(), TestDag.ALL, Exclusions.NONE);
    pair.offer(terms);

    Retrieval.RetrievalOutcome outcome =
        pair.retrieval().run((charged, received) -> {}, quote -> {});

    assertTrue(outcome.complete());
    ClientDeal bought = outcome.bought().orElseThrow();
    assertEquals(pair.dag.bytes() - here.bytes(), bought.progress().charged());
    assertEquals(terms.due(bought.progress().charged()), bought.paid());
    assertEquals(before.plus(bought.paid()), book().vouchered());
    assertEquals(bought.paid(), pair.completedAtProvider(bought.id()).credit());
  }

  // asks for more than it sent

  @Test
  void givenADemandForMuchMoreThanCame_thenTheDealIsOffAtOnce() throws Exception {
    given(
        PATIENT,
        deal -> {
          deal.accept();
          deal.send(0, SOME);
          long claim = provider.bytes(SOME) + (10 << 20);
          deal.demand(terms.due(claim), claim);
        });
    // How much has come by then is not certain, but that it is paid, and nothing else.
    ServiceException failure = assertThrows(ServiceException.class, this::retrieve);

    assertEquals(DealCode.OVERCHARGED, failure.code());
    assertEquals(3, failure.code().exit());
    assertEquals(DealOutcome.REJECTED, pair.outcome(DEAL));
    assertEquals(DealCode.OVERCHARGED, deal().reason().orElseThrow());
    assertCounted(DealOutcome.REJECTED, "OVERCHARGED");
    assertTrue(deal().progress().charged() <= provider.bytes(SOME));
    TokenAmount paid =
        deal().progress().charged() == 0
            ? TokenAmount.ZERO
            : terms.due(deal().progress().charged());
    assertEquals(paid, deal().paid());
    assertBooks(deal(), paid);
    assertOthersCanSell();
  }

  @Test
  void givenADemandForALittleMoreThanCame_thenItIsNotPaidAndTheDealEnds() throws Exception {
    given(
        IMPATIENT,
        deal -> {
          deal.accept();
          deal.send(0, SOME);
          long claim = provider.bytes(SOME) + 1;
          deal.demand(terms.due(claim), claim);
        });

    assertEnds(DealOutcome.REJECTED, DealCode.OVERCHARGED, 3, due(SOME));
    assertOthersCanSell();
  }

  @Test
  void givenADemandRightAfterARestart_thenWhatCameBeforeCounts() throws Exception {
    pair = new Pair(folder, TestDag.of(7, 1, 12, 1 << 20), IMPATIENT, tally);
    terms = new Terms(TokenAmount.of(1_000), TokenAmount.ZERO, 1 << 16, 0, 1 << 16, 600);
    offer(
        pair.dag.store(),
        pair.dag.root(),
        pair.dag.bytes(),
        deal -> {
          long came = provider.bytes(MANY);
          if (deal.isRestart()) {
            deal.accept();
            deal.send(0, 1); // the client only begins to pass what it has
            deal.goesOn();
            deal.demand(terms.due(came), came);
            deal.goesOn();
            deal.send(1, MANY);
            deal.sellFrom(MANY);
          } else {
            deal.accept();
            deal.send(0, MANY);
          }
        });

    Retrieval.RetrievalOutcome outcome = retrieve();

    assertTrue(outcome.complete());
    assertEquals(terms.due(pair.dag.bytes()), deal().paid());
    assertTrue(tally.retries() > 0);
  }

  @Test
  void givenADemandAtAnotherPriceThanOffered_thenTheOfferIsPaid() throws Exception {
    given(
        PATIENT,
        deal -> {
          deal.accept();
          deal.send(0, SOME);
          deal.demand(due(SOME), provider.bytes(SOME));
          deal.awaitPaid(due(SOME));
          deal.demand(due(SOME).plus(TokenAmount.of(1)), provider.bytes(SOME));
        });

    assertEnds(DealOutcome.REJECTED, DealCode.OVERCHARGED, 3, due(SOME));
    assertOthersCanSell();
  }

  @Test
  void givenADemandBeforeAnythingIsDue_thenNothingIsPaid() throws Exception {
    given(
        PATIENT,
        deal -> {
          deal.accept();
          deal.demand(TokenAmount.of(1), 0);
        });

    assertEnds(DealOutcome.REJECTED, DealCode.OVERCHARGED, 3, TokenAmount.ZERO);
    assertOthersCanSell();
  }

  @Test
  void givenAHigherFeeThanOffered_thenNotEvenTheOfferedOneIsPaid() throws Exception {
    given(
        PATIENT,
        WITH_FEE,
        deal -> {
          deal.accept();
          deal.demand(FEE.plus(TokenAmount.of(1)), 0);
        });

    assertEnds(DealOutcome.REJECTED, DealCode.OVERCHARGED, 3, TokenAmount.ZERO);
    assertOthersCanSell();
  }

  @Test
  void givenMoreContentThanQuoted_thenTheBudgetHolds() throws Exception {
    open(PATIENT, TERMS);
    long quoted = 20_000;
    offer(pair.dag.store(), pair.dag.root(), quoted, ScriptedProvider.Deal::sell);

    ServiceException failure = assertThrows(ServiceException.class, this::retrieve);

    assertEquals(DealCode.BUDGET_USED, failure.code());
    assertEquals(5, failure.code().exit());
    assertEquals(DealCode.BUDGET_USED, deal().reason().orElseThrow());
    assertCounted(DealOutcome.REJECTED, "BUDGET_USED");
    assertFalse(deal().paid().exceeds(deal().order().budget()));
    assertTrue(deal().paid().exceeds(terms.due(quoted / 2)));
    assertBooks(deal(), deal().paid());
    assertOthersCanSell();
  }

  @Test
  void givenAProviderThatOnlyTalks_thenTalkDoesNotKeepTheDealAlive() throws Exception {
    given(
        IMPATIENT,
        deal -> {
          deal.accept();
          deal.send(0, SOME);
          while (deal.goesOn()) {
            deal.demand(TokenAmount.of(1), provider.bytes(SOME));
          }
        });

    assertEnds(DealOutcome.FAILED, DealCode.TIMEOUT, 7, due(SOME));
  }

  // sends a wrong block

  @Test
  void givenOtherBytesInPlaceOfABlock_thenTheyAreNeitherKeptNorPaid() throws Exception {
    Block lie = Block.of(0x55, ByteBuffer.wrap(new byte[1_000]));
    given(
        PATIENT,
        deal -> {
          deal.accept();
          deal.send(0, SOME);
          deal.demand(due(SOME), provider.bytes(SOME));
          deal.awaitPaid(due(SOME));
          deal.blocks(ResponseStatus.COMPLETED, provider.walk.get(SOME).cid(), lie);
        });

    assertEnds(DealOutcome.FAILED, DealCode.BLOCK_HASH_MISMATCH, 6, due(SOME));
    assertFalse(pair.client.blocks.has(lie.cid()));
    assertFalse(pair.client.blocks.has(provider.walk.get(SOME).cid()));
    assertEquals(provider.bytes(SOME), tally.received());
    assertOthersCanSell();
  }

  @Test
  void givenABlockThatIsNotNext_thenItIsNeitherKeptNorPaid() throws Exception {
    given(
        PATIENT,
        deal -> {
          deal.accept();
          deal.send(0, SOME);
          deal.demand(due(SOME), provider.bytes(SOME));
          deal.awaitPaid(due(SOME));
          deal.send(SOME + 1, SOME + 2);
        });

    assertEnds(DealOutcome.FAILED, DealCode.VERIFICATION_FAILED, 6, due(SOME));
    assertFalse(pair.client.blocks.has(provider.walk.get(SOME + 1).cid()));
    assertOthersCanSell();
  }

  // a block twice

  @Test
  void givenBlocksSentAgainWhereTheyComeAgain_thenEachIsPaidOnce() throws Exception {
    open(PATIENT, TERMS);
    MemoryBlockStore content = new MemoryBlockStore();
    List<Node> links = new ArrayList<>();
    for (byte leaf : new byte[] {1, 2, 1, 3, 1}) {
      byte[] data = new byte[1_500];
      Arrays.fill(data, leaf);
      links.add(Node.of(add(content, 0x55, data)));
    }
    Cid list = add(content, 0x71, DagCbor.encode(Node.list(links)));
    long once = 3L * 1_500 + content.size(list).orElseThrow();
    offer(
        content,
        list,
        once,
        deal -> {
          deal.accept();
          deal.send(0, 6);
          long counted = once + 2 * 1_500;
          deal.demand(terms.due(counted), counted);
          deal.end(ResponseStatus.COMPLETED);
        });

    Retrieval.RetrievalOutcome outcome = retrieve();

    assertTrue(outcome.complete());
    assertEquals(once, deal().progress().charged());
    assertEquals(terms.due(once), deal().paid());
    assertCounted(DealOutcome.COMPLETED, "");
    assertBooks(deal(), terms.due(once));
  }

  private static Cid add(MemoryBlockStore store, long codec, byte[] data) {
    Block block = Block.of(codec, ByteBuffer.wrap(data));
    store.put(block);
    return block.cid();
  }

  @Test
  void givenABlockTwiceWhereItComesOnce_thenTheDealIsOff() throws Exception {
    given(
        PATIENT,
        deal -> {
          deal.accept();
          deal.send(0, SOME);
          deal.demand(due(SOME), provider.bytes(SOME));
          deal.awaitPaid(due(SOME));
          deal.send(SOME - 1, SOME);
        });

    assertEnds(DealOutcome.FAILED, DealCode.VERIFICATION_FAILED, 6, due(SOME));
    assertOthersCanSell();
  }

  // sends nothing

  @Test
  void givenNoAnswerToTheAsk_thenNothingIsBegun() throws Exception {
    open(PATIENT, TERMS);
    root = pair.dag.root();
    provider =
        new ScriptedProvider(
            pair.network.host("scripted"), pair.client.host.id(), pair.dag.store(), root);

    PriceQuery impatient = new PriceQuery(pair.client.host, Duration.ofMillis(300));

    ServiceException failure =
        assertThrows(
            ServiceException.class,
            () -> retrieval(impatient).run((charged, received) -> {}, quote -> {}));

    assertEquals(DealCode.TIMEOUT, failure.code());
    assertEquals(7, failure.code().exit());
    assertNothingIsBegun();
  }

  private void assertNothingIsBegun() throws IOException {
    assertEquals(List.of(), pair.client.payments.books());
    assertFalse(pair.client.store.live(ClientDeals.TABLE.name()).iterator().hasNext());
    assertEquals(0, tally.started());
    assertEquals(
        TokenAmount.of(ACCOUNT), pair.ledger.balance(EvmAddress.ZERO, pair.client.key.address()));
  }

  @Test
  void givenNoAnswerToTheProposal_thenItIsTriedAgainAndNothingIsPaid() throws Exception {
    given(IMPATIENT, deal -> {});

    assertEnds(DealOutcome.FAILED, DealCode.TIMEOUT, 7, TokenAmount.ZERO);
    assertEquals(TRIES, tally.retries());
    assertOthersCanSell();
  }

  @Test
  void givenNothingBehindTheAcceptance_thenNothingIsPaid() throws Exception {
    given(IMPATIENT, ScriptedProvider.Deal::accept);

    assertEnds(DealOutcome.FAILED, DealCode.TIMEOUT, 7, TokenAmount.ZERO);
    assertOthersCanSell();
  }

  @Test
  void givenSilenceOnTheWay_thenWhatCameIsPaid() throws Exception {
    given(
        IMPATIENT,
        deal -> {
          deal.accept();
          deal.send(0, SOME);
        });

    assertEnds(DealOutcome.FAILED, DealCode.TIMEOUT, 7, due(SOME));
    assertTrue(tally.retries() >= TRIES);
    assertOthersCanSell();
  }

  @Test
  void givenNonsenseInPlaceOfAMessage_thenTheDealIsOff() throws Exception {
    given(
        PATIENT,
        deal -> {
          deal.accept();
          deal.carry(ResponseStatus.PARTIAL, Map.of(TransferExtensions.PLAIN, Node.of("nonsense")));
        });

    assertEnds(DealOutcome.FAILED, DealCode.VERIFICATION_FAILED, 6, TokenAmount.ZERO);
    assertOthersCanSell();
  }

  // ends early

  @Test
  void givenAnEarlyEnd_thenWhatCameIsPaid() throws Exception {
    given(
        PATIENT,
        deal -> {
          deal.accept();
          deal.send(0, SOME);
          deal.end(ResponseStatus.COMPLETED);
        });

    assertEnds(DealOutcome.PARTIAL, DealCode.PARTIAL, 4, due(SOME));
    assertOthersCanSell();
  }

  @Test
  void givenNothingButTheEnd_thenNothingIsPaid() throws Exception {
    given(
        PATIENT,
        deal -> {
          deal.accept();
          deal.end(ResponseStatus.COMPLETED);
        });

    assertEnds(DealOutcome.REJECTED, DealCode.NOT_FOUND, 4, TokenAmount.ZERO);
    assertOthersCanSell();
  }

  @Test
  void givenItCallsTheDealOff_thenWhatCameIsPaid() throws Exception {
    given(
        PATIENT,
        deal -> {
          deal.accept();
          deal.send(0, SOME);
          deal.demand(due(SOME), provider.bytes(SOME));
          deal.awaitPaid(due(SOME));
          deal.cancel();
        });

    assertEnds(DealOutcome.CANCELLED, DealCode.CANCELLED, 1, due(SOME));
    assertOthersCanSell();
  }

  // refuses after the opening

  @Test
  void givenARefusalAfterTheOpening_thenNothingIsPaidAndTheLaneIsFree() throws Exception {
    given(PATIENT, deal -> deal.refuse(DealResult.of(deal.number, DealCode.PRICE_TOO_LOW)));

    assertEnds(DealOutcome.REJECTED, DealCode.PRICE_TOO_LOW, 3, TokenAmount.ZERO);
    assertEquals(1, tally.refusals("PRICE_TOO_LOW"));
    assertOthersCanSell();
  }

  @Test
  void givenAReasonThatIsNotAProvidersToGive_thenItIsARefusalInOneLine() throws Exception {
    given(
        PATIENT,
        deal ->
            deal.refuse(
                DealResult.of(deal.number, DealCode.INTERRUPTED)
                    .saying("go\naway\u001b[2J\u202e now")));

    ServiceException failure =
        assertEnds(DealOutcome.REJECTED, DealCode.REFUSED, 3, TokenAmount.ZERO);
    assertEquals("go?away?[2J? now (deal c-1)", failure.getMessage());
  }

  @Test
  void givenItIsBusyOnEveryLane_thenTheRefusalStandsInTheEnd() throws Exception {
    given(PATIENT, deal -> deal.refuse(DealResult.of(deal.number, DealCode.LANE_BUSY)));

    assertEnds(DealOutcome.REJECTED, DealCode.LANE_BUSY, 3, TokenAmount.ZERO);
    assertEquals(8, tally.mends("LANE_BUSY"));
    assertEquals(
        List.of(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L),
        provider.openings().stream().map(DealOpening::lane).toList());
    assertOthersCanSell();
  }

  @Test
  void givenNoDepositIsEnough_thenTheBudgetIsDepositedOnceMoreAtMost() throws Exception {
    given(
        PATIENT,
        deal ->
            deal.refuse(
                DealResult.of(deal.number, DealCode.INSUFFICIENT_DEPOSIT)
                    .shortBy(TokenAmount.of(10_000_000))));

    assertEnds(DealOutcome.REJECTED, DealCode.INSUFFICIENT_DEPOSIT, 5, TokenAmount.ZERO);
    TokenAmount budget = deal().order().budget();
    assertEquals(budget.plus(budget).plus(pair.payee.minDeposit()), book().deposit());
    assertOthersCanSell();
  }

  @Test
  void givenTheDepositIsNeverEnoughOnTheWay_thenTheDealEndsForWantOfFunds() throws Exception {
    given(
        PATIENT,
        deal -> {
          deal.accept();
          deal.send(0, SOME);
          deal.demand(due(SOME), provider.bytes(SOME));
          deal.awaitPaid(due(SOME));
          while (deal.goesOn()) {
            deal.result(
                true,
                DealResult.of(deal.number, DealCode.DEPOSIT_USED).shortBy(TokenAmount.of(100_000)));
          }
        });

    assertEnds(DealOutcome.REJECTED, DealCode.DEPOSIT_USED, 5, due(SOME));
    TokenAmount budget = deal().order().budget();
    assertFalse(book().deposit().exceeds(budget.plus(budget).plus(pair.payee.minDeposit())));
  }

  @Test
  void givenARefusedVoucher_thenTheDealIsOff() throws Exception {
    given(
        PATIENT,
        deal -> {
          deal.accept();
          deal.send(0, SOME);
          deal.demand(due(SOME), provider.bytes(SOME));
          deal.awaitPaid(due(SOME));
          deal.result(false, DealResult.of(deal.number, DealCode.VOUCHER_BAD_SIGNATURE));
        });

    assertEnds(DealOutcome.REJECTED, DealCode.VOUCHER_BAD_SIGNATURE, 3, due(SOME));
    assertOthersCanSell();
  }

  @ParameterizedTest
  @ValueSource(strings = {"BUSY", "RATE_LIMITED", "TOO_MANY_DEALS", "SHUTTING_DOWN"})
  void givenARefusalOfTheMoment_thenTheDealIsProposedAgain(String code) throws Exception {
    given(
        PATIENT,
        deal -> {
          if (provider.openings().size() == 1) {
            deal.refuse(DealResult.of(deal.number, DealCode.valueOf(code)));
          } else {
            deal.sell();
          }
        });

    assertTrue(retrieve().complete());
    assertEquals(1, tally.refusals(code));
    assertEquals(1, tally.retries());
    assertEquals(due(provider.walk.size()), deal().paid());
  }

  @Test
  void givenAProviderThatAsksForAnHour_thenItIsLeftAloneForNow() throws Exception {
    given(
        PATIENT,
        deal ->
            deal.refuse(
                new DealResult(
                    deal.number,
                    DealCode.SHUTTING_DOWN,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.of(3_600L),
                    Optional.empty())));
    CompletableFuture<FailureCode> failure =
        CompletableFuture.supplyAsync(
            () -> assertThrows(ServiceException.class, this::retrieve).code());
    until(() -> tally.refusals("SHUTTING_DOWN") > 0 && state() == ClientState.RETRYING);

    pair.client.deals.cancel(DEAL);

    assertEquals(DealCode.CANCELLED, failure.join());
    assertEquals(1, provider.openings().size());
    assertEquals(0, tally.retries());
  }

  @Test
  void givenTwoProviders_whenTheCheaperRefuses_thenTheOtherSells() throws Exception {
    given(PATIENT, deal -> deal.refuse(DealResult.of(deal.number, DealCode.TOO_MANY_DEALS)));
    Terms dearer = new Terms(TokenAmount.of(4_000_000), TokenAmount.ZERO, 4_000, 1_000, 8_000, 600);
    pair.offer(dearer);

    Retrieval.RetrievalOutcome outcome =
        new Retrieval(
                pair.client.deals,
                pair.client.priceQuery,
                pair.client.payments.payer(),
                pair.client.blocks,
                new Retrieval.RetrievalOrder(
                    root,
                    TestDag.ALL,
                    List.of(
                        pair.provider.host.addresses().getFirst().withPeer(pair.provider.host.id()),
                        provider.host.addresses().getFirst().withPeer(provider.host.id())),
                    Optional.empty(),
                    Optional.empty(),
                    Pair.TOKENS),
                () -> {})
            .run((charged, received) -> {}, quote -> {});

    assertTrue(outcome.complete());
    assertEquals(DealCode.TOO_MANY_DEALS, deal().reason().orElseThrow());
    assertEquals(dearer.due(pair.dag.bytes()), outcome.bought().orElseThrow().paid());
  }

  // demands a fee and delivers nothing

  @Test
  void givenAFeeForNothing_thenTheFeeIsLostAndNotMore() throws Exception {
    given(
        IMPATIENT,
        WITH_FEE,
        deal -> {
          deal.accept();
          deal.demand(FEE, 0);
        });

    assertEnds(DealOutcome.FAILED, DealCode.TIMEOUT, 7, FEE);
    provider.payments().forEach(payment -> assertEquals(FEE, payment.amount()));
    assertOthersCanSell();
  }

  @Test
  void givenAFeeAndThenTheEnd_thenTheFeeIsLostAndNotMore() throws Exception {
    given(
        PATIENT,
        WITH_FEE,
        deal -> {
          deal.accept();
          deal.demand(FEE, 0);
          deal.awaitPaid(FEE);
          deal.end(ResponseStatus.COMPLETED);
        });

    assertEnds(DealOutcome.REJECTED, DealCode.NOT_FOUND, 4, FEE);
    assertOthersCanSell();
  }

  // names what the client does not know

  @Test
  void givenAContractTokenChallengeOrWaitThatIsNotTaken_thenNothingIsBegun() throws Exception {
    given(PATIENT, deal -> {});
    Payee good = pair.payee;
    EvmAddress stranger = SigningKey.generate(pair.random).address();
    List<Payee> strange =
        List.of(
            payee(good.chainId() + 1, good.contract(), good.token(), good.address(), 3_600, 1),
            payee(good.chainId(), stranger, good.token(), good.address(), 3_600, 1),
            payee(good.chainId(), good.contract(), stranger, good.address(), 3_600, 1),
            payee(good.chainId(), good.contract(), good.token(), good.address(), 7 * 86_400 + 1, 1),
            payee(
                good.chainId(), good.contract(), good.token(), pair.client.key.address(), 3_600, 1),
            new Payee(
                good.chainId(),
                good.contract(),
                good.token(),
                good.address(),
                3_600,
                TokenAmount.of(1),
                PayerPolicy.DEFAULT_MAX_CONFIRMATIONS + 1,
                Optional.empty(),
                Optional.empty()));
    for (Payee each : strange) {
      provider.quotes(quote(pair.dag.bytes(), new Offer(terms, each)));

      ServiceException failure = assertThrows(ServiceException.class, this::retrieve);

      assertEquals(DealCode.NO_COMMON_PAYMENT, failure.code());
      assertEquals(3, failure.code().exit());
      assertNothingIsBegun();
    }
    assertEquals(List.of(), provider.openings());
  }

  private static Payee payee(
      long chain,
      EvmAddress contract,
      EvmAddress token,
      EvmAddress address,
      long challenge,
      long deposit) {
    return new Payee(
        chain,
        contract,
        token,
        address,
        challenge,
        TokenAmount.of(deposit),
        0,
        Optional.empty(),
        Optional.empty());
  }

  @Test
  void givenAMinimumDepositAboveOurLimit_thenNoChannelIsOpened() throws Exception {
    given(PATIENT, deal -> {});
    Payee good = pair.payee;
    provider.quotes(
        quote(
            pair.dag.bytes(),
            new Offer(
                terms,
                payee(
                    good.chainId(),
                    good.contract(),
                    good.token(),
                    good.address(),
                    3_600,
                    ACCOUNT + 1))));

    ServiceException failure = assertThrows(ServiceException.class, this::retrieve);

    assertEquals(DealCode.DEPOSIT_USED, failure.code());
    assertEquals(5, failure.code().exit());
    assertEquals(DealCode.DEPOSIT_USED, deal().reason().orElseThrow());
    assertCounted(DealOutcome.REJECTED, "DEPOSIT_USED");
    assertEquals(List.of(), pair.client.payments.books());
  }

  @Test
  void givenACheapOfferThatCannotBeTaken_thenTheOtherIsQuoted() throws Exception {
    given(PATIENT, ScriptedProvider.Deal::sell);
    Payee good = pair.payee;
    EvmAddress stranger = SigningKey.generate(pair.random).address();
    provider.quotes(
        quote(
            pair.dag.bytes(),
            new Offer(
                Terms.atPrice(TokenAmount.of(1)),
                payee(good.chainId(), stranger, good.token(), good.address(), 3_600, 1)),
            new Offer(terms, good)));
    List<Optional<TokenAmount>> heard = new ArrayList<>();

    Retrieval.RetrievalOutcome outcome =
        retrieval(pair.client.priceQuery)
            .run((charged, received) -> {}, quote -> heard.add(quote.total()));

    assertEquals(List.of(Optional.of(terms.due(pair.dag.bytes()))), heard);
    assertTrue(outcome.complete());
    assertEquals(terms.due(pair.dag.bytes()), deal().paid());
  }

  // claims a lane that is ahead

  private Payment ours(ScriptedProvider.Deal deal, SigningKey key, long lane, long amount) {
    Bytes32 channel = deal.open.orElseThrow().channel();
    SignedVoucher voucher =
        key.sign(pair.ledger.domain(), new Voucher(channel, lane, 5, TokenAmount.of(amount)));
    return voucher.payment(deal.number, 0, false);
  }

  private ScriptedProvider.Script aheadBy(long amount) {
    return deal -> {
      if (deal.open.flatMap(DealOpening::best).isPresent()) {
        deal.sell();
      } else {
        long lane = deal.open.orElseThrow().lane();
        deal.refuse(
            DealResult.of(deal.number, DealCode.LANE_BEHIND)
                .with(ours(deal, pair.client.key, lane, amount)));
      }
    };
  }

  private void assertBoughtAbove(long base) throws Exception {
    Retrieval.RetrievalOutcome outcome = retrieve();

    assertTrue(outcome.complete());
    TokenAmount price = terms.due(pair.dag.bytes());
    assertEquals(TokenAmount.of(base), deal().base());
    assertEquals(price, deal().paid());
    assertTrue(deal().nonce() > 5);
    assertEquals(1, tally.mends("LANE_BEHIND"));
    assertEquals(price, tally.paid());
    assertBooks(deal(), price);
    assertFalse(book().vouchered().exceeds(book().deposit()));
  }

  @Test
  void givenAVoucherOfOursThatWeLost_thenItIsAdoptedAndTheDealGoesOn() throws Exception {
    given(PATIENT, aheadBy(700));

    assertBoughtAbove(700);
  }

  @Test
  void givenAVoucherOfOursAboveTheDeposit_thenTheBudgetIsPutBehindTheDealAgain() throws Exception {
    given(PATIENT, aheadBy(5_000_000));

    assertBoughtAbove(5_000_000);
  }

  @Test
  void givenAVoucherOfOursAboveAllWeHave_thenTheDealEndsForWantOfFunds() throws Exception {
    given(PATIENT, aheadBy(2 * ACCOUNT));

    ServiceException failure = assertThrows(ServiceException.class, this::retrieve);

    assertEquals(DealCode.INSUFFICIENT_FUNDS, failure.code());
    assertEquals(5, failure.code().exit());
    assertCounted(DealOutcome.REJECTED, "INSUFFICIENT_FUNDS");
    assertEquals(TokenAmount.ZERO, deal().paid());
  }

  @Test
  void givenAForgedVoucher_thenTheLaneIsNotAdvanced() throws Exception {
    SigningKey stranger = SigningKey.generate(new java.security.SecureRandom());
    given(
        PATIENT,
        deal ->
            deal.refuse(
                DealResult.of(deal.number, DealCode.LANE_BEHIND)
                    .with(ours(deal, stranger, deal.open.orElseThrow().lane(), 700))));

    assertEnds(DealOutcome.FAILED, DealCode.NOT_OUR_VOUCHER, 6, TokenAmount.ZERO);
    assertOthersCanSell();
  }

  @Test
  void givenAVoucherOfOursForAnotherLane_thenTheLaneIsNotAdvanced() throws Exception {
    given(
        PATIENT,
        deal ->
            deal.refuse(
                DealResult.of(deal.number, DealCode.LANE_BEHIND)
                    .with(ours(deal, pair.client.key, deal.open.orElseThrow().lane() + 1, 700))));

    assertEnds(DealOutcome.FAILED, DealCode.NOT_OUR_VOUCHER, 6, TokenAmount.ZERO);
    assertOthersCanSell();
  }

  @Test
  void givenALaneAheadWithoutAVoucher_thenTheRefusalStands() throws Exception {
    given(PATIENT, deal -> deal.refuse(DealResult.of(deal.number, DealCode.LANE_BEHIND)));

    assertEnds(DealOutcome.REJECTED, DealCode.LANE_BEHIND, 3, TokenAmount.ZERO);
    assertOthersCanSell();
  }

  @Test
  void givenALaneThatStaysAhead_thenTheVoucherIsAdoptedOnceAndTheRefusalStands() throws Exception {
    given(
        PATIENT,
        deal ->
            deal.refuse(
                DealResult.of(deal.number, DealCode.LANE_BEHIND)
                    .with(ours(deal, pair.client.key, deal.open.orElseThrow().lane(), 700))));

    assertEnds(DealOutcome.REJECTED, DealCode.LANE_BEHIND, 3, TokenAmount.ZERO);
    assertEquals(1, tally.mends("LANE_BEHIND"));
    assertEquals(TokenAmount.of(700), book().vouchered());
    assertOthersCanSell();
  }

  // never answers

  @Test
  void givenTheLastVoucherIsNotAnswered_thenTheDealIsDoneAndTheVoucherKept() throws Exception {
    given(
        PATIENT,
        deal -> {
          deal.accept();
          deal.send(0, provider.walk.size());
          deal.end(ResponseStatus.COMPLETED);
        });
    provider.leavesLastVouchersUnanswered();

    Retrieval.RetrievalOutcome outcome = retrieve();

    assertTrue(outcome.complete());
    assertEquals(terms.due(pair.dag.bytes()), deal().paid());
    assertCounted(DealOutcome.COMPLETED, "");
    assertBooks(deal(), deal().paid());
    FinalVoucherStore outbox = new FinalVoucherStore(pair.client.store);
    assertTrue(outbox.isOpen(DEAL));

    provider.takeLast(deal().progress().transfer());
    until(() -> !outbox.isOpen(DEAL));
  }
}
