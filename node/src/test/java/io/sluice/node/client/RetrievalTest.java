package io.sluice.node.client;

import static io.sluice.node.client.Pair.until;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.fsm.DealOutcome;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.client.ClientDeal;
import io.sluice.fsm.client.ClientDeals;
import io.sluice.fsm.client.ClientState;
import io.sluice.fsm.provider.ProviderDeal;
import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.ServiceException;
import io.sluice.payments.ChannelBook;
import io.sluice.protocol.datatransfer.ChannelId;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whole retrievals between two nodes, with crashes of either; every sum is checked to the unit. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RetrievalTest {

  /** Three units a KiB or so, and an odd number, so that rounding has to be right. */
  private static final Terms PAID =
      new Terms(TokenAmount.of(3_000_001), TokenAmount.ZERO, 4_000, 1_000, 8_000, 600);

  @TempDir Path folder;
  private Pair pair;

  @BeforeEach
  void open() throws IOException {
    pair = new Pair(folder);
  }

  @AfterEach
  void close() throws IOException {
    pair.close();
  }

  private Retrieval.RetrievalOutcome run() throws ServiceException {
    return pair.retrieval().run((charged, received) -> {}, quote -> {});
  }

  private void assertBooksAgree(Retrieval.RetrievalOutcome outcome, Terms terms)
      throws IOException {
    assertTrue(outcome.complete());
    ClientDeal bought = outcome.bought().orElseThrow();
    TokenAmount due = terms.due(pair.dag.bytes());
    assertEquals(pair.dag.bytes(), bought.progress().charged());
    assertEquals(due, bought.paid());
    ProviderDeal sold = pair.completedAtProvider(bought.id());
    assertEquals(pair.dag.bytes(), sold.charged());
    assertEquals(due, sold.credit());
    assertEquals(bought.nonce(), sold.nonce());
    for (Cid leaf : pair.dag.leaves()) {
      assertTrue(pair.client.blocks.has(leaf));
    }
  }

  @Test
  void givenFreeContent_thenItComesWithoutAChannel() throws Exception {
    pair.offer(Terms.FREE);

    Retrieval.RetrievalOutcome outcome = run();

    assertTrue(outcome.complete());
    assertEquals(TokenAmount.ZERO, outcome.bought().orElseThrow().paid());
    assertEquals(List.of(), pair.client.payments.books());
  }

  @Test
  void givenPricedContent_thenItIsPaidToTheUnitWhileItComes() throws Exception {
    pair.offer(PAID);

    Retrieval.RetrievalOutcome outcome = run();

    assertBooksAgree(outcome, PAID);
    assertTrue(outcome.bought().orElseThrow().vouchers() > 5);
  }

  @Test
  void givenAFee_thenItIsPaidFirst() throws Exception {
    Terms terms = new Terms(TokenAmount.of(3_000_001), TokenAmount.of(77), 4_000, 0, 4_000, 600);
    pair.offer(terms);

    assertBooksAgree(run(), terms);
  }

  @Test
  void givenPriceZeroWithAFee_thenOnlyTheFeeIsPaid() throws Exception {
    Terms terms = new Terms(TokenAmount.ZERO, TokenAmount.of(77), 4_000, 0, 4_000, 600);
    pair.offer(terms);

    assertBooksAgree(run(), terms);
  }

  @Test
  void givenEverythingIsHere_thenItCostsNothingAndNobodyIsAsked() throws Exception {
    pair.offer(PAID);
    run();
    pair.network.block(pair.provider.host, pair.client.host);

    Retrieval.RetrievalOutcome again = run();

    assertTrue(again.complete());
    assertTrue(again.deal().isEmpty());
  }

  @Test
  void givenABlockLostAfterwards_whenRunAgain_thenItIsBoughtAndAllThatWasPaidIsToldOnce()
      throws Exception {
    pair.offer(PAID);
    Retrieval retrieval = pair.retrieval();
    TokenAmount first = retrieval.run((charged, received) -> {}, quote -> {}).paid();
    pair.client.blocks.remove(pair.dag.leaves().get(3));

    Retrieval.RetrievalOutcome again = retrieval.run((charged, received) -> {}, quote -> {});

    TokenAmount leaf = PAID.due(1_000);
    assertEquals(new MachineId("c-2"), again.deal().orElseThrow());
    assertEquals(leaf, again.bought().orElseThrow().paid());
    assertEquals(first.plus(leaf), again.paid());
    assertEquals(again.paid(), spent());
    assertTrue(again.complete());
  }

  private TokenAmount spent() throws IOException {
    return pair.client.payments.books().stream()
        .map(ChannelBook::vouchered)
        .reduce(TokenAmount.ZERO, TokenAmount::plus);
  }

  @Test
  void givenASecondRetrieval_thenItUsesTheChannelAndPaysForTheRestOnly() throws Exception {
    pair.offer(PAID);
    run();
    Cid gone = pair.dag.leaves().get(50);
    pair.client.blocks.remove(gone);

    Retrieval.RetrievalOutcome second = run();

    ClientDeal deal = second.bought().orElseThrow();
    assertEquals(PAID.due(1_000), deal.paid());
    assertEquals(1_000, deal.progress().charged());
    assertEquals(1, pair.client.payments.books().size());
  }

  @Test
  void givenAnOldCopyOfTheHome_thenItTakesANewNumberAndItsOwnVoucherBack() throws Exception {
    pair.offer(PAID);
    run();
    pair.completedAtProvider(1);
    pair.client.stop();
    Path old = folder.resolve("old");
    copy(folder.resolve("client"), old);
    pair.client.start();
    pair.client.blocks.remove(pair.dag.leaves().get(50));
    run();
    pair.completedAtProvider(2);
    pair.client.blocks.remove(pair.dag.leaves().get(51));
    run();
    pair.completedAtProvider(3);
    pair.provider.payments.payee().redeem(pair.provider.payments.books().getFirst().id());
    pair.client.stop();
    copy(old, folder.resolve("client"));
    pair.client.start();
    pair.client.payments.poll(); // the ledger tells how far the lane is, not by which voucher
    pair.client.blocks.remove(pair.dag.leaves().get(52));

    Retrieval.RetrievalOutcome outcome = run();

    ClientDeal bought = outcome.bought().orElseThrow();
    assertTrue(outcome.complete());
    assertEquals(PAID.due(1_000), bought.paid());
    assertEquals(
        PAID.due(pair.dag.bytes()).plus(PAID.due(1_000)).plus(PAID.due(1_000)), bought.base());
    assertEquals(bought.paid(), pair.completedAtProvider(bought.id()).credit());
  }

  @Test
  void givenAnOldCopyOfTheHome_whenItWantsTheSameAgain_thenThatIsANewDeal() throws Exception {
    pair.offer(PAID);
    run();
    pair.completedAtProvider(1);
    pair.client.stop();
    Path old = folder.resolve("old");
    copy(folder.resolve("client"), old);
    pair.client.start();
    pair.client.blocks.remove(pair.dag.leaves().get(50));
    run();
    pair.completedAtProvider(2);
    pair.client.stop();
    copy(old, folder.resolve("client"));
    pair.client.start();
    pair.client.blocks.remove(pair.dag.leaves().get(50));

    Retrieval.RetrievalOutcome outcome = run(); // its second deal is byte for byte the other one

    ClientDeal bought = outcome.bought().orElseThrow();
    assertTrue(outcome.complete());
    assertEquals(3, bought.id());
    assertEquals(PAID.due(1_000), bought.paid());
    assertEquals(bought.paid(), pair.completedAtProvider(3).credit());
  }

  /** Makes one folder what the other is. */
  private static void copy(Path from, Path to) throws IOException {
    if (Files.exists(to)) {
      try (Stream<Path> all = Files.walk(to)) {
        for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(each);
        }
      }
    }
    try (Stream<Path> all = Files.walk(from)) {
      for (Path each : all.toList()) {
        Files.copy(each, to.resolve(from.relativize(each)));
      }
    }
  }

  private Retrieval withLockedKeys() {
    return new Retrieval(
        pair.client.deals,
        pair.client.priceQuery,
        pair.client.payments.payer(),
        pair.client.blocks,
        new Retrieval.RetrievalOrder(
            pair.dag.root(),
            io.sluice.protocol.graphsync.TestDag.ALL,
            List.of(pair.provider.host.addresses().getFirst().withPeer(pair.provider.host.id())),
            java.util.Optional.empty(),
            java.util.Optional.empty(),
            Pair.TOKENS),
        () -> {
          throw new ServiceException(ErrorCode.NO_PASSPHRASE, "locked");
        });
  }

  @Test
  void givenLockedKeys_whenItIsFree_thenNobodyAsksForThem() throws Exception {
    pair.offer(Terms.FREE);

    assertTrue(withLockedKeys().run((charged, received) -> {}, quote -> {}).complete());
  }

  @Test
  void givenLockedKeys_whenItCosts_thenNothingIsBegun() throws Exception {
    pair.offer(PAID);
    Retrieval retrieval = withLockedKeys();

    ServiceException refused =
        assertThrows(
            ServiceException.class, () -> retrieval.run((charged, received) -> {}, quote -> {}));

    assertEquals(ErrorCode.NO_PASSPHRASE, refused.code());
    assertEquals(List.of(), pair.client.store.live(ClientDeals.TABLE.name()));
  }

  @Test
  void givenAPriceAboveTheLimit_thenNothingIsBegun() throws Exception {
    pair.offer(PAID);
    Retrieval retrieval =
        new Retrieval(
            pair.client.deals,
            pair.client.priceQuery,
            pair.client.payments.payer(),
            pair.client.blocks,
            new Retrieval.RetrievalOrder(
                pair.dag.root(),
                io.sluice.protocol.graphsync.TestDag.ALL,
                List.of(
                    pair.provider.host.addresses().getFirst().withPeer(pair.provider.host.id())),
                java.util.Optional.empty(),
                java.util.Optional.of(TokenAmount.of(10)),
                Pair.TOKENS),
            () -> {});

    ServiceException refused =
        assertThrows(
            ServiceException.class, () -> retrieval.run((charged, received) -> {}, quote -> {}));

    assertEquals(DealCode.PRICE_TOO_HIGH, refused.code());
    assertEquals(List.of(), pair.client.payments.books());
  }

  @Test
  void givenUnknownContent_thenItIsNotFound() {
    ServiceException refused = assertThrows(ServiceException.class, this::run);

    assertEquals(DealCode.NOT_FOUND, refused.code());
  }

  @Test
  void givenAnInterrupt_thenTheSameCommandGoesOnWithoutPayingAgain() throws Exception {
    pair.offer(PAID);
    Retrieval first = pair.retrieval();
    AtomicLong seen = new AtomicLong();
    CompletableFuture<Retrieval.RetrievalOutcome> running =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return first.run((charged, received) -> seen.set(charged), quote -> {});
              } catch (ServiceException e) {
                throw new java.util.concurrent.CompletionException(e);
              }
            });
    until(() -> seen.get() > 20_000);
    first.interrupt();
    ExecutionException interrupted = assertThrows(ExecutionException.class, running::get);
    ServiceException told = (ServiceException) interrupted.getCause();
    assertEquals(DealCode.INTERRUPTED, told.code());
    ClientDeal parked = pair.atClient(new MachineId("c-1")).data();
    assertEquals(
        "interrupted; %s paid for %d bytes, the same command goes on with deal c-1"
            .formatted(Pair.TOKENS.show(spent()), parked.progress().charged()),
        told.getMessage());
    assertEquals(PAID.due(parked.progress().charged()), spent());

    pair.client.deals.restartAsked(channel(pair.provider.host.id()));
    assertEquals(ClientState.PARKED, pair.atClient(new MachineId("c-1")).state());

    Retrieval.RetrievalOutcome outcome = run();

    assertEquals(new MachineId("c-1"), outcome.deal().orElseThrow());
    assertBooksAgree(outcome, PAID);
  }

  private ChannelId channel(PeerId responder) {
    return new ChannelId(pair.client.host.id(), responder, 1);
  }

  /** Whoever guesses the number of a channel could else settle or wake deals of others. */
  @Test
  void givenADeal_whenAnotherPeerSpeaksOfItsChannel_thenItIsNoDealOfThatPeer() throws Exception {
    pair.offer(PAID);
    run();

    assertEquals(
        new MachineId("c-1"),
        pair.client.deals.dealOf(channel(pair.provider.host.id())).orElseThrow().id());
    PeerId other = pair.network.host("other").id();
    assertEquals(Optional.empty(), pair.client.deals.dealOf(channel(other)));
  }

  @Test
  void givenCrashesOfTheProvider_thenTheDealEndsByItself() throws Exception {
    pair.offer(PAID);
    AtomicLong seen = new AtomicLong();
    CompletableFuture<Retrieval.RetrievalOutcome> running = start(seen);
    for (int crash = 1; crash <= 3; crash++) {
      long mark = crash * 20_000L;
      until(() -> seen.get() > mark || running.isDone());
      pair.provider.crash();
    }

    assertBooksAgree(running.get(), PAID);
  }

  @Test
  void givenCrashesOfTheClient_thenTheSameDealEnds() throws Exception {
    pair.offer(PAID);
    for (int crash = 1; crash <= 3; crash++) {
      AtomicLong seen = new AtomicLong();
      CompletableFuture<Retrieval.RetrievalOutcome> running = start(seen);
      long mark = crash * 20_000L;
      until(() -> seen.get() > mark || running.isDone());
      pair.client.crash();
    }

    Retrieval.RetrievalOutcome outcome = run();

    assertEquals(new MachineId("c-1"), outcome.deal().orElseThrow());
    assertBooksAgree(outcome, PAID);
    assertEquals(DealOutcome.COMPLETED, pair.outcome(new MachineId("c-1")));
  }

  private CompletableFuture<Retrieval.RetrievalOutcome> start(AtomicLong seen) {
    Retrieval retrieval = pair.retrieval();
    CompletableFuture<Retrieval.RetrievalOutcome> running = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                running.complete(
                    retrieval.run((charged, received) -> seen.set(charged), quote -> {}));
              } catch (ServiceException | RuntimeException e) {
                running.completeExceptionally(e);
              }
            });
    return running;
  }
}
