package io.sluice.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.dealstore.blocks.log.BlockLog;
import io.sluice.dealstore.blocks.log.LogEntry;
import io.sluice.dealstore.blocks.log.LogEntry.RootListed;
import io.sluice.dealstore.blocks.log.RootTag;
import io.sluice.fsm.sync.NeighbourSync;
import io.sluice.node.AdoptedContent.Adoption;
import io.sluice.node.content.ContentRecord;
import io.sluice.node.content.Contents;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.DagCbor;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.libp2p.Identity;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Codec;
import io.sluice.protocol.pullsync.Lane;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The list of contents and the block log say the same, whoever listed a root. */
class AdoptedContentTest {
  private static final RootTag THEIRS = new RootTag(77, 5);

  @TempDir Path folder;
  private final Block leaf = Block.of(Codec.RAW, text("a leaf"));
  private final Block tree =
      Block.of(
          Codec.DAG_CBOR, ByteBuffer.wrap(DagCbor.encode(Node.list(List.of(Node.of(leaf.cid()))))));
  private final Cid root = tree.cid();
  private TestNode home;
  private SluiceNode node;

  private static ByteBuffer text(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  @BeforeEach
  void open() throws Exception {
    home = new TestNode(folder);
    node = home.open();
  }

  @AfterEach
  void close() {
    node.close();
  }

  private void openAgain() throws Exception {
    node.close();
    node = home.open();
  }

  private void putTree() throws IOException {
    node.blocks().put(tree);
    node.blocks().put(leaf);
  }

  private static ContentRecord own(String name) {
    return new ContentRecord(50, 2, true, true, name);
  }

  private List<LogEntry> listed() throws IOException {
    return node.log().read(1, Long.MAX_VALUE, 100).stream()
        .filter(entry -> entry.what() instanceof RootListed)
        .toList();
  }

  @Test
  void givenRootsBeforeTheLog_thenItTellsOfThoseThatAreWhole() throws Exception {
    putTree();
    node.contents().put(root, own("tree"));
    node.contents().put(leaf.cid(), new ContentRecord(6, 1, false, true, "a part"));
    assertTrue(node.knownLog().isEmpty());

    BlockLog log = node.log();

    RootTag tag = new RootTag(log.epoch(), 3);
    assertEquals(List.of(new LogEntry(3, root, new RootListed(tag, true, "tree"))), listed());
    assertTrue(node.knownLog().isPresent());
    node.contents().put(leaf.cid(), own("now whole"));
    assertEquals(2, listed().size());
    node.contents().put(leaf.cid(), own("again"));
    assertEquals(2, listed().size());
  }

  @Test
  void givenTwoOnTheirWayIn_whenOneIsListed_thenTheOtherIsUnclaimed_alsoAfterARemoval()
      throws Exception {
    Block other = Block.of(Codec.RAW, text("of another"));
    node.log();
    node.blocks().put(other);
    putTree();
    node.contents().put(root, own("tree"));
    assertEquals(new UnclaimedBlocks(1, other.size()), unclaimed());

    node.contents().remove(root, node.clock().instant());
    assertEquals(new UnclaimedBlocks(1, other.size()), unclaimed());

    node.contents().put(other.cid(), own("other"));
    assertEquals(new UnclaimedBlocks(node.log().cursor() + 1, 0), unclaimed());
  }

  private UnclaimedBlocks unclaimed() throws IOException {
    return UnclaimedBlocks.from(1, node.log(), node.beneathRoots());
  }

  /** As by a snapshot of the disk: the same files, and in them what was before. */
  @Test
  void givenBlocksSetBackUnderTheRestOfTheHome_thenAnotherEpoch() throws Exception {
    putTree();
    long epoch = node.log().epoch();
    openAgain();
    assertEquals(epoch, node.log().epoch());
    node.close();
    Path blocks = home.home.blocks();
    Map<Path, byte[]> before = new HashMap<>();
    for (Path file : files(blocks)) {
      before.put(file, Files.readAllBytes(file));
    }
    node = home.open();
    node.log();
    node.blocks().put(Block.of(Codec.RAW, text("more")));
    node.close();

    for (Path file : files(blocks)) {
      if (before.containsKey(file)) {
        Files.write(file, before.get(file));
      } else {
        Files.delete(file);
      }
    }
    node = home.open();

    assertNotEquals(epoch, node.log().epoch());
    assertEquals(2, node.log().cursor());
    long renewed = node.log().epoch();
    openAgain();
    assertEquals(renewed, node.log().epoch());
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(Files::isRegularFile).toList();
    }
  }

  @Test
  void givenRootTakenOffTheList_thenTheLogSaysSo_andListedAgainItIsAnotherListing()
      throws Exception {
    putTree();
    node.log();
    node.contents().put(root, own("tree"));
    RootTag first = node.log().listings(root).iterator().next();

    node.contents().remove(root, node.clock().instant());

    assertTrue(node.log().ended(first));
    assertEquals(List.of(), listed());
    node.contents().put(root, own("tree"));
    assertEquals(1, listed().size());
    assertFalse(node.log().listings(root).contains(first));
  }

  @Test
  void givenRootOfANeighbour_thenAdoptedOnceAllOfItIsHere() throws Exception {
    AdoptedContent adopted = new AdoptedContent(node);
    node.blocks().put(tree);
    assertEquals(Adoption.INCOMPLETE, adopted.adopt(root, THEIRS, true, "theirs"));
    assertTrue(node.contents().find(root).isEmpty());
    node.blocks().put(leaf);

    assertEquals(Adoption.LISTED, adopted.adopt(root, THEIRS, true, "theirs"));

    ContentRecord record = node.contents().find(root).orElseThrow();
    assertEquals("theirs", record.name());
    assertTrue(record.imported() && record.complete());
    assertEquals(2, record.blocks());
    assertEquals(Set.of(THEIRS), node.log().listings(root));
    openAgain();
    assertEquals(Set.of(THEIRS), node.log().listings(root));
    assertEquals(1, listed().size());
  }

  @Test
  void givenTombstone_thenDropped_andNeverAdoptedAgain() throws Exception {
    AdoptedContent adopted = new AdoptedContent(node);
    putTree();
    adopted.adopt(root, THEIRS, false, "");
    RootTag other = new RootTag(78, 1);

    adopted.drop(root, Set.of(THEIRS, other));

    assertTrue(node.contents().find(root).isEmpty());
    assertEquals(Adoption.ENDED, adopted.adopt(root, THEIRS, false, ""));
    assertEquals(Adoption.ENDED, adopted.adopt(root, other, false, ""));
    assertTrue(node.contents().find(root).isEmpty());
    assertEquals(Adoption.LISTED, adopted.adopt(root, new RootTag(79, 1), false, ""));
    openAgain();
    assertTrue(node.log().ended(other));
    assertTrue(node.contents().find(root).isPresent());
  }

  @Test
  void givenListingOfItsOwn_thenATombstoneOfAnotherOneDoesNotTakeItOff() throws Exception {
    AdoptedContent adopted = new AdoptedContent(node);
    putTree();
    node.log();
    node.contents().put(root, own("mine"));
    adopted.adopt(root, THEIRS, false, "theirs");
    assertEquals(2, node.log().listings(root).size());
    assertEquals("mine", node.contents().find(root).orElseThrow().name());

    adopted.drop(root, Set.of(THEIRS));

    assertTrue(node.contents().find(root).isPresent());
    assertEquals(1, node.log().listings(root).size());
    adopted.drop(root, node.log().listings(root)); // who removed it at a neighbour meant it so
    assertTrue(node.contents().find(root).isEmpty());
  }

  // ---- a process that dies between list and log

  private Contents withoutLog() throws IOException {
    return new Contents(node.store(), Optional::empty);
  }

  @Test
  void givenDeathBeforeTheLogKnows_thenItFollowsAtTheNextStart() throws Exception {
    putTree();
    node.log();
    withoutLog().put(root, own("tree"));
    assertEquals(List.of(), listed());
    openAgain();
    assertEquals(1, listed().size());

    withoutLog().remove(root, node.clock().instant());
    assertEquals(1, listed().size());
    openAgain();
    assertEquals(List.of(), listed());
  }

  @Test
  void givenDeathWithinAnAdoption_thenItIsThatListingAtTheNextStart() throws Exception {
    putTree();
    node.log();
    ContentRecord record = new ContentRecord(50, 2, true, false, "", Optional.of(THEIRS));
    withoutLog().put(root, record);
    openAgain();

    assertEquals(Set.of(THEIRS), node.log().listings(root));
    withoutLog().remove(root, node.clock().instant());
    openAgain();
    assertTrue(node.log().ended(THEIRS), "dropped by a death in the middle, too");
    withoutLog().put(root, record);
    openAgain();
    node.log();
    assertTrue(node.contents().find(root).isEmpty(), "that listing has ended");
  }

  // ---- room given back

  @Test
  void givenUnclaimedBlocks_thenTheyStay() throws Exception {
    node.blocks().put(Block.of(Codec.RAW, text("an old one")));
    assertEquals(1, node.log().cursor());
    node.syncs()
        .add(
            new NeighbourSync.Order(
                "room",
                Identity.generate(new SecureRandom()).peerId(),
                List.of(),
                Lane.EVERYTHING,
                false,
                false,
                Optional.empty(),
                node.clock().instant()));
    putTree();
    node.blocks().sync();
    ContentOperations operations = new ContentOperations(node);

    assertEquals(1, operations.collect(Set::of).freedBlocks());
    assertTrue(node.blocks().has(root) && node.blocks().has(leaf.cid()));
    node.syncs().remove("room");
    assertEquals(2, operations.collect(Set::of).freedBlocks());
  }
}
