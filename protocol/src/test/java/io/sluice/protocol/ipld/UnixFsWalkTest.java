package io.sluice.protocol.ipld;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.TestJson;
import io.sluice.protocol.ipld.Selectors.Scope;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Codec;
import io.sluice.protocol.multiformats.Murmur3;
import io.sluice.protocol.multiformats.Varint;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Walks over files and directories: which blocks, in which order, how often. */
class UnixFsWalkTest {
  private static final String MATCH = "{\"~\":{\"as\":\"unixfs\",\">\":{\".\":{}}}}";
  private static final String PRELOAD = MATCH.replace("unixfs", "unixfs-preload");

  private final MemoryBlockStore store = new MemoryBlockStore();
  private final Map<Cid, String> names = new LinkedHashMap<>();
  private final List<String> log = new ArrayList<>();
  private final StringBuilder content = new StringBuilder();

  private Cid put(String name, long codec, byte[] data) {
    Block block = Block.of(codec, ByteBuffer.wrap(data));
    store.put(block);
    names.put(block.cid(), name);
    return block.cid();
  }

  private Cid leaf(String text) {
    return put(text, Codec.RAW, text.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
  }

  private Cid pb(String name, String unixfsHex, PbLink... links) {
    ByteBuffer data = ByteBuffer.wrap(HexFormat.of().parseHex(unixfsHex.replace(" ", "")));
    return put(name, Codec.DAG_PB, DagPb.encode(new PbNode(Optional.of(data), List.of(links))));
  }

  /** A file of two dag-pb nodes with two raw leaves of four bytes each. */
  private Cid file() {
    Cid left =
        pb(
            "left",
            "0802 1808 2004 2004",
            PbLink.of("", 4, leaf("abcd")),
            PbLink.of("", 4, leaf("efgh")));
    Cid right =
        pb(
            "right",
            "0802 1808 2004 2004",
            PbLink.of("", 4, leaf("ijkl")),
            PbLink.of("", 4, leaf("mnop")));
    return pb("file", "0802 1810 2008 2008", PbLink.of("", 90, left), PbLink.of("", 90, right));
  }

  private WalkResult walk(Cid root, Selector selector) throws Exception {
    log.clear();
    content.setLength(0);
    return Walk.run(
        root,
        selector,
        visit -> {
          log.add(names.getOrDefault(visit.cid(), visit.cid().toString()));
          return LinkLoader.of(store).load(visit);
        },
        WalkBudget.DEFAULT,
        new WalkListener() {
          @Override
          public void content(Path path, ByteBuffer bytes) {
            content.append(java.nio.charset.StandardCharsets.US_ASCII.decode(bytes.duplicate()));
          }
        });
  }

  private static Selector selector(String json) {
    return Selector.parse(DagJson.decode(json));
  }

  @Test
  void wholeFile() throws Exception {
    Cid file = file();
    List<String> all = List.of("file", "left", "abcd", "efgh", "right", "ijkl", "mnop");

    walk(file, selector(MATCH));
    assertEquals(all, log);
    assertEquals("abcdefghijklmnop", content.toString());

    walk(file, Selectors.unixfsPath(List.of(), Scope.ENTITY));
    assertEquals(all, log);
  }

  @Test
  void rangesOfAFile() throws Exception {
    Cid file = file();

    walk(file, Selectors.unixfsBytes(List.of(), 5, 9));
    assertEquals(List.of("file", "left", "efgh", "right", "ijkl"), log);
    assertEquals("fghi", content.toString());

    walk(file, Selectors.unixfsBytes(List.of(), 8, 12));
    assertEquals(List.of("file", "right", "ijkl"), log);

    walk(file, Selectors.unixfsBytes(List.of(), 0, 4));
    assertEquals(List.of("file", "left", "abcd"), log);

    walk(file, Selectors.unixfsBytes(List.of(), -4, Long.MAX_VALUE));
    assertEquals(List.of("file", "right", "mnop"), log);
    assertEquals("mnop", content.toString());

    walk(file, Selectors.unixfsBytes(List.of(), 16, 20));
    assertEquals(List.of("file"), log);

    walk(file, Selectors.unixfsBytes(List.of(), 100, 200));
    assertEquals(List.of("file"), log);
  }

  @Test
  void preloadReadsTwice() throws Exception {
    Cid file = file();

    walk(file, selector(PRELOAD));

    List<String> once = List.of("left", "abcd", "efgh", "right", "ijkl", "mnop");
    assertEquals("file", log.getFirst());
    assertEquals(once, log.subList(1, 7));
    assertEquals(once, log.subList(7, 13));
  }

  @Test
  void missingParts() throws Exception {
    Cid file = file();
    Cid efgh = leaf("efgh");
    store.remove(efgh);

    WalkResult result = walk(file, selector(MATCH));
    assertEquals(List.of("file", "left", "abcd", "efgh"), log);
    assertEquals(1, result.missing());
    assertEquals("abcd", content.toString());

    assertEquals(
        Walk.WALK_FAILED,
        assertThrows(ProtocolException.class, () -> walk(file, selector(PRELOAD))).code());
  }

  @Test
  void withoutBlockSizesPartsTellTheirs() throws Exception {
    Cid left = pb("left", "0802 1804", PbLink.of("", 4, leaf("abcd")));
    Cid right = pb("right", "0802 1804", PbLink.of("", 4, leaf("efgh")));
    Cid file = pb("file", "0802", PbLink.of("", 9, left), PbLink.of("", 9, right));

    walk(file, selector(MATCH));

    assertEquals(List.of("file", "left", "right", "abcd", "efgh"), log);
    assertEquals("abcdefgh", content.toString());
  }

  @Test
  void inlineAndRaw() throws Exception {
    walk(pb("inline", "0802 1203 616263"), selector(MATCH));
    assertEquals("abc", content.toString());

    WalkResult raw = walk(leaf("abcd"), Selectors.unixfsBytes(List.of(), 1, 2));
    assertEquals(1, raw.visits());
  }

  @Test
  void directories() throws Exception {
    Cid file = file();
    Cid sub = pb("sub", "0801", PbLink.of("f", 1, file), PbLink.of("g", 1, leaf("abcd")));
    Cid root = pb("root", "0801", PbLink.of("other", 1, leaf("efgh")), PbLink.of("sub", 1, sub));

    walk(root, Selectors.unixfsPath(List.of("sub", "f"), Scope.ENTITY));
    assertEquals(
        List.of("root", "sub", "file", "left", "abcd", "efgh", "right", "ijkl", "mnop"), log);

    walk(root, Selectors.unixfsPath(List.of("sub"), Scope.ENTITY));
    assertEquals(List.of("root", "sub"), log);

    walk(root, Selectors.unixfsPath(List.of("sub", "f"), Scope.BLOCK));
    assertEquals(List.of("root", "sub", "file"), log);

    walk(root, Selectors.unixfsPath(List.of("sub", "f"), Scope.ALL));
    assertEquals(9, log.size());

    walk(root, Selectors.unixfsPath(List.of("none", "f"), Scope.ALL));
    assertEquals(List.of("root"), log);

    Cid plain =
        put(
            "plain",
            Codec.DAG_PB,
            DagPb.encode(new PbNode(Optional.empty(), List.of(PbLink.of("f", 1, file)))));
    walk(plain, Selectors.unixfsPath(List.of("f"), Scope.BLOCK));
    assertEquals(List.of("plain", "file"), log);
  }

  @Test
  void namesPlaceThemselvesInShards() {
    Map<String, Object> file = TestJson.read(UnixFsWalkTest.class, "hamt-hash.json");
    for (Object entry : TestJson.list(file.get("entries"))) {
      Map<String, Object> vector = TestJson.map(entry);
      byte[] hash = TestJson.hex(vector.get("h1BigEndianHex"));
      assertEquals(
          ByteBuffer.wrap(hash).getLong(), Murmur3.hash64(TestJson.hex(vector.get("utf8Hex"))));
    }
  }

  @Test
  void shardedDirectory() throws Exception {
    TestCar car = TestCar.read("wikipedia-cryptographic-hash-function.car");
    Cid root = car.roots().getFirst();
    List<Visit> visits = new ArrayList<>();
    LinkLoader loader =
        visit -> {
          visits.add(visit);
          return LinkLoader.of(car.store()).load(visit);
        };
    List<String> path = List.of("wiki", "Cryptographic_hash_function");

    WalkResult result =
        Walk.run(root, Selectors.unixfsPath(path, Scope.ENTITY), loader, WalkBudget.DEFAULT);

    assertTrue(result.isComplete(), () -> "" + visits);
    assertEquals(car.store().count(), result.visits());
    assertEquals("", visits.get(visits.size() - 2).path().toString());

    visits.clear();
    path = List.of("wiki", "No_such_article");
    result = Walk.run(root, Selectors.unixfsPath(path, Scope.ENTITY), loader, WalkBudget.DEFAULT);
    assertTrue(result.rootFound());
  }

  /** A shard that says of itself what it is not, in all ways. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "0805 1201ff",
        "0805 1201ff 2822",
        "0805 1201ff 2822 3003",
        "0805 1201ff 2821 3008",
        "0805 2822 3008",
        "0805 1202ffff 2822 3008",
        "0805 1201ff 2822 308010",
        "0805 1201ff 2822 308080808080808080 8001",
        "0809"
      })
  void wrongShards(String unixfs) {
    Cid root = pb("root", unixfs);
    assertEquals(
        Walk.WALK_FAILED,
        assertThrows(ProtocolException.class, () -> walk(root, selector(MATCH))).code());
  }

  @Test
  void smallShards() throws Exception {
    // One bucket of eight each: fanout 8, so names begin with one digit.
    String name = "x";
    int bucket =
        (int) (Murmur3.hash64(name.getBytes(java.nio.charset.StandardCharsets.UTF_8)) >>> 61);
    int second =
        (int) (Murmur3.hash64(name.getBytes(java.nio.charset.StandardCharsets.UTF_8)) >>> 58) & 7;
    Cid leaf = leaf("abcd");
    Cid inner = pb("inner", shard(1 << second), PbLink.of(second + name, 4, leaf));
    Cid root = pb("root", shard(1 << bucket), PbLink.of("" + bucket, 4, inner));

    walk(root, Selectors.unixfsPath(List.of(name), Scope.BLOCK));
    assertEquals(List.of("root", "inner", "abcd"), log);
    walk(root, selector("{\"~\":{\"as\":\"unixfs\",\">\":{\"a\":{\">\":{\".\":{}}}}}}"));
    assertEquals(List.of("root", "inner", "abcd"), log);
    walk(root, selector(PRELOAD));
    assertEquals(List.of("root", "inner"), log);
    walk(root, selector(MATCH));
    assertEquals(List.of("root"), log);

    store.remove(inner);
    walk(root, Selectors.unixfsPath(List.of(name), Scope.BLOCK));
    assertEquals(List.of("root", "inner"), log);
    assertEquals(
        Walk.WALK_FAILED,
        assertThrows(
                ProtocolException.class,
                () -> walk(root, Selectors.unixfsPath(List.of(), Scope.ENTITY)))
            .code());
  }

  private static String shard(int bits) {
    return "0805 1201" + HexFormat.of().toHexDigits((byte) bits) + "2822 3008";
  }

  /**
   * What a Go responder answered to lassie over the same content: every request, entry by entry.
   */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "all",
        "badpath",
        "block",
        "bytes",
        "dir-entity",
        "missing",
        "path-all",
        "path-entity"
      })
  void recordedWalks(String trace) throws Exception {
    TestCar served = TestCar.read("/io/sluice/protocol/traces/served.car");
    Node request = Node.ofNull();
    List<Node> metadata = new ArrayList<>();
    for (Node message :
        graphsyncMessages("/io/sluice/protocol/traces/lassie-" + trace + ".jsonl")) {
      for (Node item : message.find("req").map(Node::asList).orElse(List.of())) {
        request = item.get("type").asText().equals("n") && request.isNull() ? item : request;
      }
      for (Node item : message.find("rsp").map(Node::asList).orElse(List.of())) {
        item.find("meta").ifPresent(meta -> metadata.addAll(meta.asList()));
      }
    }
    List<Node> walked = new ArrayList<>();
    Walk.run(
        request.get("root").asLink(),
        Selector.parse(request.get("sel")),
        visit -> {
          boolean present = served.store().has(visit.cid());
          walked.add(Node.list(Node.of(visit.cid()), Node.of(present ? "p" : "m")));
          return LinkLoader.of(served.store()).load(visit);
        },
        WalkBudget.DEFAULT);

    assertTrue(!metadata.isEmpty());
    assertEquals(metadata, walked);
  }

  private static List<Node> graphsyncMessages(String trace) {
    Map<String, java.io.ByteArrayOutputStream> streams = new LinkedHashMap<>();
    for (Map<String, Object> line : TestJson.readLines(UnixFsWalkTest.class, trace)) {
      if ("/ipfs/graphsync/2.0.0".equals(line.get("protocol")) && "write".equals(line.get("op"))) {
        String stream = line.get("from") + "/" + line.get("stream");
        streams
            .computeIfAbsent(stream, id -> new java.io.ByteArrayOutputStream())
            .writeBytes(TestJson.hex(line.get("hex")));
      }
    }
    List<Node> messages = new ArrayList<>();
    for (java.io.ByteArrayOutputStream stream : streams.values()) {
      ByteBuffer in = ByteBuffer.wrap(stream.toByteArray());
      while (in.hasRemaining()) {
        int length = (int) Varint.read(in);
        if (length > in.remaining()) {
          break; // a recording that was cut
        }
        messages.add(DagCbor.decode(in.slice(in.position(), length), Limits.MESSAGE).get("gs2"));
        in.position(in.position() + length);
      }
    }
    return messages;
  }
}
