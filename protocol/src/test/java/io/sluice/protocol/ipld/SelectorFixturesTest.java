package io.sluice.protocol.ipld;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.protocol.TestJson;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Codec;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The fixtures of the selector specification: data, a selector, and the nodes that are then visited
 * in order.
 */
class SelectorFixturesTest {
  private static final Pattern MARK =
      Pattern.compile(
          "\\[testmark\\]:# \\(([^/)]+)/([^)]+)\\)\\s*```[a-z]*\\n(.*?)```", Pattern.DOTALL);

  @TestFactory
  List<DynamicTest> fixtures() {
    List<DynamicTest> tests = new ArrayList<>();
    for (String file : List.of("1", "recursion", "adl")) {
      hunks("selector-fixtures-" + file + ".md")
          .forEach((name, hunks) -> tests.add(DynamicTest.dynamicTest(name, () -> check(hunks))));
    }
    assertEquals(
        11, tests.size(), () -> "" + tests.stream().map(DynamicTest::getDisplayName).toList());
    return tests;
  }

  private static Map<String, Map<String, String>> hunks(String resource) {
    String text =
        new String(TestJson.resource(SelectorFixturesTest.class, resource), StandardCharsets.UTF_8);
    Map<String, Map<String, String>> fixtures = new LinkedHashMap<>();
    Matcher matcher = MARK.matcher(text);
    while (matcher.find()) {
      fixtures
          .computeIfAbsent(matcher.group(1), name -> new LinkedHashMap<>())
          .put(matcher.group(2), matcher.group(3));
    }
    return fixtures;
  }

  private static void check(Map<String, String> hunks) throws Exception {
    MemoryBlockStore store = new MemoryBlockStore();
    Cid root;
    if (hunks.containsKey("data")) {
      byte[] data = hunks.get("data").getBytes(StandardCharsets.UTF_8);
      Block block = Block.of(Codec.DAG_JSON, ByteBuffer.wrap(data));
      store.put(block);
      root = block.cid();
    } else {
      store = TestCar.read("selector-fixtures-adl.car").store();
      // Written in JSON, but meant as a dag-pb block: others are not looked at in another form.
      byte[] data = DagPb.encode(PbNode.of(DagJson.decode(hunks.get("root"))));
      Block block = Block.of(Codec.DAG_PB, ByteBuffer.wrap(data));
      store.put(block);
      root = block.cid();
    }
    List<Node> expected =
        hunks
            .get("expect-visit")
            .lines()
            .filter(line -> !line.isBlank())
            .map(DagJson::decode)
            .toList();
    Recorder recorder = new Recorder();

    Selector selector = Selector.parse(DagJson.decode(hunks.get("selector")));
    Walk.run(root, selector, LinkLoader.of(store), WalkBudget.DEFAULT, recorder);

    assertEquals(expected, recorder.visits());
  }

  /** Writes visits down as the fixtures do. */
  private static final class Recorder implements WalkListener {
    private final List<Node> visits = new ArrayList<>();
    private final ByteArrayOutputStream content = new ByteArrayOutputStream();

    @Override
    public void visited(Path path, Node node, boolean matched) {
      visits.add(visit(path, shown(node), matched));
    }

    @Override
    public void content(Path path, ByteBuffer bytes) {
      byte[] copy = new byte[bytes.remaining()];
      bytes.get(copy);
      content.writeBytes(copy);
    }

    List<Node> visits() {
      if (content.size() > 0) { // one file, then
        Node bytes = Node.map().put("bytes", content.toByteArray()).build();
        return List.of(visit(Path.ROOT, bytes, true));
      }
      return visits;
    }

    private static Node visit(Path path, Node node, boolean matched) {
      return Node.map()
          .put("path", path.toString())
          .put("node", node)
          .put("matched", matched)
          .build();
    }

    private static Node shown(Node node) {
      return switch (node) {
        case Node.Null ignored -> Node.map().put("null", node).build();
        case Node.Bool ignored -> Node.map().put("bool", node).build();
        case Node.Int ignored -> Node.map().put("int", node).build();
        case Node.Float ignored -> Node.map().put("float", node).build();
        case Node.Text ignored -> Node.map().put("string", node).build();
        case Node.Bytes ignored -> Node.map().put("bytes", node).build();
        case Node.Link ignored -> Node.map().put("link", node).build();
        case Node.List ignored -> Node.map().put("list", Node.ofNull()).build();
        case Node.Map ignored -> Node.map().put("map", Node.ofNull()).build();
      };
    }
  }
}
