package io.sluice.node.pullsync;

import static io.sluice.node.pullsync.ScriptedNeighbour.EPOCH;
import static io.sluice.node.pullsync.ScriptedNeighbour.block;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.dealstore.blocks.log.RootTag;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.libp2p.Host;
import io.sluice.protocol.libp2p.Stream;
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
import io.sluice.protocol.pullsync.PullsyncMessage;
import io.sluice.protocol.pullsync.Syn;
import io.sluice.protocol.pullsync.Want;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a neighbour gets of what came here, by messages as they travel. */
@Timeout(60)
class PullsyncServerTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  private final TestHosts network = new TestHosts();
  private final Host there = network.host("server");
  private final Host here = network.host("requestor");
  private final MemoryPullsyncHome home = new MemoryPullsyncHome();
  private PullsyncServer server = server(PullsyncLimits.DEFAULT);

  private PullsyncServer server(PullsyncLimits limits) {
    PullsyncServer made = new PullsyncServer(home, limits, Ticker.SYSTEM, PullsyncMetrics.NONE);
    made.serve(there);
    return made;
  }

  @AfterEach
  void close() {
    here.close();
    there.close();
  }

  /** A requestor that says what a test tells it. */
  private static final class Asking implements AutoCloseable {
    final Stream stream;
    final MessageStream messages;

    Asking(Host from, Host to, String protocol) throws IOException {
      stream = from.open(to.id(), List.of(), List.of(protocol));
      messages = new MessageStream(stream);
    }

    Asking says(PullsyncMessage message) throws IOException {
      messages.write(message);
      return this;
    }

    PullsyncMessage hears() throws IOException {
      return messages.read(Pullsync.MESSAGE_BYTES).orElseThrow();
    }

    Offer offer() throws IOException {
      return assertInstanceOf(Offer.class, hears());
    }

    Delivery delivery() throws IOException {
      return assertInstanceOf(Delivery.class, hears());
    }

    PullsyncError error() throws IOException {
      return assertInstanceOf(PullsyncError.class, hears());
    }

    void hearsTheEnd() throws IOException {
      assertEquals(Optional.empty(), messages.read(Pullsync.MESSAGE_BYTES));
    }

    @Override
    public void close() throws IOException {
      stream.close();
    }
  }

  private Asking sync() throws IOException {
    return new Asking(here, there, Pullsync.SYNC);
  }

  private static Get get(long start, long end) {
    return new Get(Lane.EVERYTHING, start, OptionalLong.of(end), 0, Duration.ZERO, EPOCH);
  }

  private static Get live(long start, Duration patience) {
    return new Get(Lane.EVERYTHING, start, OptionalLong.empty(), 0, patience, EPOCH);
  }

  private List<Block> put(int count) {
    List<Block> blocks = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Block block = block((int) home.log.cursor() + 1, 200);
      home.log.put(block);
      blocks.add(block);
    }
    return blocks;
  }

  private static List<Long> numbers(Offer offer) {
    return offer.items().stream().map(Item::number).toList();
  }

  private void awaitFree() {
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(1);
    while (server.underWay() > 0) {
      assertTrue(System.nanoTime() < until, "not free after a second");
      LockSupport.parkNanos(1_000_000);
    }
  }

  private void awaitUnderWay(int pages) {
    while (server.underWay() < pages) {
      LockSupport.parkNanos(1_000_000);
    }
  }

  // ---- what there is

  @Test
  void givenThreeBlocks_thenCursorAtThree() throws Exception {
    put(3);
    try (Asking asking = new Asking(here, there, Pullsync.CURSORS)) {
      assertEquals(new Ack(3, EPOCH), asking.says(new Syn(Lane.EVERYTHING)).hears());
      asking.hearsTheEnd();
    }
  }

  @Test
  void given120BlocksAndPagesOf50_thenThreePagesOfTheSame() throws Exception {
    List<Block> blocks = put(120);
    List<Item> offered = new ArrayList<>();
    int pages = 0;
    for (long from = 1; from <= 120; pages++) {
      try (Asking asking = sync()) {
        Offer offer =
            asking
                .says(
                    new Get(Lane.EVERYTHING, from, OptionalLong.of(120), 50, Duration.ZERO, EPOCH))
                .offer();
        assertEquals(from + offer.items().size() - 1, offer.topmost());
        assertEquals(offer.topmost() == 120, offer.ended());
        asking.says(Want.of(offer.items().size(), item -> false)).hearsTheEnd();
        offered.addAll(offer.items());
        from = offer.topmost() + 1;
      }
    }

    assertEquals(3, pages);
    assertEquals(
        blocks.stream().map(Block::cid).toList(), offered.stream().map(Item::cid).toList());
  }

  @Test
  void givenLargeBlocks_thenPagesByBytes() throws Exception {
    for (int i = 1; i <= 5; i++) {
      home.log.put(block(i, 3 << 19));
    }
    try (Asking asking = sync()) {
      Offer offer = asking.says(get(1, 5)).offer();
      assertEquals(List.of(1L, 2L), numbers(offer));
      assertEquals(2, offer.topmost());
    }
  }

  @Test
  void givenOneNumber_thenThatItemAlone() throws Exception {
    List<Block> blocks = put(9);
    try (Asking asking = sync()) {
      Offer offer = asking.says(get(7, 7)).offer();
      assertEquals(List.of(7L), numbers(offer));
      assertTrue(offer.ended());
      asking.says(new Want(ByteBuffer.wrap(new byte[] {1})));
      assertEquals(Delivery.of(blocks.get(6).cid(), blocks.get(6).data()), asking.delivery());
      asking.hearsTheEnd();
    }
  }

  @Test
  void givenOnlySomeWanted_thenThoseInTheOrderOfTheOffer() throws Exception {
    List<Block> blocks = put(30);
    try (Asking asking = sync()) {
      asking.says(get(1, 30)).offer();
      asking.says(Want.of(30, item -> item % 3 == 0));
      for (int i = 0; i < 30; i += 3) {
        assertEquals(blocks.get(i).cid(), asking.delivery().cid());
      }
      asking.hearsTheEnd();
    }
  }

  @Test
  void givenRoots_thenOfferedWithTheirListings() throws Exception {
    Block root = put(1).getFirst();
    RootTag tag = home.log.listed(root.cid(), true, "näme");
    try (Asking asking = sync()) {
      Item listed = asking.says(get(1, 2)).offer().items().get(1);
      assertEquals(
          new Item.ListedRoot(new Item.Listing(EPOCH, tag.number()), true, "näme"), listed.what());
      asking.says(Want.of(2, item -> false)).hearsTheEnd();
    }
    home.log.removed(root.cid(), Set.of(tag));
    try (Asking asking = sync()) {
      Offer offer = asking.says(get(2, 9)).offer();
      assertEquals(
          List.of(
              new Item(
                  3,
                  root.cid(),
                  new Item.RemovedRoot(List.of(new Item.Listing(EPOCH, tag.number()))))),
          offer.items());
      asking.hearsTheEnd();
    }
  }

  /** The end of the interval may have been removed, and the middle too. */
  @Test
  void givenTheTailIsGone_thenAnsweredAtOnce() throws Exception {
    List<Block> blocks = put(9);
    blocks.subList(4, 9).forEach(block -> home.log.lose(block.cid()));
    try (Asking asking = sync()) {
      Offer offer = asking.says(get(3, 9)).offer();
      assertEquals(List.of(3L, 4L), numbers(offer));
      assertEquals(9, offer.topmost());
      assertTrue(offer.ended());
    }
    try (Asking asking = new Asking(network.host("another"), there, Pullsync.SYNC)) {
      Offer offer = asking.says(get(6, 9)).offer();
      assertEquals(List.of(), offer.items());
      assertEquals(9, offer.topmost());
      asking.hearsTheEnd();
    }
  }

  /** What does not exist yet is not done. */
  @Test
  void givenAnEndBehindTheCursor_thenDoneUpToTheCursor() throws Exception {
    put(3);
    try (Asking asking = sync()) {
      Offer offer = asking.says(get(2, 100)).offer();
      assertEquals(3, offer.topmost());
      assertTrue(offer.ended());
      assertEquals(3, offer.cursor());
    }
    try (Asking asking = new Asking(network.host("another"), there, Pullsync.SYNC)) {
      Offer offer = asking.says(get(4, 100)).offer();
      assertEquals(3, offer.topmost());
      assertEquals(List.of(), offer.items());
    }
  }

  @Test
  void givenALaneWithLittleInIt_thenTheRestIsPassedOver() throws Exception {
    List<Block> blocks = put(1000);
    blocks.forEach(block -> home.elsewhere.add(block.cid()));
    home.elsewhere.remove(blocks.get(700).cid());
    try (Asking asking = sync()) {
      Offer offer = asking.says(get(1, 1000)).offer();
      assertEquals(List.of(701L), numbers(offer));
      assertEquals(1000, offer.topmost());
    }
  }

  @Test
  void givenABlockThatVanished_thenTheOthersComeAllTheSame() throws Exception {
    List<Block> blocks = put(3);
    try (Asking asking = sync()) {
      asking.says(get(1, 3)).offer();
      home.log.lose(blocks.get(1).cid());
      asking.says(Want.of(3, item -> true));
      assertEquals(Delivery.Status.OK, asking.delivery().status());
      assertEquals(
          Delivery.without(blocks.get(1).cid(), Delivery.Status.GONE, Duration.ZERO),
          asking.delivery());
      assertEquals(Delivery.Status.OK, asking.delivery().status());
      asking.hearsTheEnd();
    }
  }

  @Test
  void given1MiBBlock_thenItComesAsItIs() throws Exception {
    Block block = block(1, 1 << 20);
    home.log.put(block);
    try (Asking asking = sync()) {
      asking.says(get(1, 1)).offer();
      asking.says(Want.of(1, item -> true));
      assertEquals(block.data(), asking.delivery().data());
    }
  }

  // ---- epochs

  @Test
  void givenAnotherEpoch_thenTheNewOneIsTold() throws Exception {
    put(3);
    home.log.restart(EPOCH + 5);
    try (Asking asking = sync()) {
      PullsyncError error = asking.says(get(1, 3)).error();
      assertEquals(PullsyncError.Code.OTHER_EPOCH, error.code());
      assertEquals(EPOCH + 5, error.epoch());
      asking.hearsTheEnd();
    }
  }

  @Test
  void givenNumbersBeginAnewDuringALiveWait_thenTold() throws Exception {
    put(3);
    try (Asking asking = sync()) {
      asking.says(live(4, LONG));
      awaitUnderWay(1);
      home.log.restart(EPOCH + 5);
      put(1);
      assertEquals(PullsyncError.Code.OTHER_EPOCH, asking.error().code());
    }
  }

  /** A log that is older than what a neighbour has seen of it was set back. */
  @Test
  void givenMoreIsKnownThanThereIs_thenAsIfTheEpochWereAnother() throws Exception {
    put(3);
    try (Asking asking = sync()) {
      assertEquals(PullsyncError.Code.OTHER_EPOCH, asking.says(live(5, LONG)).error().code());
    }
  }

  // ---- live

  @Test
  void givenALiveInterval_thenWhatComesIsOfferedAtOnce() throws Exception {
    put(2);
    try (Asking asking = sync()) {
      asking.says(live(3, LONG));
      awaitUnderWay(1);
      put(1);
      Offer offer = asking.offer();
      assertEquals(List.of(3L), numbers(offer));
      assertFalse(offer.ended());
    }
  }

  @Test
  void givenNothingComes_thenTheWaitEndsAndNothingIsDone() throws Exception {
    put(2);
    try (Asking asking = sync()) {
      Offer offer = asking.says(live(3, Duration.ofMillis(20))).offer();
      assertEquals(new Offer(2, List.of(), EPOCH, false, 2), offer);
      asking.hearsTheEnd();
    }
  }

  @Test
  void givenWhatComesIsOfAnotherLane_thenTheWaitGoesOnBehindIt() throws Exception {
    Block other = block(1, 100);
    home.elsewhere.add(other.cid());
    try (Asking asking = sync()) {
      asking.says(live(1, Duration.ofMillis(300)));
      awaitUnderWay(1);
      home.log.put(other);
      assertEquals(new Offer(1, List.of(), EPOCH, false, 1), asking.offer());
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void givenALiveWaitIsResetOrClosed_thenFreeWithinASecond(boolean reset) throws Exception {
    try (Asking asking = sync()) {
      asking.says(live(1, LONG));
      awaitUnderWay(1);
      if (reset) {
        asking.stream.reset();
      } else {
        asking.stream.close();
      }
      awaitFree();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void givenAPageIsCalledOffInTheMiddle_thenFreeWithinASecond(boolean reset) throws Exception {
    for (int i = 1; i <= 4; i++) {
      home.log.put(block(i, 1 << 20)); // more than fits into the stream
    }
    try (Asking asking = sync()) {
      asking.says(get(1, 4)).offer();
      asking.says(Want.of(4, item -> true));
      asking.delivery();
      if (reset) {
        asking.stream.reset();
      } else {
        asking.stream.close();
      }
      awaitFree();
    }
  }

  @Test
  void givenTheWholeConnectionGoes_thenFreeWithinASecond() throws Exception {
    try (Asking asking = sync()) {
      asking.says(live(1, LONG));
      awaitUnderWay(1);
      network.cut(here, there);
      awaitFree();
    }
  }

  @Test
  void givenOneNeighbourIsGone_thenTheWaitOfAnotherGoesOn() throws Exception {
    try (Asking asking = sync();
        Asking other = new Asking(network.host("another"), there, Pullsync.SYNC)) {
      asking.says(live(1, LONG));
      other.says(live(1, LONG));
      awaitUnderWay(2);
      asking.stream.reset();
      while (server.underWay() > 1) {
        LockSupport.parkNanos(1_000_000);
      }
      put(1);
      assertEquals(List.of(1L), numbers(other.offer()));
    }
  }

  // ---- how much

  @Test
  void givenASecondPageOfALane_thenBusyAndALiveOneBesideIt() throws Exception {
    put(2);
    try (Asking first = sync();
        Asking second = sync();
        Asking waiting = sync();
        Asking waitingToo = sync()) {
      first.says(get(1, 2)).offer();
      PullsyncError busy = second.says(get(1, 1)).error();
      assertEquals(PullsyncError.Code.BUSY, busy.code());
      assertTrue(busy.after().isPositive());
      waiting.says(live(3, LONG));
      awaitUnderWay(2);
      assertEquals(PullsyncError.Code.BUSY, waitingToo.says(live(3, LONG)).error().code());
      first.says(Want.of(2, item -> false)).hearsTheEnd();
      try (Asking third = sync()) {
        assertEquals(List.of(1L), numbers(third.says(get(1, 1)).offer()));
      }
    }
  }

  @Test
  void given20NeighboursAskTheSame_thenOneScan() throws Exception {
    put(300);
    CountDownLatch begin = new CountDownLatch(1);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<List<Long>>> answers = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        Host neighbour = network.host("neighbour " + i);
        answers.add(
            threads.submit(
                () -> {
                  begin.await();
                  try (Asking asking = new Asking(neighbour, there, Pullsync.SYNC)) {
                    return numbers(asking.says(get(1, 250)).offer());
                  }
                }));
      }
      begin.countDown();
      for (Future<List<Long>> answer : answers) {
        assertEquals(250, answer.get().size());
      }
    }

    assertEquals(1, home.log.reads());
  }

  @Test
  void givenARate_thenAPageBeyondTheFirstIsHeldBack() throws Exception {
    server = server(PullsyncLimits.DEFAULT.withRates(1000, Long.MAX_VALUE));
    put(600);
    long began = System.nanoTime();
    for (long from : List.of(1L, 251L, 501L)) {
      try (Asking asking = sync()) {
        Offer offer = asking.says(get(from, 600)).offer();
        asking.says(Want.of(offer.items().size(), item -> true));
        for (int i = 0; i < offer.items().size(); i++) {
          asking.delivery();
        }
        asking.hearsTheEnd();
      }
    }
    long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);

    assertTrue(millis >= 350, () -> "600 blocks at 1000/s, 250 at once, in ms: " + millis);
  }

  @Test
  void givenARateThatWouldHoldABlockForLong_thenBusyWithTheTime() throws Exception {
    server =
        server(
            new PullsyncLimits(1, Long.MAX_VALUE, 1, Duration.ofMillis(1), Duration.ofSeconds(5)));
    List<Block> blocks = put(260);
    List<Delivery.Status> last = new ArrayList<>();
    for (long from : List.of(1L, 251L)) {
      try (Asking asking = sync()) {
        PullsyncMessage answer = asking.says(get(from, 260)).hears();
        if (answer instanceof PullsyncError busy) {
          assertEquals(PullsyncError.Code.BUSY, busy.code());
          assertTrue(busy.after().isPositive());
          last.add(Delivery.Status.BUSY);
        } else {
          asking.says(Want.of(250, item -> true));
          for (int i = 0; i < 250; i++) {
            Delivery delivery = asking.delivery();
            assertEquals(blocks.get(i).cid(), delivery.cid());
          }
        }
      }
    }

    assertEquals(List.of(Delivery.Status.BUSY), last);
  }

  @Test
  void givenAllDeliveriesAreTaken_thenTheNextIsBusyBlockByBlock() throws Exception {
    server =
        server(
            new PullsyncLimits(
                10_000, Long.MAX_VALUE, 1, Duration.ofSeconds(1), Duration.ofSeconds(30)));
    for (int i = 1; i <= 3; i++) {
      home.log.put(block(i, 1 << 20)); // more than fits into the stream
    }
    try (Asking first = sync();
        Asking second = new Asking(network.host("another"), there, Pullsync.SYNC)) {
      first.says(get(1, 3)).offer();
      first.says(Want.of(3, item -> true)).delivery();
      second.says(get(1, 3)).offer();
      second.says(Want.of(3, item -> item > 0));
      for (int i = 0; i < 2; i++) {
        Delivery busy = second.delivery();
        assertEquals(Delivery.Status.BUSY, busy.status());
        assertTrue(busy.after().isPositive());
      }
      second.hearsTheEnd();
      assertEquals(Delivery.Status.OK, first.delivery().status());
    }
  }

  /** What cannot be offered as it is must not stop the lane. */
  @Test
  void givenMoreThanAMessageHolds_thenCutOrPassedOver() throws Exception {
    home.log.put(block(1, Pullsync.BLOCK_BYTES + 1));
    Block root = block(2, 100);
    home.log.put(root);
    home.log.listed(root.cid(), true, "ü".repeat(Pullsync.NAME_BYTES));
    for (int i = 0; i < 20; i++) {
      Set<RootTag> tags = new HashSet<>();
      for (int tag = 1; tag <= Pullsync.LISTINGS + 1; tag++) {
        tags.add(new RootTag(100 + i, tag));
      }
      home.log.removed(root.cid(), tags);
    }
    long from = 1;
    List<Item> items = new ArrayList<>();
    for (int pages = 0; from <= home.log.cursor(); pages++) {
      assertTrue(pages < 5);
      try (Asking asking = sync()) {
        Offer offer = asking.says(get(from, 1000)).offer();
        items.addAll(offer.items());
        from = offer.topmost() + 1;
        if (offer.offersBlocks()) {
          asking.says(Want.of(offer.items().size(), item -> false));
        }
        asking.hearsTheEnd();
      }
    }

    assertEquals(2, items.getFirst().number());
    assertEquals(22, items.size());
    Item.RemovedRoot removed = assertInstanceOf(Item.RemovedRoot.class, items.getLast().what());
    assertEquals(Pullsync.LISTINGS, removed.listings().size());
  }

  // ---- who may

  @Test
  void givenARefusal_thenNothingIsToldByAnyCall() throws Exception {
    put(3);
    home.refusal =
        Optional.of(PullsyncRefusal.because(PullsyncError.Code.PAYMENT_REQUIRED, "5 FIL per MiB"));
    PullsyncError expected = PullsyncError.of(PullsyncError.Code.PAYMENT_REQUIRED, "5 FIL per MiB");
    for (PullsyncMessage request : List.of(get(1, 3), live(1, LONG), live(4, LONG))) {
      try (Asking asking = sync()) {
        assertEquals(expected, asking.says(request).hears());
        asking.hearsTheEnd();
      }
    }
    try (Asking asking = new Asking(here, there, Pullsync.CURSORS)) {
      assertEquals(expected, asking.says(new Syn(Lane.EVERYTHING)).hears());
      asking.hearsTheEnd();
    }
    assertFalse(home.opened, "a log was made for somebody who may not read it");
  }

  @ParameterizedTest
  @CsvSource({"PAYMENT_REQUIRED, PAYMENT_REQUIRED", "NOT_FOUND, REFUSED", "REFUSED, REFUSED"})
  void givenAGrantTakenBackInTheMiddle_thenNothingMoreIsDelivered(
      PullsyncError.Code code, Delivery.Status status) throws Exception {
    put(2);
    try (Asking asking = sync()) {
      asking.says(get(1, 2)).offer();
      home.refusal = Optional.of(PullsyncRefusal.because(code, "no more"));
      asking.says(Want.of(2, item -> true));
      for (int i = 0; i < 2; i++) {
        Delivery delivery = asking.delivery();
        assertEquals(status, delivery.status());
        assertFalse(delivery.data().hasRemaining());
      }
    }
  }

  @Test
  void givenABlockThatMayNotBeReadAnyMore_thenRefused() throws Exception {
    put(1);
    try (Asking asking = sync()) {
      asking.says(get(1, 1)).offer();
      home.status = Delivery.Status.REFUSED;
      assertEquals(
          Delivery.Status.REFUSED, asking.says(Want.of(1, item -> true)).delivery().status());
    }
  }

  // ---- what fails here

  @Test
  void givenTheDiskFails_thenToldAndNothingOfHow() throws Exception {
    put(2);
    home.failing = true;
    try (Asking asking = sync()) {
      assertFailed(asking.says(get(1, 2)).error());
      asking.hearsTheEnd();
    }
    home.failing = false;
    try (Asking asking = sync()) {
      asking.says(get(1, 2)).offer();
      home.failing = true;
      assertFailed(asking.says(Want.of(2, item -> true)).error());
      asking.hearsTheEnd();
    }
  }

  private static void assertFailed(PullsyncError error) {
    assertEquals(PullsyncError.Code.FAILED, error.code());
    assertTrue(error.after().isPositive());
    assertFalse(error.text().contains("secret"), error::text);
  }

  // ---- what cannot be

  @ParameterizedTest
  @ValueSource(strings = {"00", "020102", "ffffff7f", "8000", "04220210ff"})
  void givenRubbish_thenTypedErrorAndNothingUnderWay(String bytes) throws Exception {
    for (String protocol : List.of(Pullsync.SYNC, Pullsync.CURSORS)) {
      try (Asking asking = new Asking(here, there, protocol)) {
        asking.stream.write(ByteBuffer.wrap(HexFormat.of().parseHex(bytes)));
        asking.stream.closeWrite();
        assertEquals(PullsyncError.Code.BAD_REQUEST, asking.error().code());
        asking.hearsTheEnd();
      }
    }
    awaitFree();
  }

  @Test
  void givenAnotherQuestion_thenTypedError() throws Exception {
    try (Asking asking = sync()) {
      assertEquals(
          PullsyncError.Code.BAD_REQUEST, asking.says(new Syn(Lane.EVERYTHING)).error().code());
    }
    try (Asking asking = new Asking(here, there, Pullsync.CURSORS)) {
      assertEquals(PullsyncError.Code.BAD_REQUEST, asking.says(get(1, 1)).error().code());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0000", "04", "ff"})
  void givenBitsThatAreNotOfTheOffer_thenTypedErrorAndNoBlock(String bits) throws Exception {
    put(2);
    try (Asking asking = sync()) {
      asking.says(get(1, 2)).offer();
      asking.says(new Want(ByteBuffer.wrap(HexFormat.of().parseHex(bits))));
      assertEquals(PullsyncError.Code.BAD_REQUEST, asking.error().code());
      asking.hearsTheEnd();
    }
    awaitFree();
  }

  @Test
  void givenAMessageOutOfTurn_thenTheWaitEndsWithATypedError() throws Exception {
    try (Asking asking = sync()) {
      asking.says(live(1, LONG)).says(new Syn(Lane.EVERYTHING));
      assertEquals(PullsyncError.Code.BAD_REQUEST, asking.error().code());
    }
    awaitFree();
  }

  @Test
  void givenARequestorThatSaysNothing_thenNotForEver() throws Exception {
    server =
        server(
            new PullsyncLimits(
                1000, Long.MAX_VALUE, 1, Duration.ofSeconds(1), Duration.ofMillis(50)));
    put(1);
    try (Asking asking = sync()) {
      asking.says(get(1, 1)).offer();
      assertThrows(IOException.class, () -> asking.messages.read(Pullsync.MESSAGE_BYTES));
    }
    awaitFree();
  }
}
