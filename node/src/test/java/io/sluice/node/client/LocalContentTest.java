package io.sluice.node.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.graphsync.Exclusions;
import io.sluice.protocol.graphsync.TestDag;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.DagCbor;
import io.sluice.protocol.ipld.DagPb;
import io.sluice.protocol.ipld.Links;
import io.sluice.protocol.ipld.MemoryBlockStore;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.ipld.PbLink;
import io.sluice.protocol.ipld.PbNode;
import io.sluice.protocol.ipld.Selectors;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Codec;
import io.sluice.protocol.unixfs.ImportOptions;
import io.sluice.protocol.unixfs.UnixFsImporter;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/** What is here of a DAG of a root, two lists and six leaves of 100 bytes. */
class LocalContentTest {
  private static final TestDag DAG = TestDag.of(5, 2, 3, 100);
  private final MemoryBlockStore store = new MemoryBlockStore();

  private LocalContent look(Exclusions first) throws IOException, InterruptedException {
    return LocalContent.of(store, DAG.root(), TestDag.ALL, first);
  }

  private long have(Cid cid) throws IOException {
    Block block = DAG.store().get(cid).orElseThrow();
    store.put(block);
    return block.data().remaining();
  }

  @Test
  void givenNothing_thenNothingIsLeftOut() throws Exception {
    assertEquals(
        new LocalContent(false, new Exclusions(0, List.of()), 0, 0, 0, 0, 0),
        look(Exclusions.NONE));
  }

  @Test
  void givenTheBeginning_thenItIsSkipped() throws Exception {
    long bytes = have(DAG.root()) + have(DAG.groups().get(0)) + have(DAG.leaves().get(0));

    assertEquals(
        new LocalContent(false, new Exclusions(3, List.of()), 3, bytes, bytes, 3, bytes),
        look(Exclusions.NONE));
  }

  @Test
  void givenBlocksBehindAGap_thenTheyAreNamed() throws Exception {
    long before = have(DAG.root()) + have(DAG.groups().get(0));
    long behind = have(DAG.leaves().get(1)) + have(DAG.groups().get(1));

    LocalContent local = look(Exclusions.NONE);

    assertEquals(
        new Exclusions(2, List.of(DAG.leaves().get(1), DAG.groups().get(1))), local.exclusions());
    assertEquals(2, local.position());
    assertEquals(before, local.charged());
    assertEquals(before + behind, local.bytes());
    assertEquals(before + behind, local.spared());
    assertEquals(4, local.blocks());
    assertFalse(local.complete());
  }

  @Test
  void givenEverything_thenItIsComplete() throws Exception {
    LocalContent local = LocalContent.of(DAG.store(), DAG.root(), TestDag.ALL, Exclusions.NONE);

    assertTrue(local.complete());
    assertEquals(9, local.position());
    assertEquals(9, local.blocks());
    assertEquals(DAG.bytes(), local.bytes());
  }

  /** A deal made from a look need not look again: it would find the same. */
  @Test
  void whatIsLeftOut_isWhatAWalkByThoseExclusionsFinds() throws Exception {
    have(DAG.root());
    have(DAG.groups().get(0));
    have(DAG.leaves().get(0));
    have(DAG.leaves().get(2));
    LocalContent before = look(Exclusions.NONE);

    LocalContent again = look(before.exclusions());

    assertEquals(0, again.charged());
    assertEquals(again.charged(), before.leftOut().charged());
    assertEquals(again.position(), before.leftOut().position());
    assertEquals(again.bytes(), before.leftOut().bytes());
  }

  @Test
  void givenADealsExclusions_thenOnlyWhatCameSinceIsCharged() throws Exception {
    have(DAG.root());
    Exclusions first = look(Exclusions.NONE).exclusions();
    long since = have(DAG.groups().get(0)) + have(DAG.leaves().get(0));

    LocalContent local = look(first);

    assertEquals(3, local.position());
    assertEquals(since, local.charged());
  }

  /** A file that is asked for as bytes is read up to the gap, and no further. */
  @Test
  void givenPartsOfAFileBehindAGap_whenItsBytesAreWanted_thenTheyAreNamed() throws Exception {
    MemoryBlockStore there = new MemoryBlockStore();
    Cid file;
    try (ExecutorService hashing = Executors.newSingleThreadExecutor()) {
      byte[] content = new byte[400];
      new Random(8).nextBytes(content);
      file =
          new UnixFsImporter(there, ImportOptions.DEFAULT.withChunkBytes(100), hashing)
              .file(new ByteArrayInputStream(content))
              .cid();
    }
    List<Cid> parts = Links.of(there.get(file).orElseThrow());
    for (Cid here : List.of(file, parts.get(0), parts.get(3))) {
      store.put(there.get(here).orElseThrow());
    }

    LocalContent local =
        LocalContent.of(
            store,
            file,
            Selectors.unixfsPath(List.of(), Selectors.Scope.ENTITY).node(),
            Exclusions.NONE);

    assertEquals(new Exclusions(2, List.of(parts.get(3))), local.exclusions());
    assertEquals(3, local.blocks());
    assertFalse(local.complete());
  }

  /** The walk cannot go on without a shard; that is no failure of what is here. */
  @Test
  void givenShardThatIsMissing_whenAFoldersListIsWanted_thenItIsAGap() throws Exception {
    Cid root = Cid.parse("bafybeihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku");
    ByteBuffer data =
        ByteBuffer.wrap(HexFormat.of().parseHex("080512010128223080" + "02")); // one of 256 taken
    Block shard =
        Block.of(
            Codec.DAG_PB,
            ByteBuffer.wrap(
                DagPb.encode(new PbNode(Optional.of(data), List.of(PbLink.of("00", 1, root))))));
    store.put(shard);

    LocalContent local =
        LocalContent.of(
            store,
            shard.cid(),
            Selectors.unixfsPath(List.of(), Selectors.Scope.ENTITY).node(),
            Exclusions.NONE);

    assertEquals(new Exclusions(1, List.of()), local.exclusions());
    assertFalse(local.complete());
  }

  /** What cannot be left out has to be paid for, although it is here. */
  @Test
  void givenMoreBlocksBehindAGapThanCanBeNamed_thenOnlyThoseThatAreNamedAreSpared()
      throws Exception {
    List<Node> links = new ArrayList<>();
    links.add(Node.of(DAG.root()));
    for (int i = 0; i < 20_010; i++) {
      Block leaf = Block.of(Codec.RAW, ByteBuffer.allocate(Integer.BYTES).putInt(0, i));
      store.put(leaf);
      links.add(Node.of(leaf.cid()));
    }
    Block root = Block.of(Codec.DAG_CBOR, ByteBuffer.wrap(DagCbor.encode(Node.list(links))));
    store.put(root);

    LocalContent local = LocalContent.of(store, root.cid(), TestDag.ALL, Exclusions.NONE);

    assertEquals(20_000, local.exclusions().doNotSend().size());
    assertEquals(root.size() + 20_010 * Integer.BYTES, local.bytes());
    assertEquals(root.size() + 20_000 * Integer.BYTES, local.spared());
  }
}
