package io.sluice.node.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.fsm.DealOutcome;
import io.sluice.fsm.JournalEntry;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.client.ClientDeal;
import io.sluice.fsm.provider.ProviderDeal;
import io.sluice.node.api.ServiceException;
import io.sluice.payments.ChannelBook;
import io.sluice.protocol.graphsync.TestDag;
import io.sluice.protocol.ipld.LoadResult;
import io.sluice.protocol.ipld.Selector;
import io.sluice.protocol.ipld.Walk;
import io.sluice.protocol.ipld.WalkBudget;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Deals at the edges of what the terms allow, and deaths at chosen moments: each has to end, with
 * all bytes there and the same exact sums at both ends.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class EdgesTest {
  private static final TokenAmount ODD_PRICE = TokenAmount.of(3_000_001);
  private static final Terms PAID =
      new Terms(ODD_PRICE, TokenAmount.ZERO, 4_000, 1_000, 8_000, 600);
  private static final Terms WITH_FEE =
      new Terms(ODD_PRICE, TokenAmount.of(77), 4_000, 1_000, 8_000, 600);

  @TempDir Path folder;
  private Pair pair;

  private Pair between(TestDag dag) throws IOException {
    pair = new Pair(folder, dag);
    return pair;
  }

  @AfterEach
  void close() throws IOException {
    pair.close();
  }

  // ---- what holds whenever a deal has ended

  private Retrieval.RetrievalOutcome run() throws ServiceException {
    return pair.retrieval().run((charged, received) -> {}, quote -> {});
  }

  /** Buys for exactly what is due: not a unit more lies in the channel. */
  private Retrieval.RetrievalOutcome runWith(Cid root, TokenAmount budget) throws ServiceException {
    return pair.retrieval(root, Optional.of(budget)).run((charged, received) -> {}, quote -> {});
  }

  private static void until(Callable<Boolean> condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (true) {
      try {
        if (condition.call()) {
          return;
        }
      } catch (Exception e) {
        throw new AssertionError(e);
      }
      assertTrue(System.nanoTime() < end, "it did not come to that in 60 s");
      LockSupport.parkNanos(2_000_000);
    }
  }

  private void assertHere(Cid root) throws Exception {
    Walk.run(
        root,
        Selector.parse(TestDag.ALL),
        visit -> {
          var mine = pair.client.blocks.get(visit.cid()).orElseThrow();
          assertEquals(pair.dag.store().get(visit.cid()).orElseThrow().data(), mine.data());
          return new LoadResult.Loaded(mine.data());
        },
        WalkBudget.DEFAULT);
  }

  private void assertDone(MachineId id, Terms terms, long bytes) throws IOException {
    ClientDeal bought = pair.atClient(id).data();
    assertEquals(DealOutcome.COMPLETED, pair.outcome(id));
    assertEquals(bytes, bought.progress().charged());
    assertEquals(terms.due(bytes), bought.paid());
    ProviderDeal sold = pair.completedAtProvider(bought.id());
    assertEquals(bytes, sold.charged());
    assertEquals(terms.due(bytes), sold.credit());
    assertEquals(bought.nonce(), sold.nonce());
  }

  private void assertBooks(TokenAmount spent) {
    assertEquals(spent, vouchered(pair.client.payments.books(), ChannelBook.Role.PAYER));
    assertEquals(spent, vouchered(pair.provider.payments.books(), ChannelBook.Role.PAYEE));
  }

  private static TokenAmount vouchered(List<ChannelBook> books, ChannelBook.Role role) {
    return books.stream()
        .filter(book -> book.role() == role)
        .map(ChannelBook::vouchered)
        .reduce(TokenAmount.ZERO, TokenAmount::plus);
  }

  /** The one deal of the test is done: state, bytes and both books. */
  private void assertDone(Retrieval.RetrievalOutcome outcome, Terms terms) throws Exception {
    assertTrue(outcome.complete());
    assertDone(new MachineId("c-1"), terms, pair.dag.bytes());
    assertHere(pair.dag.root());
    assertBooks(terms.due(pair.dag.bytes()));
  }

  private static List<byte[]> leaves(int count, int size) {
    Random random = new Random(count * 31L + size);
    return Stream.generate(
            () -> {
              byte[] leaf = new byte[size];
              random.nextBytes(leaf);
              return leaf;
            })
        .limit(count)
        .toList();
  }

  // ---- deposits

  @Test
  void givenDepositOfExactlyWhatIsDue_thenItIsEnough() throws Exception {
    TestDag dag = between(TestDag.of(7, 4, 25, 1_000)).dag;
    pair.offer(WITH_FEE);

    Retrieval.RetrievalOutcome outcome = runWith(dag.root(), WITH_FEE.due(dag.bytes()));

    assertDone(outcome, WITH_FEE);
    ChannelBook channel = pair.provider.payments.books().getFirst();
    assertEquals(channel.deposit(), channel.vouchered());
  }

  /** Every first block of a window uses up what the deposit has. */
  @Test
  void givenDepositOfOneUnit_thenItIsEnoughForWhatItBuys() throws Exception {
    Terms terms = new Terms(TokenAmount.of(10), TokenAmount.ZERO, 4_000, 0, 4_000, 600);
    TestDag dag = between(TestDag.of(7, 4, 25, 1_000)).dag;
    pair.offer(terms);
    assertEquals(TokenAmount.of(1), terms.due(dag.bytes()));

    assertDone(runWith(dag.root(), TokenAmount.of(1)), terms);
  }

  @Test
  void givenSeveralDealsAtOnceOnAUsedUpChannel_thenTheGapIsToppedUpAndAllEnd() throws Exception {
    TestDag dag = between(TestDag.of(7, 5, 20, 1_000)).dag;
    long each = dag.store().size(dag.groups().getFirst()).orElseThrow() + 20_000L;
    for (Cid group : dag.groups()) {
      assertEquals(each, dag.store().size(group).orElseThrow() + 20_000L);
      pair.offer(group, each, PAID);
    }
    TokenAmount due = PAID.due(each);
    runWith(dag.groups().getFirst(), due);
    ChannelBook usedUp = pair.client.payments.books().getFirst();
    assertEquals(usedUp.deposit(), usedUp.vouchered());

    List<CompletableFuture<Retrieval.RetrievalOutcome>> running = new ArrayList<>();
    for (Cid group : dag.groups().subList(1, 5)) {
      running.add(start(() -> runWith(group, due)));
    }
    for (CompletableFuture<Retrieval.RetrievalOutcome> one : running) {
      assertTrue(one.get().complete());
    }

    TokenAmount sum = TokenAmount.ZERO;
    for (int deal = 1; deal <= 5; deal++) {
      assertDone(new MachineId("c-" + deal), PAID, each);
      assertHere(dag.groups().get(deal - 1));
      sum = sum.plus(due);
    }
    assertBooks(sum);
    ChannelBook channel = pair.client.payments.books().getFirst();
    assertEquals(1, pair.client.payments.books().size());
    assertEquals(sum, channel.deposit());
  }

  // ---- blocks

  @Test
  void givenEmptyBlocks_thenTheyCostNothingAndHoldNothingUp() throws Exception {
    List<byte[]> leaves = new ArrayList<>(leaves(20, 1_000));
    leaves.addFirst(new byte[0]);
    leaves.add(7, new byte[0]);
    leaves.addLast(new byte[0]);
    between(TestDag.over(leaves));
    pair.offer(PAID);

    assertDone(run(), PAID);
  }

  @Test
  void givenNothingButAnEmptyBlock_thenItIsHadForNothing() throws Exception {
    between(TestDag.single(new byte[0]));
    pair.offer(PAID);

    assertDone(run(), PAID);
  }

  @Test
  void givenNothingButAnEmptyBlockAndAFee_thenOnlyTheFeeIsPaid() throws Exception {
    between(TestDag.single(new byte[0]));
    pair.offer(WITH_FEE);

    assertDone(run(), WITH_FEE);
    assertBooks(TokenAmount.of(77));
  }

  @Test
  void givenARootThatIsItsOwnContent_thenOnlyWhatItLinksToIsPaid() throws Exception {
    TestDag dag = between(TestDag.inIdentity(leaves(2, 5_000))).dag;
    pair.offer(PAID);
    assertTrue(dag.root().isIdentity());

    assertDone(run(), PAID);
    assertEquals(10_000, dag.bytes());
  }

  @Test
  void givenAFileOfZeros_thenItsOneBlockIsPaidOnce() throws Exception {
    TestDag dag = between(TestDag.over(java.util.Collections.nCopies(200, new byte[5_000]))).dag;
    pair.offer(PAID);

    assertDone(run(), PAID);
    assertTrue(dag.bytes() < 20_000);
  }

  @Test
  void givenBlocksLargerThanTheLargestInterval_thenTheyComeOneByOne() throws Exception {
    between(TestDag.over(leaves(12, 30_000)));
    pair.offer(PAID);

    assertDone(run(), PAID);
  }

  /** The gate closes behind the last block, just before it, just after it, and before the last. */
  @ParameterizedTest
  @ValueSource(longs = {0, 1, -1, -1_000, -999, -1_001})
  void givenTheLastBlockAtTheGate_thenTheDealEnds(long offset) throws Exception {
    TestDag dag = between(TestDag.over(leaves(20, 1_000))).dag;
    long interval = dag.bytes() + offset;
    Terms terms = new Terms(ODD_PRICE, TokenAmount.of(5), interval, 0, interval, 600);
    pair.offer(terms);

    assertDone(run(), terms);
  }

  // ---- prices

  /** One unit pays for more than a window here, and rounding is all there is to many of them. */
  @Test
  void givenTenUnitsAMebibyte_whenRestartedAgainAndAgain_thenNotAUnitIsLost() throws Exception {
    Terms terms = new Terms(TokenAmount.of(10), TokenAmount.ZERO, 65_536, 0, 65_536, 600);
    TestDag dag = between(TestDag.over(leaves(150, 20_000))).dag;
    pair.offer(terms);
    assertEquals(TokenAmount.of(29), terms.due(dag.bytes()));
    for (int cut = 0; cut < 4; cut++) {
      pair.network.cutAfter(pair.provider.host, pair.client.host, 150_000);
      CompletableFuture<Retrieval.RetrievalOutcome> running =
          startBuying((charged, received) -> {});
      int before = cut;
      until(
          () ->
              running.isDone()
                  || deal().filter(d -> d.progress().position() > 20L * (before + 1)).isPresent());
      if (cut % 2 == 0) {
        pair.client.crash();
      } else {
        pair.provider.crash();
        pair.client.crash();
      }
    }

    assertDone(run(), terms);
  }

  private Optional<ClientDeal> deal() throws IOException {
    return pair.client.store.load(new MachineId("c-1")).isEmpty()
        ? Optional.empty()
        : Optional.of(pair.atClient(new MachineId("c-1")).data());
  }

  // ---- deaths

  /**
   * The client dies at an event, on disk already or not yet. Among them: killed in PROPOSED, and
   * killed when all is here but unpaid.
   */
  @ParameterizedTest
  @CsvSource({
    "(started), true",
    "FUNDED, false",
    "FUNDED, true",
    "ACCEPTED, false",
    "ACCEPTED, true",
    "VOUCHER_SIGNED, false",
    "VOUCHER_SIGNED, true",
    "ALL_VERIFIED, false",
    "ALL_VERIFIED, true",
    "FINAL_SENT, false",
    "FINAL_SENT, true",
  })
  void givenTheClientKilledAt_thenTheDealEnds(String event, boolean durable) throws Exception {
    between(TestDag.of(7, 4, 25, 1_000));
    pair.offer(WITH_FEE);
    CompletableFuture<Void> dead = pair.client.dieAt(durable, at("client-deal", event));
    var unused = startBuying((charged, received) -> {});
    dead.get();
    pair.client.crash();
    pair.client.deals.wakeAll();

    Retrieval.RetrievalOutcome outcome = run();

    assertTrue(outcome.deal().isEmpty() || outcome.deal().get().value().equals("c-1"));
    assertDone(outcome, WITH_FEE);
  }

  /** All blocks are here, none is paid, and the client forgot all but that the deal was begun. */
  @Test
  void givenTheClientKilledBeforeItsFirstVoucher_thenWhatIsHereIsPaid() throws Exception {
    TestDag dag = between(TestDag.over(leaves(5, 1_000))).dag;
    Terms terms = new Terms(ODD_PRICE, TokenAmount.ZERO, 100_000, 0, 100_000, 600);
    pair.offer(terms);
    CompletableFuture<Void> dead = pair.client.dieAt(false, at("client-deal", "ALL_VERIFIED"));
    pair.provider.tap(
        (entry, write) -> {
          if (at("provider-deal", "ALL_SENT").test(entry)) {
            dead.join(); // nor does it ask for money before, which could overtake the blocks
          }
          write.run();
        });
    var unused = startBuying((charged, received) -> {});
    dead.get();
    assertTrue(pair.client.blocks.has(dag.leaves().getLast()));
    assertBooksOfClientAreEmpty();
    pair.client.crash();

    assertDone(run(), terms);
  }

  private void assertBooksOfClientAreEmpty() {
    assertEquals(TokenAmount.ZERO, vouchered(pair.client.payments.books(), ChannelBook.Role.PAYER));
  }

  /**
   * The provider dies at an event, on disk already or not yet; at OPENED, say, between the journal
   * and the answer.
   */
  @ParameterizedTest
  @CsvSource({
    "(started), false",
    "(started), true",
    "OPENED_FEE_FIRST, false",
    "OPENED_FEE_FIRST, true",
    "PAID, false",
    "PAID, true",
    "GATE_OPENED, false",
    "GATE_OPENED, true",
    "ALL_SENT, false",
    "ALL_SENT, true",
    "SETTLED, false",
    "SETTLED, true",
  })
  void givenTheProviderKilledAt_thenTheDealEnds(String event, boolean durable) throws Exception {
    between(TestDag.of(7, 4, 25, 1_000));
    pair.offer(WITH_FEE);
    CompletableFuture<Void> dead = pair.provider.dieAt(durable, at("provider-deal", event));
    CompletableFuture<Retrieval.RetrievalOutcome> running = startBuying((charged, received) -> {});
    dead.get();
    pair.provider.crash();

    assertDone(running.get(), WITH_FEE);
  }

  /** All was sent in one window, and nothing paid, when the provider dies. */
  @Test
  void givenTheProviderKilledBeforeItSawTheFinalVoucher_thenItComesAgain() throws Exception {
    between(TestDag.over(leaves(5, 1_000)));
    Terms terms = new Terms(ODD_PRICE, TokenAmount.ZERO, 100_000, 0, 100_000, 600);
    pair.offer(terms);
    CompletableFuture<Void> dead = pair.provider.dieAt(false, at("provider-deal", "PAID"));
    CompletableFuture<Retrieval.RetrievalOutcome> running = startBuying((charged, received) -> {});
    dead.get();
    Retrieval.RetrievalOutcome outcome = running.get();
    assertEquals(DealOutcome.COMPLETED, pair.outcome(new MachineId("c-1")));
    pair.provider.crash();

    assertDone(outcome, terms);
  }

  private static java.util.function.Predicate<JournalEntry> at(String table, String event) {
    return entry -> entry.table().equals(table) && entry.event().equals(event);
  }

  private CompletableFuture<Retrieval.RetrievalOutcome> startBuying(
      BiConsumer<Long, Long> progress) {
    Retrieval retrieval = pair.retrieval();
    return start(() -> retrieval.run(progress, quote -> {}));
  }

  private static CompletableFuture<Retrieval.RetrievalOutcome> start(
      Callable<Retrieval.RetrievalOutcome> buying) {
    CompletableFuture<Retrieval.RetrievalOutcome> running = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                running.complete(buying.call());
              } catch (Exception e) {
                running.completeExceptionally(e);
              }
            });
    return running;
  }
}
