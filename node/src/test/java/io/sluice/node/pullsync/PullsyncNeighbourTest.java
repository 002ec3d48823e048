package io.sluice.node.pullsync;

import static io.sluice.node.pullsync.ScriptedNeighbour.EPOCH;
import static io.sluice.node.pullsync.ScriptedNeighbour.blocks;
import static io.sluice.node.pullsync.ScriptedNeighbour.corrupt;
import static io.sluice.node.pullsync.ScriptedNeighbour.delivery;
import static io.sluice.node.pullsync.ScriptedNeighbour.item;
import static io.sluice.node.pullsync.ScriptedNeighbour.offer;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sluice.node.pullsync.Neighbour.Failed;
import io.sluice.node.pullsync.Neighbour.Page;
import io.sluice.node.pullsync.Neighbour.Position;
import io.sluice.node.pullsync.NeighbourException.Kind;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.libp2p.Host;
import io.sluice.protocol.libp2p.StreamResetException;
import io.sluice.protocol.libp2p.TestHosts;
import io.sluice.protocol.pullsync.Ack;
import io.sluice.protocol.pullsync.Delivery;
import io.sluice.protocol.pullsync.Get;
import io.sluice.protocol.pullsync.Item;
import io.sluice.protocol.pullsync.Lane;
import io.sluice.protocol.pullsync.MessageStream;
import io.sluice.protocol.pullsync.Offer;
import io.sluice.protocol.pullsync.Pullsync;
import io.sluice.protocol.pullsync.PullsyncError;
import io.sluice.protocol.pullsync.Syn;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of the answers of a neighbour, right ones and wrong ones. */
@Timeout(60)
class PullsyncNeighbourTest {
  private static final Duration NO_WAIT = Duration.ZERO;
  private static final Item.Listing LISTING = new Item.Listing(EPOCH, 3);

  private final TestHosts network = new TestHosts();
  private final Host there = network.host("neighbour");
  private final Host here = network.host("puller");
  private final ExecutorService hashing = Executors.newFixedThreadPool(2);
  private final ScriptedNeighbour script = new ScriptedNeighbour(there);
  private final Neighbour neighbour = new PullsyncNeighbour(here, there.id(), List.of(), hashing);

  @AfterEach
  void close() {
    here.close();
    there.close();
    hashing.shutdownNow();
  }

  /** Keeps what it gets. */
  private static final class Kept implements Neighbour.PageReceiver {
    final List<Block> blocks = new ArrayList<>();
    final List<Item> asked = new ArrayList<>();
    private final Predicate<Item> wanted;

    Kept(Predicate<Item> wanted) {
      this.wanted = wanted;
    }

    @Override
    public boolean wants(Item item) {
      asked.add(item);
      return wanted.test(item);
    }

    @Override
    public void receive(Item item, Block block) {
      assertEquals(item.cid(), block.cid());
      blocks.add(block);
    }
  }

  private final Kept all = new Kept(item -> true);

  private Page page(long from, long to, Neighbour.PageReceiver receiver)
      throws IOException, NeighbourException {
    return neighbour.page(Lane.EVERYTHING, EPOCH, from, to, NO_WAIT, receiver);
  }

  private Kind refusedAs(long from, long to) {
    return assertThrows(NeighbourException.class, () -> page(from, to, all)).kind();
  }

  private static List<Item> items(List<Failed> failed) {
    return failed.stream().map(Failed::item).toList();
  }

  @Test
  void givenACursor_thenPosition() throws Exception {
    script.hears().says(new Ack(12, EPOCH));

    assertEquals(new Position(EPOCH, 12), neighbour.position(Lane.EVERYTHING));
    assertEquals(new Syn(Lane.EVERYTHING), script.heard.take());
  }

  @Test
  void givenAPage_thenAllOfItInOrder() throws Exception {
    List<Block> blocks = blocks(5);
    script.hears().says(offer(blocks)).hears();
    blocks.forEach(block -> script.says(delivery(block)));

    Page page = page(1, 5, all);

    assertEquals(new Page(5, offer(blocks).items(), List.of()), page);
    assertEquals(blocks, all.blocks);
    assertEquals(
        new Get(Lane.EVERYTHING, 1, OptionalLong.of(5), Pullsync.ITEMS, NO_WAIT, EPOCH),
        script.heardGet());
  }

  @Test
  void givenALiveInterval_thenAskedWithoutAnEndAndForHalfAMinuteAtMost() throws Exception {
    script.hears().says(new Offer(8, List.of(), EPOCH, false, 8));

    Page page = neighbour.page(Lane.EVERYTHING, EPOCH, 9, Neighbour.LIVE, Duration.ofHours(1), all);

    assertEquals(new Page(8, List.of(), List.of()), page);
    assertEquals(
        new Get(
            Lane.EVERYTHING, 9, OptionalLong.empty(), Pullsync.ITEMS, Pullsync.LONGEST_WAIT, EPOCH),
        script.heardGet());
  }

  @Test
  void givenOnlySomeMissing_thenOnlyTheseAreAskedFor() throws Exception {
    List<Block> blocks = blocks(3);
    script.hears().says(offer(blocks)).hears().says(delivery(blocks.get(1)));
    Kept second = new Kept(item -> item.number() == 2);

    page(1, 3, second);

    assertEquals(List.of(blocks.get(1)), second.blocks);
    script.heardGet();
    assertEquals("02", hex(script.heardWant().bits()));
  }

  private static String hex(ByteBuffer bytes) {
    StringBuilder text = new StringBuilder();
    while (bytes.hasRemaining()) {
      text.append("%02x".formatted(bytes.get()));
    }
    return text.toString();
  }

  @Test
  void givenNothingWanted_thenNoDeliveryIsWaitedFor() throws Exception {
    script.hears().says(offer(blocks(3))).hears();

    Page page = page(1, 3, new Kept(item -> false));

    assertEquals(List.of(), page.failed());
    script.heardGet();
    assertEquals("00", hex(script.heardWant().bits()));
  }

  @Test
  void givenRoots_thenNeitherAskedAboutNorWanted() throws Exception {
    Block root = blocks(1).getFirst();
    List<Item> items =
        List.of(
            new Item(1, root.cid(), new Item.ListedRoot(LISTING, true, "name")),
            new Item(2, root.cid(), new Item.RemovedRoot(List.of(LISTING))));
    script.hears().says(new Offer(2, items, EPOCH, true, 2));

    assertEquals(items, page(1, 2, all).items());
    assertEquals(List.of(), all.asked);
  }

  // ---- offers that are wrong

  @ParameterizedTest
  @CsvSource({
    // from, to, topmost, cursor
    "5, 9, 3, 20",
    "5, 9, 10, 20",
    "5, 9, 9, 8",
    "5, 9, 4, 9",
    "5, 9223372036854775807, 21, 20"
  })
  void givenATopmostThatCannotBe_thenWrong(long from, long to, long topmost, long cursor) {
    script.hears().says(new Offer(topmost, List.of(), EPOCH, true, cursor));

    assertEquals(Kind.WRONG, refusedAs(from, to));
  }

  @Test
  void givenTopmostAtTheEndOf64Bits_thenWrong() {
    script.hears().says(new byte[] {13, 0x22, 11, 8, -1, -1, -1, -1, -1, -1, -1, -1, -1, 1});

    assertEquals(Kind.WRONG, refusedAs(5, Neighbour.LIVE));
  }

  @Test
  void givenNothingBehindTheCursor_thenNothingIsDone() throws Exception {
    script.hears().says(new Offer(4, List.of(), EPOCH, true, 4));

    assertEquals(new Page(4, List.of(), List.of()), page(5, 9, all));
  }

  @Test
  void givenANumberBeforeTheInterval_thenWrong() {
    script.hears().says(new Offer(9, List.of(item(4, blocks(1).getFirst())), EPOCH, true, 9));

    assertEquals(Kind.WRONG, refusedAs(5, 9));
    assertEquals(List.of(), all.asked);
  }

  @Test
  void givenAnotherEpoch_thenNothingCounts() {
    script.hears().says(new Offer(9, List.of(), EPOCH + 1, true, 9));

    assertEquals(Kind.OTHER_EPOCH, refusedAs(5, 9));
  }

  @ParameterizedTest
  @CsvSource({
    "OTHER_EPOCH, OTHER_EPOCH",
    "BUSY, BUSY",
    "FAILED, BUSY",
    "REFUSED, REFUSED",
    "NOT_FOUND, REFUSED",
    "PAYMENT_REQUIRED, PAYMENT_REQUIRED",
    "BAD_REQUEST, WRONG"
  })
  void givenAnError_thenItsKindTextAndTime(PullsyncError.Code code, Kind kind) {
    script.hears().says(new PullsyncError(code, "because", Duration.ofSeconds(3), 0));

    NeighbourException refused = assertThrows(NeighbourException.class, () -> page(1, 9, all));
    assertEquals(kind, refused.kind());
    assertEquals("because", refused.getMessage());
    assertEquals(Duration.ofSeconds(3), refused.after());
    assertEquals(
        kind,
        assertThrows(NeighbourException.class, () -> neighbour.position(Lane.EVERYTHING)).kind());
  }

  @Test
  void givenAnythingElse_thenWrong() {
    script.hears().says(new byte[] {5, 1, 2, 3, 4, 5});
    assertEquals(Kind.WRONG, refusedAs(1, 9));
    ScriptedNeighbour another = new ScriptedNeighbour(there);
    another.hears().says(delivery(blocks(1).getFirst()));
    assertEquals(Kind.WRONG, refusedAs(1, 9));
    ScriptedNeighbour silent = new ScriptedNeighbour(there);
    silent.hears();
    assertEquals(Kind.WRONG, refusedAs(1, 9));
    assertEquals(
        Kind.WRONG,
        assertThrows(NeighbourException.class, () -> neighbour.position(Lane.EVERYTHING)).kind());
  }

  // ---- deliveries that are wrong

  @Test
  void givenACorruptBlock_thenItAloneFails() throws Exception {
    List<Block> blocks = blocks(50);
    script.hears().says(offer(blocks)).hears();
    blocks.forEach(
        block -> script.says(block.equals(blocks.get(20)) ? corrupt(block) : delivery(block)));

    Page page = page(1, 50, all);

    assertEquals(50, page.topmost());
    assertEquals(49, all.blocks.size());
    assertEquals(List.of(item(21, blocks.get(20))), items(page.failed()));
  }

  @Test
  void givenMoreOrLessThanOffered_thenThatAloneFails() throws Exception {
    List<Block> blocks = blocks(3);
    List<Item> items = new ArrayList<>(offer(blocks).items());
    items.set(0, new Item(1, blocks.get(0).cid(), new Item.OfferedBlock(99)));
    items.set(2, new Item(3, blocks.get(2).cid(), new Item.OfferedBlock(1 << 20)));
    script.hears().says(new Offer(3, items, EPOCH, true, 3)).hears();
    blocks.forEach(block -> script.says(delivery(block)));

    Page page = page(1, 3, all);

    assertEquals(List.of(blocks.get(1)), all.blocks);
    assertEquals(List.of(items.get(0), items.get(2)), items(page.failed()));
  }

  @Test
  void givenBlocksThatDoNotCome_thenEachForItsReason() throws Exception {
    List<Block> blocks = blocks(5);
    Duration later = Duration.ofSeconds(7);
    script
        .hears()
        .says(offer(blocks))
        .hears()
        .says(
            Delivery.without(blocks.get(0).cid(), Delivery.Status.GONE, NO_WAIT),
            Delivery.without(blocks.get(1).cid(), Delivery.Status.REFUSED, NO_WAIT),
            delivery(blocks.get(2)),
            Delivery.without(blocks.get(3).cid(), Delivery.Status.BUSY, later),
            Delivery.without(blocks.get(4).cid(), Delivery.Status.PAYMENT_REQUIRED, NO_WAIT));

    List<Failed> failed = page(1, 5, all).failed();

    assertEquals(List.of(blocks.get(2)), all.blocks);
    assertEquals(
        List.of(1L, 2L, 4L, 5L), failed.stream().map(each -> each.item().number()).toList());
    assertEquals(
        List.of(NO_WAIT, NO_WAIT, later, NO_WAIT), failed.stream().map(Failed::after).toList());
    assertEquals(4, failed.stream().map(Failed::reason).distinct().count());
  }

  @Test
  void givenAnUnsolicitedBlockFirst_thenWrongAndNothingKept() {
    List<Block> blocks = blocks(3);
    script.hears().says(offer(blocks.subList(0, 2))).hears().says(delivery(blocks.get(2)));

    assertEquals(Kind.WRONG, refusedAs(1, 2));
    assertEquals(List.of(), all.blocks);
  }

  @Test
  void givenABlockTwice_thenWhatCameBeforeCounts() throws Exception {
    List<Block> blocks = blocks(4);
    script
        .hears()
        .says(offer(blocks))
        .hears()
        .says(delivery(blocks.get(0)), delivery(blocks.get(1)), delivery(blocks.get(1)));

    Page page = page(1, 4, all);

    assertEquals(blocks.subList(0, 2), all.blocks);
    assertEquals(offer(blocks).items().subList(2, 4), items(page.failed()));
  }

  @Test
  void givenMoreThanWasWanted_thenNothingOfThatIsKept() throws Exception {
    List<Block> blocks = blocks(3);
    script
        .hears()
        .says(offer(blocks.subList(0, 2)))
        .hears()
        .says(delivery(blocks.get(0)), delivery(blocks.get(1)), delivery(blocks.get(2)));

    assertEquals(List.of(), page(1, 2, all).failed());
    assertEquals(blocks.subList(0, 2), all.blocks);
  }

  @Test
  void givenAResetInTheMiddle_thenWhatCameCounts() throws Exception {
    List<Block> blocks = blocks(4);
    script
        .hears()
        .says(offer(blocks))
        .hears()
        .says(delivery(blocks.get(0)))
        .does((stream, messages) -> stream.closeWrite());

    Page page = page(1, 4, all);

    assertEquals(4, page.topmost());
    assertEquals(blocks.subList(0, 1), all.blocks);
    assertEquals(offer(blocks).items().subList(1, 4), items(page.failed()));
  }

  @Test
  void givenAResetBeforeTheFirstBlock_thenNothingCounts() {
    script.hears().says(offer(blocks(4))).hears().resets();

    assertThrows(StreamResetException.class, () -> page(1, 4, all));
  }

  @Test
  void givenAnErrorInPlaceOfABlock_thenItsReason() throws Exception {
    List<Block> blocks = blocks(2);
    script
        .hears()
        .says(offer(blocks))
        .hears()
        .says(
            delivery(blocks.getFirst()), PullsyncError.of(PullsyncError.Code.FAILED, "disk lost"));

    Page page = page(1, 2, all);

    assertEquals("disk lost", page.failed().getFirst().reason());
  }

  @Test
  void givenDeliveriesThatTakeFarTooLong_thenThePageEndsBehindWhatCame() throws Exception {
    List<Block> blocks = blocks(4);
    script.hears().says(offer(blocks)).hears();
    blocks.forEach(block -> script.says(delivery(block)));
    AtomicLong now = new AtomicLong();
    Get get = new Get(Lane.EVERYTHING, 1, OptionalLong.of(4), Pullsync.ITEMS, NO_WAIT, EPOCH);

    Page page =
        new PageTransfer(
                here.open(there.id(), List.of(), List.of(Pullsync.SYNC)),
                get,
                all,
                hashing,
                () -> now.addAndGet(TimeUnit.MINUTES.toNanos(4)))
            .run();

    assertEquals(blocks.subList(0, 2), all.blocks);
    assertEquals(offer(blocks).items().subList(2, 4), items(page.failed()));
  }

  // ---- this end

  @Test
  void givenOurDiskFails_thenThatIsThrownAndTheNeighbourIsFree() throws Exception {
    List<Block> blocks = blocks(2);
    CompletableFuture<Exception> freed = new CompletableFuture<>();
    script
        .hears()
        .says(offer(blocks))
        .hears()
        .says(delivery(blocks.getFirst()), delivery(blocks.getLast()))
        .does((stream, messages) -> freed.complete(endOf(messages)));

    IOException failed =
        assertThrows(
            IOException.class,
            () ->
                page(
                    1,
                    2,
                    new Neighbour.PageReceiver() {
                      @Override
                      public boolean wants(Item item) {
                        return true;
                      }

                      @Override
                      public void receive(Item item, Block block) throws IOException {
                        throw new IOException("disk full");
                      }
                    }));
    assertEquals("disk full", failed.getMessage());
    assertInstanceOf(StreamResetException.class, freed.get(10, TimeUnit.SECONDS));
  }

  private static Exception endOf(MessageStream messages) {
    try {
      return new IllegalStateException("heard " + messages.read(Pullsync.REQUEST_BYTES));
    } catch (IOException e) {
      return e;
    }
  }

  @Test
  void givenAnInterrupt_thenFreeAtOnceAtBothEnds() throws Exception {
    CompletableFuture<Exception> freed = new CompletableFuture<>();
    CompletableFuture<Void> waiting = new CompletableFuture<>();
    script
        .hears()
        .does((stream, messages) -> waiting.complete(null))
        .does((stream, messages) -> freed.complete(endOf(messages)));
    CompletableFuture<Throwable> ended = new CompletableFuture<>();
    Thread puller =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    neighbour.page(
                        Lane.EVERYTHING, EPOCH, 1, Neighbour.LIVE, Duration.ofMinutes(1), all);
                  } catch (IOException | NeighbourException e) {
                    ended.complete(e);
                  }
                });
    waiting.get(10, TimeUnit.SECONDS);

    puller.interrupt();

    assertInstanceOf(InterruptedIOException.class, ended.get(1, TimeUnit.SECONDS));
    assertInstanceOf(StreamResetException.class, freed.get(1, TimeUnit.SECONDS));
  }
}
