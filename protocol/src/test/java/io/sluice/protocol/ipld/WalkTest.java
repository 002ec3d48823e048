package io.sluice.protocol.ipld;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.TestJson;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Codec;
import io.sluice.protocol.multiformats.Multihash;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class WalkTest {
  private final MemoryBlockStore store = new MemoryBlockStore();
  private final List<String> log = new ArrayList<>();

  private Cid put(Node node) {
    return put(Codec.DAG_CBOR, DagCbor.encode(node));
  }

  private Cid put(long codec, byte[] data) {
    Block block = Block.of(codec, ByteBuffer.wrap(data));
    store.put(block);
    return block.cid();
  }

  private WalkResult walk(Cid root, String selector) throws Exception {
    return walk(root, Selector.parse(DagJson.decode(selector)), WalkBudget.DEFAULT);
  }

  private WalkResult walk(Cid root, Selector selector, WalkBudget budget) throws Exception {
    return Walk.run(
        root,
        selector,
        visit -> {
          log.add(visit.path().toString());
          assertEquals(log.size(), visit.number());
          return LinkLoader.of(store).load(visit);
        },
        budget);
  }

  /** The metadata that a responder must send is the sequence of the walk's visits. */
  @Test
  void scenariosOfResponders() throws Exception {
    Map<String, Object> file =
        TestJson.read(WalkTest.class, "/io/sluice/protocol/graphsync/responder-scenarios.json");
    Map<String, Block> blocks = new HashMap<>();
    Map<Cid, String> names = new HashMap<>();
    TestJson.map(file.get("blocks"))
        .forEach(
            (name, block) -> {
              Cid cid = Cid.parse((String) TestJson.map(block).get("cid"));
              ByteBuffer data = ByteBuffer.wrap(TestJson.hex(TestJson.map(block).get("dataHex")));
              blocks.put(name, Block.verified(cid, data));
              names.put(cid, name);
            });
    Selector selector = Selector.parse(DagCbor.decode(TestJson.hex(file.get("selector"))));
    for (Object entry : TestJson.list(file.get("scenarios"))) {
      Map<String, Object> scenario = TestJson.map(entry);
      Set<Object> missing = new HashSet<>(TestJson.list(scenario.get("missingAtResponder")));
      List<Object> metadata = new ArrayList<>();
      WalkResult result =
          Walk.run(
              blocks.get(file.get("root")).cid(),
              selector,
              visit -> {
                String name = names.get(visit.cid());
                metadata.add(List.of(name, missing.contains(name) ? "m" : "p"));
                return missing.contains(name)
                    ? new LoadResult.Skip()
                    : new LoadResult.Loaded(blocks.get(name).data());
              },
              WalkBudget.DEFAULT);

      assertEquals(scenario.get("metadata"), metadata, () -> "" + scenario.get("name"));
      assertEquals(metadata.size(), result.visits());
      assertEquals(missing.contains(file.get("root")), !result.rootFound());
    }
  }

  @Test
  void unionsVisitTwice() throws Exception {
    Cid leaf = put(Codec.RAW, new byte[] {1});
    Cid root = put(Node.map().put("a", leaf).put("b", leaf).build());
    String fieldA = "{\"f\":{\"f>\":{\"a\":{\".\":{}}}}}";
    String fieldsAb = "{\"f\":{\"f>\":{\"a\":{\".\":{}},\"b\":{\".\":{}}}}}";

    walk(root, "{\"|\":[" + fieldA + "," + fieldsAb + "]}");
    assertEquals(List.of("", "a", "a", "b"), log);

    log.clear();
    walk(root, "{\"|\":[" + fieldA + ",{\"a\":{\">\":{\".\":{}}}}]}");
    assertEquals(List.of("", "a", "b"), log);
  }

  @Test
  void fieldsGoByTheOrderOfTheSelector() throws Exception {
    Cid leaf = put(Codec.RAW, new byte[] {1});
    Cid root =
        put(
            Node.map()
                .put("a", leaf)
                .put("b", leaf)
                .put("list", Node.list(Node.of(leaf), Node.of(leaf)))
                .build());

    walk(root, "{\"f\":{\"f>\":{\"b\":{\".\":{}},\"none\":{\".\":{}},\"a\":{\".\":{}}}}}");
    assertEquals(List.of("", "b", "a"), log);

    log.clear();
    walk(root, "{\"f\":{\"f>\":{\"list\":{\"f\":{\"f>\":{\"1\":{\".\":{}},\"x\":{\".\":{}}}}}}}}");
    assertEquals(List.of("", "list/1"), log);

    log.clear();
    walk(
        root,
        "{\"f\":{\"f>\":{\"list\":{\"r\":{\"^\":1,\"$\":9223372036854775807,\">\":{\".\":{}}}}}}}");
    assertEquals(List.of("", "list/1"), log);

    log.clear();
    walk(root, "{\"i\":{\"i\":0,\">\":{\".\":{}}}}");
    assertEquals(List.of(""), log);
  }

  @Test
  void depthCountsSteps() throws Exception {
    Cid leaf = put(Codec.RAW, new byte[] {1});
    byte[] inner = DagPb.encode(new PbNode(Optional.empty(), List.of(PbLink.of("", 1, leaf))));
    byte[] outer =
        DagPb.encode(
            new PbNode(Optional.empty(), List.of(PbLink.of("", 1, put(Codec.DAG_PB, inner)))));
    Cid root = put(Codec.DAG_PB, outer);

    for (int depth = 1; depth <= 8; depth++) {
      log.clear();
      walk(root, Selectors.exploreAll(depth), WalkBudget.DEFAULT);
      assertEquals(1 + (depth - 1) / 3, log.size(), "depth " + depth);
    }
    assertEquals(List.of("", "Links/0/Hash", "Links/0/Hash/Links/0/Hash"), log);
  }

  @Test
  void stopsAtALink() throws Exception {
    Cid leaf = put(Codec.RAW, new byte[] {1});
    Cid other = put(Codec.RAW, new byte[] {2});
    Cid root = put(Node.list(Node.of(leaf), Node.of(other), Node.of(leaf)));

    walk(
        root,
        "{\"R\":{\"l\":{\"none\":{}},\":>\":{\"a\":{\">\":{\"@\":{}}}},\"!\":{\"/\":{\"/\":\""
            + leaf
            + "\"}}}}");

    assertEquals(List.of("", "1"), log);
  }

  @Test
  void missingBranchesAreLeftOut() throws Exception {
    Cid leaf = put(Codec.RAW, new byte[] {1});
    Cid branch = put(Node.list(Node.of(leaf)));
    Cid root = put(Node.list(Node.of(branch), Node.of(leaf)));
    store.remove(branch);

    WalkResult result = walk(root, Selectors.exploreAll(), WalkBudget.DEFAULT);

    assertEquals(List.of("", "0", "1"), log);
    assertEquals(1, result.missing());
    assertFalse(result.isComplete());
    assertTrue(result.rootFound());
    store.remove(root);
    assertFalse(walkAgain(root).rootFound());
  }

  private WalkResult walkAgain(Cid root) throws Exception {
    log.clear();
    return walk(root, Selectors.exploreAll(), WalkBudget.DEFAULT);
  }

  @Test
  void budgets() throws Exception {
    Cid leaf = put(Codec.RAW, new byte[100]);
    Cid middle = put(Node.list(Node.of(leaf), Node.of(leaf)));
    Cid root = put(Node.list(Node.of(middle), Node.of(middle), Node.of(1), Node.of(2)));
    Selector all = Selectors.exploreAll();
    WalkResult whole = walk(root, all, new WalkBudget(7, 1000, 2, 2, 13));
    assertEquals(7, whole.visits());

    assertCode("BLOCK_BUDGET", root, all, new WalkBudget(6, 1000, 2, 2, 13));
    assertCode("BYTE_BUDGET", root, all, new WalkBudget(7, whole.bytes() - 1, 2, 2, 13));
    assertCode("DEPTH_BUDGET", root, all, new WalkBudget(7, 1000, 1, 2, 13));
    assertCode("LINK_BUDGET", root, all, new WalkBudget(7, 1000, 2, 1, 13));
    assertCode("NODE_BUDGET", root, all, new WalkBudget(7, 1000, 2, 2, 8));
  }

  private void assertCode(String code, Cid root, Selector selector, WalkBudget budget) {
    log.clear();
    assertEquals(
        code, assertThrows(ProtocolException.class, () -> walk(root, selector, budget)).code());
  }

  @Test
  void malformedBlocksEndTheWalk() {
    Cid broken = put(Codec.DAG_CBOR, new byte[] {(byte) 0xff});
    assertCode(
        "DECODE_MALFORMED",
        put(Node.list(Node.of(broken))),
        Selectors.exploreAll(),
        WalkBudget.DEFAULT);
    Cid foreign = Cid.v1(0x7b, Multihash.sha2_256(ByteBuffer.allocate(0)));
    assertCode(
        "CODEC_UNKNOWN",
        put(Node.list(Node.of(foreign))),
        Selectors.exploreAll(),
        WalkBudget.DEFAULT);
    assertEquals(1, log.size());
    Selector unknown =
        Selector.parse(DagJson.decode("{\"~\":{\"as\":\"other\",\">\":{\".\":{}}}}"));
    assertCode("SELECTOR_INVALID", put(Node.list()), unknown, WalkBudget.DEFAULT);
  }

  @Test
  void whatTheLoaderThrowsEndsTheWalk() {
    Cid root = put(Node.list());
    IOException failure = new IOException("disk");
    assertEquals(
        failure,
        assertThrows(
            IOException.class,
            () ->
                Walk.run(
                    root,
                    Selectors.exploreAll(),
                    visit -> {
                      throw failure;
                    },
                    WalkBudget.DEFAULT)));
  }

  /** A chain as deep as allowed, on an ordinary stack; and one that is deeper. */
  @Test
  void deepDags() throws Exception {
    Cid link = put(Node.list());
    for (int i = 0; i < 4096; i++) {
      link = put(Node.list(Node.list(Node.list(Node.of(link)))));
    }
    assertEquals(4097, walk(link, Selectors.exploreAll(), WalkBudget.DEFAULT).visits());
    assertCode(
        "DEPTH_BUDGET", put(Node.list(Node.of(link))), Selectors.exploreAll(), WalkBudget.DEFAULT);
  }

  /**
   * Unions of edges double with every step, in the clauses or in the visits; neither may run away.
   */
  @Test
  void selectorsThatGrow() {
    Node deep = Node.of(1);
    for (int i = 0; i < 100; i++) {
      deep = Node.map().put("a", deep).build();
    }
    Cid root = put(deep);
    String all = "{\"a\":{\">\":{\"@\":{}}}}";
    Selector clauses =
        Selector.parse(
            DagJson.decode(
                "{\"R\":{\"l\":{\"none\":{}},\":>\":{\"|\":[" + all + "," + all + "]}}}"));
    assertCode("SELECTOR_TOO_COMPLEX", root, clauses, WalkBudget.DEFAULT);
    String field = "{\"f\":{\"f>\":{\"a\":{\"@\":{}}}}}";
    Selector visits =
        Selector.parse(
            DagJson.decode(
                "{\"R\":{\"l\":{\"none\":{}},\":>\":{\"|\":[" + field + "," + field + "]}}}"));
    log.clear();
    ProtocolException refused =
        assertThrows(
            ProtocolException.class,
            () -> walk(root, visits, new WalkBudget(10, 10_000, 10, 10, 1_000_000)));
    assertTrue(Set.of("SELECTOR_TOO_COMPLEX", "NODE_BUDGET").contains(refused.code()));
  }

  /** Whatever the DAG and the selector, a walk ends within its budget or with a typed error. */
  @Test
  void randomDagsAndSelectors() throws Exception {
    long seed = Long.getLong("sluice.seed", 17);
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      List<Cid> cids = new ArrayList<>(List.of(put(Codec.RAW, new byte[] {1})));
      for (int i = 0; i < 6; i++) {
        Node.MapBuilder map = Node.map();
        for (int entry = random.nextInt(4); entry >= 0; entry--) {
          map.put("" + (char) ('a' + entry), cids.get(random.nextInt(cids.size())));
        }
        cids.add(put(Node.list(map.build(), Node.of(cids.getLast()))));
      }
      Selector selector = Selector.parse(selector(random, 4, false));
      WalkBudget budget = new WalkBudget(500, 100_000, 20, 20, 5000);
      log.clear();
      try {
        WalkResult result = walk(cids.getLast(), selector, budget);
        List<String> first = List.copyOf(log);
        log.clear();
        assertEquals(result, walk(cids.getLast(), selector, budget));
        assertEquals(first, log);
      } catch (ProtocolException refused) {
        assertFalse(refused.code().isEmpty());
      }
    }
  }

  private static Node selector(Random random, int depth, boolean inside) {
    String edge = inside && random.nextBoolean() ? "{\"@\":{}}" : "{\".\":{}}";
    if (depth == 0) {
      return DagJson.decode(edge);
    }
    return switch (random.nextInt(6)) {
      case 0 ->
          Node.map()
              .put("a", Node.map().put(">", selector(random, depth - 1, inside)).build())
              .build();
      case 1 -> {
        Node fields =
            Node.map()
                .put("a", selector(random, depth - 1, inside))
                .put("1", selector(random, depth - 1, inside))
                .build();
        yield Node.map().put("f", Node.map().put("f>", fields).build()).build();
      }
      case 2 ->
          Node.map()
              .put(
                  "|",
                  Node.list(
                      selector(random, depth - 1, inside), selector(random, depth - 1, inside)))
              .build();
      case 3 -> {
        Node sequence =
            Node.list(
                selector(random, depth - 1, true), DagJson.decode("{\"a\":{\">\":{\"@\":{}}}}"));
        Node limit = DagJson.decode(random.nextBoolean() ? "{\"none\":{}}" : "{\"depth\":3}");
        yield Node.map()
            .put(
                "R",
                Node.map().put("l", limit).put(":>", Node.map().put("|", sequence).build()).build())
            .build();
      }
      case 4 ->
          Node.map()
              .put(
                  "~",
                  Node.map()
                      .put("as", "unixfs")
                      .put(">", selector(random, depth - 1, inside))
                      .build())
              .build();
      default ->
          Node.map()
              .put(
                  "i",
                  Node.map()
                      .put("i", random.nextInt(2))
                      .put(">", selector(random, depth - 1, inside))
                      .build())
              .build();
    };
  }
}
