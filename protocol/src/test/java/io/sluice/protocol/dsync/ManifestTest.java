package io.sluice.protocol.dsync;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.TestJson;
import io.sluice.protocol.dsync.Manifest.Link;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.BlockMissingException;
import io.sluice.protocol.ipld.MemoryBlockStore;
import io.sluice.protocol.multiformats.Cid;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is made of a DAG in a store, and of manifests. */
class ManifestTest {
  private static final ManifestLimits LIMITS = ManifestLimits.DEFAULT;

  /** Blocks of equal weight are in the order of their text reliably with few blocks only. */
  private static final int RELIABLE = 12;

  @Test
  void givenDagsOfTheVectors_thenTheSameInfoIsMade() throws IOException {
    for (Map<String, Object> line : DsyncDags.lines("blocks")) {
      String name = (String) line.get("dag");
      Info info = made(DsyncDags.load(name), Cid.parse((String) line.get("root")));
      Info theirs =
          InfoJson.decode(((String) line.get("infoJson")).getBytes(StandardCharsets.UTF_8), LIMITS);

      if (info.manifest().nodes().size() <= RELIABLE) {
        assertEquals(line.get("infoJson"), text(InfoJson.encode(info)), name);
        assertArrayEquals(TestJson.hex(line.get("infoCborHex")), InfoCbor.encode(info), name);
      }
      assertEquals(named(theirs), named(info), name);
      assertOrdered(info.manifest());
    }
  }

  @Test
  void givenVectors_thenReadAndWrittenAlike() throws IOException {
    for (Map<String, Object> line : DsyncDags.lines("blocks")) {
      byte[] cbor = TestJson.hex(line.get("infoCborHex"));
      byte[] json = ((String) line.get("infoJson")).getBytes(StandardCharsets.UTF_8);
      Info info = InfoCbor.decode(cbor, LIMITS);
      assertEquals(info, InfoJson.decode(json, LIMITS));
      assertArrayEquals(cbor, InfoCbor.encode(info));
      assertArrayEquals(json, InfoJson.encode(info));
      Manifest manifest =
          InfoCbor.decodeManifest(TestJson.hex(line.get("manifestCborHex")), LIMITS);
      assertEquals(info.manifest(), manifest);
      assertEquals(line.get("manifestJson"), text(InfoJson.encode(manifest)));

      Manifest missing = InfoCbor.decodeManifest(TestJson.hex(line.get("missingCborHex")), LIMITS);
      Cid present = manifest.nodes().get(manifest.nodes().size() == 1 ? 0 : 1);
      if (manifest.nodes().size() > 1) {
        assertEquals(missing, manifest.diff(present::equals));
      }
      Completion completion = Completion.of(manifest, missing);
      assertEquals(line.get("completionJson"), text(InfoJson.encode(completion)));
      assertArrayEquals(TestJson.hex(line.get("completionCborHex")), InfoCbor.encode(completion));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {12, 13, 1000, 1001})
  void givenManyLeaves_thenOrderIsTheirs_whateverTheStoreHadFirst(int nodes) throws IOException {
    List<Block> leaves = new ArrayList<>();
    for (int i = 1; i < nodes; i++) {
      leaves.add(DsyncDags.raw("leaf " + i));
    }
    Block root = DsyncDags.list(leaves.stream().map(Block::cid).toList());
    MemoryBlockStore store = stored(leaves, root);
    Collections.reverse(leaves);
    MemoryBlockStore reversed = stored(leaves, root);

    Info info = made(store, root.cid());

    assertEquals(info, made(reversed, root.cid()));
    assertOrdered(info.manifest());
    List<Cid> tail = info.manifest().nodes().subList(1, nodes);
    List<String> texts = tail.stream().map(Cid::toString).toList();
    assertEquals(texts.stream().sorted().toList(), texts);
  }

  @Test
  void givenSharedChild_thenSubInfoOfEachParentHasAllBeneathIt() throws IOException {
    Block leaf = DsyncDags.raw("leaf");
    Block shared = DsyncDags.list(List.of(leaf.cid()));
    Block first = DsyncDags.list(List.of(shared.cid(), leaf.cid()));
    Block second = DsyncDags.list(List.of(shared.cid()));
    Block root = DsyncDags.list(List.of(first.cid(), second.cid()));
    MemoryBlockStore store = stored(List.of(leaf, shared, first, second), root);
    Info info = made(store, root.cid()).withLabel("leaf", 4).withLabel("first", 1);
    assertEquals(leaf.cid(), info.manifest().nodes().get(4));

    for (Block parent : List.of(first, second)) {
      Info sub = info.subInfo(parent.cid());
      Info alone = made(store, parent.cid());
      assertEquals(parent.cid(), sub.manifest().root().orElseThrow());
      assertEquals(named(alone), named(sub));
      int labelled = sub.labels().get("leaf");
      assertEquals(leaf.cid(), sub.manifest().nodes().get(labelled));
    }
    assertEquals(first.cid(), info.subInfo("first").manifest().root().orElseThrow());
    assertFalse(info.subInfo(second.cid()).labels().containsKey("first"));
  }

  @Test
  void givenLongChain_thenNoStackIsNeeded() throws IOException {
    MemoryBlockStore store = new MemoryBlockStore();
    Block last = DsyncDags.raw("end");
    store.put(last);
    for (int i = 1; i < 20_000; i++) {
      last = DsyncDags.list(List.of(last.cid()));
      store.put(last);
    }

    Info info = made(store, last.cid());

    assertEquals(20_000, info.manifest().nodes().size());
    assertEquals(20_000, info.subInfo(0).manifest().nodes().size());
    assertOrdered(info.manifest());
  }

  @Test
  void givenBlockMissingOrTooMany_thenNoInfo() throws IOException {
    Block leaf = DsyncDags.raw("leaf");
    Block root = DsyncDags.list(List.of(leaf.cid(), leaf.cid()));
    MemoryBlockStore store = new MemoryBlockStore();
    store.put(root);
    assertThrows(BlockMissingException.class, () -> made(store, root.cid()));

    store.put(leaf);
    assertEquals(2, made(store, root.cid()).manifest().links().size());
    assertTooLarge(store, root.cid(), new ManifestLimits(1, 2));
    assertTooLarge(store, root.cid(), new ManifestLimits(2, 1));
  }

  @Test
  void givenBlocksThatCome_thenCompletionGrowsToTheWhole() {
    List<Cid> nodes = List.of(DsyncDags.raw("a").cid(), DsyncDags.raw("b").cid());
    Manifest manifest = new Manifest(nodes, List.of());
    Completion none = Completion.of(manifest, manifest);
    Completion half = none.with(nodes.get(1)).with(nodes.get(1)).with(DsyncDags.raw("c").cid());
    Completion all = half.with(nodes.get(0));

    assertEquals(0, none.count());
    assertEquals(50, half.percent());
    assertFalse(half.isComplete());
    assertEquals(List.of(0, 100), half.values());
    assertTrue(all.isComplete());
    assertTrue(Completion.of(Manifest.EMPTY, Manifest.EMPTY).isComplete());
    assertEquals(100, Completion.of(Manifest.EMPTY, Manifest.EMPTY).percent());
  }

  private static void assertTooLarge(MemoryBlockStore store, Cid root, ManifestLimits limits) {
    ProtocolException refused =
        assertThrows(ProtocolException.class, () -> new ManifestGenerator(store, limits).of(root));
    assertEquals(BadManifest.TOO_LARGE, refused.code());
  }

  private static Info made(MemoryBlockStore store, Cid root) throws IOException {
    return new ManifestGenerator(store, LIMITS).of(root);
  }

  private static MemoryBlockStore stored(List<Block> blocks, Block root) {
    MemoryBlockStore store = new MemoryBlockStore();
    store.put(root);
    blocks.forEach(store::put);
    return store;
  }

  private static void assertOrdered(Manifest manifest) {
    List<Link> sorted = manifest.links().stream().sorted().toList();
    assertEquals(sorted, manifest.links());
    Set<Integer> parents = new HashSet<>();
    manifest.links().forEach(link -> parents.add(link.from()));
    for (int i = 0; i < parents.size(); i++) {
      assertTrue(parents.contains(i), "a leaf before a parent, at " + i);
    }
  }

  /** An info without its order: sizes by block, and links by what they connect. */
  private static Object named(Info info) {
    List<Cid> nodes = info.manifest().nodes();
    List<String> facts = new ArrayList<>();
    for (int i = 0; i < nodes.size(); i++) {
      facts.add(nodes.get(i) + " " + info.sizes().get(i));
    }
    for (Link link : info.manifest().links()) {
      facts.add(nodes.get(link.from()) + " " + nodes.get(link.to()));
    }
    Collections.sort(facts);
    return facts;
  }

  private static String text(byte[] utf8) {
    return new String(utf8, StandardCharsets.UTF_8);
  }
}
