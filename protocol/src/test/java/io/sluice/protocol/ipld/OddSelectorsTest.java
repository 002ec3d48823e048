package io.sluice.protocol.ipld;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Codec;
import io.sluice.protocol.protobuf.ProtobufWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Selectors that implementations may take in different ways, and what is loaded and visited for
 * each: {@code odd-selectors.json}, made here, is for comparing with others. Paths of loads within
 * an interpretation are empty, as elsewhere. What go-graphsync 0.18.1 and lassie 0.25.0 make of
 * them is in {@code odd-selectors-go.jsonl}, as {@code gopeer selectors} printed it; .ci/interop
 * compares that with what it prints.
 */
class OddSelectorsTest {
  private static final java.nio.file.Path RESOURCE =
      java.nio.file.Path.of("src/test/resources/io/sluice/protocol/ipld/odd-selectors.json");
  private static final java.nio.file.Path ELSEWHERE =
      RESOURCE.resolveSibling("odd-selectors-go.jsonl");
  private static final String WRITE = "sluice.docs.write";

  private final List<Block> blocks = new ArrayList<>();
  private final List<Node> cases = new ArrayList<>();

  private Block put(long codec, byte[] data) {
    Block block = Block.of(codec, ByteBuffer.wrap(data));
    blocks.add(block);
    return block;
  }

  private Block raw(int number) {
    byte[] data = new byte[100];
    for (int i = 0; i < data.length; i++) {
      data[i] = (byte) (number * 100 + i);
    }
    return put(Codec.RAW, data);
  }

  private Block cbor(Node node) {
    return put(Codec.DAG_CBOR, DagCbor.encode(node));
  }

  /** Dag-pb with UnixFS data of that hexadecimal form. */
  private Block pb(byte[] data, PbLink... links) {
    return put(
        Codec.DAG_PB, DagPb.encode(new PbNode(Optional.of(ByteBuffer.wrap(data)), List.of(links))));
  }

  private static PbLink link(String name, Block to) {
    return PbLink.of(name, to.size(), to.cid());
  }

  private static byte[] file(int... sizes) {
    ProtobufWriter fields = new ProtobufWriter().number(1, UnixFsFields.FILE);
    fields.number(3, Arrays.stream(sizes).sum());
    for (int size : sizes) {
      fields.number(4, size);
    }
    return fields.toBytes();
  }

  private void odd(String name, String says, Cid root, String selector, Cid... missing)
      throws Exception {
    // As it comes over the wire, which has an order of fields of its own.
    byte[] wire = DagCbor.encode(DagJson.decode(selector));
    Selector parsed = Selector.parse(DagCbor.decode(wire));
    Set<Cid> absent = new HashSet<>(List.of(missing));
    MemoryBlockStore store = new MemoryBlockStore();
    blocks.stream().filter(block -> !absent.contains(block.cid())).forEach(store::put);
    List<Node> loads = new ArrayList<>();
    Visits visits = new Visits();
    String result = "complete";
    try {
      Walk.run(
          root,
          parsed,
          visit -> {
            loads.add(
                Node.map()
                    .put("cid", visit.cid().toString())
                    .put("found", store.has(visit.cid()))
                    .put("path", visit.path().toString())
                    .build());
            return LinkLoader.of(store).load(visit);
          },
          WalkBudget.DEFAULT,
          visits);
    } catch (ProtocolException e) {
      result = e.code();
    }
    cases.add(
        Node.map()
            .put("name", name)
            .put("says", says)
            .put("root", root.toString())
            .put("missing", Node.list(absent.stream().map(cid -> Node.of("" + cid)).toList()))
            .put("selector", parsed.node())
            .put("selectorHex", HexFormat.of().formatHex(wire))
            .put("loads", Node.list(loads))
            .put("visits", Node.list(visits.nodes))
            .put("matchedFileBytes", visits.bytes)
            .put("result", result)
            .build());
  }

  private static final class Visits implements WalkListener {
    private final List<Node> nodes = new ArrayList<>();
    private long bytes;

    @Override
    public void visited(Path path, Node node, boolean matched) {
      nodes.add(Node.map().put("matched", matched).put("path", path.toString()).build());
    }

    @Override
    public void content(Path path, ByteBuffer part) {
      bytes += part.remaining();
    }
  }

  private void allOfThem() throws Exception {
    Block a = raw(1);
    Block b = raw(2);
    Block c = raw(3);
    Block inner = cbor(Node.map().put("x", a.cid()).put("y", b.cid()).build());
    Block end = cbor(Node.map().put("value", 3).build());
    Block middle = cbor(Node.map().put("next", end.cid()).put("side", c.cid()).build());
    Block chain = cbor(Node.map().put("next", middle.cid()).put("side", b.cid()).build());
    Block map =
        cbor(
            Node.map()
                .put("a", a.cid())
                .put("b", inner.cid())
                .put("z", Node.list(Node.of(a.cid()), Node.of(b.cid()), Node.of(a.cid())))
                .put("aa", chain.cid())
                .put("text", "0123456789")
                .build());
    Block parts = pb(file(100, 100, 100), link("", a), link("", b), link("", c));
    Block symlink = pb(HexFormat.of().parseHex("0804120166"));
    byte[] directory = HexFormat.of().parseHex("0801");
    Block sub = pb(directory, link("again", parts));
    Block folder = pb(directory, link("f", parts), link("s", symlink), link("sub", sub));
    TestCar sharded = TestCar.read("wikipedia-cryptographic-hash-function.car");
    Block top = sharded.store().get(sharded.roots().getFirst()).orElseThrow();
    Cid shards =
        DagPb.decode(top.data()).links().stream()
            .filter(link -> link.nameText().equals("58wiki"))
            .findFirst()
            .orElseThrow()
            .cid();
    blocks.add(sharded.store().get(shards).orElseThrow());

    odd(
        "union of overlapping fields",
        "a child that two members name is visited twice",
        map.cid(),
        "{\"|\":[{\"f\":{\"f>\":{\"a\":{\".\":{}}}}},{\"f\":{\"f>\":{\"a\":{\".\":{}},\"b\":{\".\":{}}}}}]}");
    odd(
        "union of all and a field",
        "with all among them each child is visited once",
        map.cid(),
        "{\"|\":[{\"a\":{\">\":{\".\":{}}}},{\"f\":{\"f>\":{\"b\":{\"a\":{\">\":{\".\":{}}}}}}}]}");
    odd(
        "fields in the order of the wire",
        "z stands before aa in dag-cbor",
        map.cid(),
        "{\"f\":{\"f>\":{\"z\":{\"a\":{\">\":{\".\":{}}}},\"aa\":{\".\":{}}}}}");
    odd(
        "recursion of depth 1",
        "the children need an edge, so there are none",
        chain.cid(),
        "{\"R\":{\"l\":{\"depth\":1},\":>\":{\"a\":{\">\":{\"@\":{}}}}}}");
    odd(
        "recursion of depth 2",
        "one edge is followed",
        chain.cid(),
        "{\"R\":{\"l\":{\"depth\":2},\":>\":{\"a\":{\">\":{\"@\":{}}}}}}");
    odd(
        "recursion that is its edge",
        "nothing but the root",
        chain.cid(),
        "{\"R\":{\"l\":{\"depth\":5},\":>\":{\"@\":{}}}}");
    odd(
        "recursion with two edges in a union",
        "next is reached by both",
        chain.cid(),
        "{\"R\":{\"l\":{\"depth\":3},\":>\":{\"|\":[{\".\":{}},{\"f\":{\"f>\":{\"next\":{\"@\":{}}}}},{\"a\":{\">\":{\"@\":{}}}}]}}}");
    odd(
        "recursion within a recursion",
        "an edge belongs to the nearest",
        map.cid(),
        "{\"R\":{\"l\":{\"none\":{}},\":>\":{\"f\":{\"f>\":{\"aa\":{\"R\":{\"l\":{\"depth\":2},\":>\":{\"f\":{\"f>\":{\"next\":{\"@\":{}}}}}}},\"b\":{\"@\":{}},\"x\":{\".\":{}}}}}}}");
    odd(
        "recursion that stops at a link",
        "compared before it is loaded",
        map.cid(),
        "{\"R\":{\"!\":{\"/\":{\"/\":\""
            + middle.cid()
            + "\"}},\"l\":{\"none\":{}},\":>\":{\"a\":{\">\":{\"@\":{}}}}}}");
    odd(
        "range beyond the end of a list",
        "what is there is taken, repeated links each time",
        map.cid(),
        "{\"f\":{\"f>\":{\"z\":{\"r\":{\"$\":9,\">\":{\".\":{}},\"^\":1}}}}}");
    odd(
        "range of a map",
        "indexes are those of lists alone",
        map.cid(),
        "{\"r\":{\"$\":3,\">\":{\".\":{}},\"^\":0}}");
    odd(
        "field of a list",
        "a name that is a number finds an item",
        map.cid(),
        "{\"f\":{\"f>\":{\"z\":{\"f\":{\"f>\":{\"1\":{\".\":{}},\"7\":{\".\":{}},\"x\":{\".\":{}}}}}}}}");
    odd(
        "subset of text from its end",
        "and one behind the end, which is no match",
        map.cid(),
        "{\"|\":[{\"f\":{\"f>\":{\"text\":{\".\":{\"subset\":{\"[\":-3,\"]\":-1}}}}}},{\"f\":{\"f>\":{\"text\":{\".\":{\"subset\":{\"[\":90,\"]\":99}}}}}}]}");
    odd(
        "bytes of a file from its end",
        "the first part is passed over without being loaded",
        parts.cid(),
        "{\"~\":{\">\":{\".\":{\"subset\":{\"[\":-150,\"]\":-120}}},\"as\":\"unixfs\"}}");
    odd(
        "file with a missing part",
        "what follows it in the file is left out, and the walk goes on behind the file; "
            + "lassie's check of a CAR, which has to have all, ends there",
        folder.cid(),
        "{\"~\":{\">\":{\"f\":{\"f>\":{\"f\":{\"~\":{\">\":{\".\":{}},\"as\":\"unixfs\"}},\"s\":{\".\":{}}}}},\"as\":\"unixfs\"}}",
        b.cid());
    odd(
        "interpretation within a union",
        "counts only where it stands by itself",
        folder.cid(),
        "{\"|\":[{\"~\":{\">\":{\"f\":{\"f>\":{\"f\":{\".\":{}}}}},\"as\":\"unixfs\"}},{\"f\":{\"f>\":{\"Links\":{\"i\":{\">\":{\".\":{}},\"i\":0}}}}}]}");
    odd(
        "preload of a file that is not matched",
        "all its blocks all the same",
        folder.cid(),
        "{\"~\":{\">\":{\"f\":{\"f>\":{\"f\":{\"~\":{\">\":{\"f\":{\"f>\":{\"none\":{\".\":{}}}}},\"as\":\"unixfs-preload\"}}}}},\"as\":\"unixfs\"}}");
    odd(
        "list of a sharded directory without its shards",
        "the first shard that is missing ends the walk",
        shards,
        "{\"~\":{\">\":{\"R\":{\"l\":{\"depth\":1},\":>\":{\"a\":{\">\":{\"@\":{}}}}}},\"as\":\"unixfs\"}}");
  }

  /** Cases in which lassie stops earlier than a GraphSync walk; they say why themselves. */
  private static final Set<String> LASSIE_STOPS = Set.of("file with a missing part");

  @Test
  void goVisitsTheSame() throws Exception {
    allOfThem();
    List<Node> elsewhere = Files.readAllLines(ELSEWHERE).stream().map(DagJson::decode).toList();
    assertEquals(cases.size(), elsewhere.size());

    for (int i = 0; i < cases.size(); i++) {
      Node here = cases.get(i);
      Node graphsync = elsewhere.get(i).get("graphsync");
      Node lassie = elsewhere.get(i).get("lassie");
      String name = here.get("name").asText();
      assertEquals(name, elsewhere.get(i).get("name").asText());
      assertEquals(loads(here), loads(graphsync), name);
      assertEquals(visits(here), visits(graphsync), name);
      assertEquals(isComplete(here), graphsync.find("error").isEmpty(), name);
      List<String> ours = loads(here);
      List<String> there = loads(lassie);
      boolean stops = LASSIE_STOPS.contains(name);
      assertEquals(stops ? ours.subList(0, there.size()) : ours, there, name);
      assertEquals(isComplete(here) && !stops, lassie.find("error").isEmpty(), name);
    }
  }

  private static boolean isComplete(Node walk) {
    return walk.get("result").asText().equals("complete");
  }

  private static List<String> loads(Node walk) {
    return walk.get("loads").asList().stream()
        .map(load -> load.get("cid").asText() + " " + load.get("found").asBoolean())
        .toList();
  }

  private static List<String> visits(Node walk) {
    return walk.get("visits").asList().stream()
        .map(visit -> visit.get("path").asText() + " " + visit.get("matched").asBoolean())
        .toList();
  }

  private String text() {
    StringBuilder text = new StringBuilder("{\"blocks\": [\n");
    for (int i = 0; i < blocks.size(); i++) {
      byte[] data = new byte[blocks.get(i).size()];
      blocks.get(i).data().get(data);
      Node block =
          Node.map()
              .put("cid", blocks.get(i).cid().toString())
              .put("hex", HexFormat.of().formatHex(data))
              .build();
      line(block, i < blocks.size() - 1, text);
    }
    text.append("],\n\"cases\": [\n");
    for (int i = 0; i < cases.size(); i++) {
      line(cases.get(i), i < cases.size() - 1, text);
    }
    return text.append("]}\n").toString();
  }

  private static void line(Node node, boolean more, StringBuilder text) {
    text.append(new String(DagJson.encode(node), StandardCharsets.UTF_8));
    text.append(more ? ",\n" : "\n");
  }

  @Test
  void whatIsVisitedIsWhatIsWrittenDown() throws Exception {
    allOfThem();
    assertEquals(18, cases.size());

    if (Boolean.getBoolean(WRITE)) {
      Files.writeString(RESOURCE, text());
    }
    assertEquals(Files.readAllLines(RESOURCE), text().lines().toList());
  }
}
