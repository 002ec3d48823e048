package io.sluice.node.provider;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.node.pricing.Catalogue.Listing;
import io.sluice.node.provider.SelectionSizes.QuoteBounds;
import io.sluice.node.provider.SelectionSizes.Selection;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.graphsync.TestDag;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.ipld.MemoryBlockStore;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.ipld.Selectors;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Codec;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SelectionSizesTest {
  private static final long SECOND = 1_000_000_000;

  private final TestDag dag = TestDag.of(7, 4, 25, 1_000);
  private final Watched store = new Watched(dag.store());
  private final AtomicLong time = new AtomicLong();
  private final SelectionSizes sizes = sizes(QuoteBounds.DEFAULT);

  private SelectionSizes sizes(QuoteBounds bounds) {
    return new SelectionSizes(store, bounds, time::get);
  }

  /** Looking takes time; what is read is counted. */
  private final class Watched implements BlockStore {
    private final MemoryBlockStore blocks;
    private long nanosEach;
    private int read;
    private int asked;

    Watched(MemoryBlockStore blocks) {
      this.blocks = blocks;
    }

    @Override
    public boolean has(Cid cid) {
      return blocks.has(cid);
    }

    @Override
    public OptionalInt size(Cid cid) {
      asked++;
      time.addAndGet(nanosEach);
      return blocks.size(cid);
    }

    @Override
    public Optional<Block> get(Cid cid) {
      time.addAndGet(nanosEach);
      assertFalse(cid.codec() == Codec.RAW, "a raw block was read");
      read++;
      asked++;
      return blocks.get(cid);
    }

    @Override
    public void put(Block block) {
      blocks.put(block);
    }

    @Override
    public void sync() {}
  }

  /** What lies beneath one place of a list. */
  private static Node place(long number) {
    return within(number, TestDag.ALL);
  }

  private static Node within(long number, Node next) {
    return Node.map().put("i", Node.map().put("i", number).put(">", next).build()).build();
  }

  private long bytes(Cid... cids) {
    return List.of(cids).stream().mapToLong(cid -> dag.store().size(cid).orElseThrow()).sum();
  }

  private static Listing listing(Selection selection) {
    assertTrue(selection.complete());
    return selection.size().orElseThrow();
  }

  @Test
  void givenSelectors_thenTheBlocksTheyPassAreCountedAndNoRawOneIsRead() throws IOException {
    Cid second = dag.groups().get(1);

    assertEquals(
        new Listing(bytes(dag.root(), second) + 25_000, 27),
        listing(sizes.of(dag.root(), place(1))));
    assertEquals(
        new Listing(bytes(dag.root()), 1),
        listing(sizes.of(dag.root(), Selectors.matchPoint().node())));
    assertEquals(new Listing(bytes(second) + 25_000, 26), listing(sizes.of(second, TestDag.ALL)));
    assertEquals(new Listing(dag.bytes(), 105), listing(sizes.of(dag.root(), TestDag.ALL)));
  }

  @Test
  void givenARepeatedBlock_thenItCountsOnce() throws IOException {
    byte[] leaf = new byte[500];
    TestDag twice = TestDag.over(List.of(leaf, leaf, new byte[0]));

    assertEquals(
        new Listing(twice.bytes(), 2),
        listing(
            new SelectionSizes(twice.store(), QuoteBounds.DEFAULT, time::get)
                .of(twice.root(), TestDag.ALL)));
  }

  @Test
  void givenAMissingBlock_thenIncompleteUntilItIsBroughtIn() throws IOException {
    Block leaf = dag.store().get(dag.leaves().getFirst()).orElseThrow();
    dag.store().remove(leaf.cid());

    assertFalse(sizes.of(dag.root(), TestDag.ALL).complete());
    dag.store().put(leaf);
    assertEquals(dag.bytes(), listing(sizes.of(dag.root(), TestDag.ALL)).size());
  }

  @Test
  void givenTheSameQuestion_thenTheAnswerIsKeptForAMinute() throws IOException {
    sizes.of(dag.root(), TestDag.ALL);
    int once = store.read;

    time.addAndGet(60 * SECOND - 1);
    sizes.of(dag.root(), TestDag.ALL);
    assertEquals(once, store.read);
    sizes.of(dag.root(), place(1));
    assertEquals(once + 2, store.read);
    time.addAndGet(1);
    sizes.of(dag.root(), TestDag.ALL);
    assertEquals(2 * once + 2, store.read);
  }

  @Test
  void givenMoreToReadThanAQuoteMayCost_thenTheSizeIsUnknown() throws IOException {
    long most = bytes(dag.root(), dag.groups().getFirst());

    Selection selection =
        sizes(new QuoteBounds(most, Duration.ofSeconds(1))).of(dag.root(), TestDag.ALL);

    assertEquals(new Selection(true, Optional.empty(), Optional.empty()), selection);
    assertEquals(3, store.read);
    assertEquals(
        dag.bytes(),
        listing(sizes(new QuoteBounds(most * 4, Duration.ofSeconds(1))).of(dag.root(), TestDag.ALL))
            .size());
  }

  @Test
  void givenASlowDisk_thenAWalkEndsInTimeAndAllTogetherHaveAQuarterOfIt() throws IOException {
    store.nanosEach = SECOND / 10;

    for (int number = 0; number < 4; number++) {
      assertEquals(Optional.empty(), sizes.of(dag.groups().get(number), TestDag.ALL).size());
    }
    long spent = time.get();
    assertTrue(spent >= 4 * SECOND && spent < 5 * SECOND, () -> "took " + spent);
    for (int more = 0; more < 20; more++) {
      assertEquals(Optional.empty(), sizes.of(dag.root(), place(more % 4)).size());
    }
    assertTrue(time.get() < spent + 2 * SECOND, () -> "took " + (time.get() - spent) + " more");
    store.nanosEach = 0;
    time.addAndGet(8 * SECOND);
    assertEquals(bytes(dag.root()), listing(sizes.of(dag.root(), place(99))).size());
  }

  @Test
  void givenASelectorThatIsNone_thenItIsRefused() {
    assertEquals(
        ProtocolException.SELECTOR_INVALID,
        assertThrows(ProtocolException.class, () -> sizes.of(dag.root(), Node.of(1))).code());
  }

  @Test
  void givenAPathThatEndsTooEarly_thenItIsSaidWhere() throws IOException {
    Cid second = dag.groups().get(1);
    String root = dag.root().toString();

    for (Node there : List.of(place(1), within(1, place(24)), TestDag.ALL)) {
      assertEquals(Optional.empty(), sizes.of(dag.root(), there).absent());
      assertEquals(Optional.empty(), sizes.absent(dag.root(), there));
    }
    for (Node nowhere : List.of(within(1, place(25)), within(1, within(25, place(0))))) {
      Selection found = sizes.of(dag.root(), nowhere);
      assertEquals(Optional.of("there is no '25' in " + root + "/1"), found.absent());
      assertEquals(new Listing(bytes(dag.root(), second), 2), listing(found));
      assertEquals(found.absent(), sizes.absent(dag.root(), nowhere));
    }
    assertEquals(
        Optional.of("there is no '4' in " + root), sizes.absent(dag.root(), within(4, place(0))));
    // What steps into a leaf leads nowhere; where a block is missing, nobody knows.
    assertEquals(
        Optional.of("there is no '0' in " + root + "/1/3"),
        sizes.absent(dag.root(), within(1, within(3, place(0)))));
    dag.store().remove(second);
    assertEquals(Optional.empty(), sizes.absent(dag.root(), within(1, place(26))));
    assertFalse(sizes.of(dag.root(), within(1, place(26))).complete());
  }

  @Test
  void givenAPath_whenOnlyItsEndMatters_thenNothingBeyondIsReadAndTheAnswerIsAnothers()
      throws IOException {
    sizes.absent(dag.root(), place(1));

    assertEquals(2, store.read); // and beneath the second group nothing was looked up
    assertEquals(2, store.asked);
    Cid second = dag.groups().get(1);
    assertEquals(
        bytes(dag.root(), second) + 25_000, listing(sizes.of(dag.root(), place(1))).size());
    int read = store.read;
    assertEquals(Optional.empty(), sizes.absent(dag.root(), TestDag.ALL));
    assertEquals(read, store.read);
  }
}
