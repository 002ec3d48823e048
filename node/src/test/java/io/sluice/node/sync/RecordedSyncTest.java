package io.sluice.node.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.TestJson;
import io.sluice.protocol.car.CarLimits;
import io.sluice.protocol.car.CarReader;
import io.sluice.protocol.car.CarSection;
import io.sluice.protocol.dsync.Info;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.multiformats.Cid;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.http.HttpResponse;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The requests of recorded conversations with the original, sent to us: what we answer is what it
 * answered, but where it is wrong or open, which is named here.
 */
class RecordedSyncTest {
  /** By scenario and number of the request: the status that we answer with, and why. */
  private static final Map<String, Integer> DIFFERENT =
      Map.ofEntries(
          // A method that does nothing is said not to be there.
          Map.entry("get-info-and-block 8", 405),
          Map.entry("get-info-and-block 9", 405),
          // What is not here is found out before anything is sent.
          Map.entry("patch-bodies 3", 400),
          Map.entry("pull-block-vanishes 2", 400),
          // Blocks of no manifest are not stored.
          Map.entry("put-block-not-in-manifest 2", 500),
          Map.entry("put-car-extra 2", 400),
          // A media type may have parameters: it is an archive, of which the end is missing.
          Map.entry("put-car-bad-header 7", 400),
          // An archive that ends at a block's border is not whole; the session is still there.
          Map.entry("put-car-corrupt 4", 400),
          Map.entry("put-car-corrupt 5", 200),
          // This node can pin.
          Map.entry("push-5-refused-nopin 1", 200),
          // What is not on the list cannot be taken off it.
          Map.entry("remove-nopin 1", 500),
          // Blocks are stored under their own names and not as version 0, so that a second push
          // lacks nothing and has no session.
          Map.entry("push-stock-v1-blocks 2", 200),
          Map.entry("push-stock-v1-blocks 3", 200),
          Map.entry("push-stock-v1-blocks 4", 200),
          Map.entry("push-stock-v1-blocks 5", 200),
          Map.entry("push-stock-v1-blocks 6", 200),
          Map.entry("push-stock-v1-car 4", 400));

  /** The same push again: nothing of it is missing here. */
  private static final String LACKS_NOTHING = "push-stock-v1-car 3";

  /** Reasons that nobody compares, and that we say in words of our own. */
  private static final List<String> OWN_WORDS =
      List.of(
          "blockservice: key not found",
          "merkledag: not found",
          "selected encoding not supported",
          "cid too short",
          "invalid character",
          "EOF",
          "cbor decode error",
          "unexpected EOF",
          "empty car",
          "invalid car version",
          "mismatch in content integrity",
          "not pinned or pinned indirectly",
          "disk full");

  /** Bytes that are no block of the push have a name of version 0 there, of version 1 here. */
  private static final String NAMED_OTHERWISE = "put-block-wrong 3";

  private record Refusing(String scenario) implements SyncHooks {
    private void refuse(String when, String why) throws SyncRefusal {
      if (scenario.equals(when)) {
        throw SyncRefusal.because(why);
      }
    }

    @Override
    public void pushBegins(SyncCaller from, Info info, Map<String, String> meta)
        throws SyncRefusal {
      refuse("push-5-refused-precheck", "rejected for secret reasons");
    }

    @Override
    public void pushArrived(SyncCaller from, Info info, Map<String, String> meta)
        throws SyncRefusal {
      for (String when :
          List.of(
              "push-5-refused-final-car",
              "push-5-refused-final-blocks",
              "push-5-final-fails-then-again")) {
        refuse(when, "final check says no");
      }
    }

    @Override
    public void pushCompleted(SyncCaller from, Info info, Map<String, String> meta)
        throws SyncRefusal {
      refuse("push-5-complete-hook-fails", "complete hook says no");
    }

    @Override
    public void infoAsked(SyncCaller by, Info info, Map<String, String> meta) throws SyncRefusal {
      refuse("pull-refused-info", "no info for you");
    }

    @Override
    public void blocksAsked(SyncCaller by, Info info, Map<String, String> meta) throws SyncRefusal {
      refuse("pull-refused-stream", "no stream for you");
    }

    @Override
    public void removalAsked(SyncCaller by, Cid root, Map<String, String> meta) throws SyncRefusal {
      refuse("remove-refused", "not yours");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "get-info-and-block five 5",
        "get-info-cached five 0",
        "patch-bodies five 5",
        "post-bodies five 0",
        "pull-1-car one 1",
        "pull-40-blocks-partial forty 40",
        "pull-40-car forty 40",
        "pull-5-blocks five 5",
        "pull-5-car-meta five 5",
        "pull-5-nothing-missing five 5",
        "pull-5-partial five 5",
        "pull-block-vanishes five 5",
        "pull-refused-info five 5",
        "pull-refused-stream five 5",
        "pull-unknown five 5",
        "push-1-car one 0",
        "push-40-blocks-partial forty 30",
        "push-40-car forty 0",
        "push-40-partial forty 30",
        "push-5-blocks five 0",
        "push-5-car-pin-meta five 0",
        "push-5-complete-hook-fails five 0",
        "push-5-final-fails-then-again five 0",
        "push-5-nothing-missing five 5",
        "push-5-partial five 2",
        "push-5-refused-default five 0",
        "push-5-refused-final-blocks five 0",
        "push-5-refused-final-car five 0",
        "push-5-refused-nopin five 0",
        "push-5-refused-precheck five 0",
        "push-5-require-all five 5",
        "push-stock-v0 fivev0 0",
        "push-stock-v1-blocks five 0",
        "push-stock-v1-car five 0",
        "put-block-not-in-manifest five 0",
        "put-block-wrong five 0",
        "put-car-bad-header five 0",
        "put-car-corrupt five 0",
        "put-car-extra five 0",
        "put-store-fails five 0",
        "put-unknown-sid five 0",
        "remove five 0",
        "remove-nopin five 0",
        "remove-not-supported five 5",
        "remove-refused five 5",
      })
  void answersAsRecorded(String line) throws Exception {
    String[] words = line.split(" ");
    String scenario = words[0];
    List<Block> dag = MemorySyncHome.dag(words[1]);
    SyncLimits limits =
        scenario.equals("push-5-require-all")
            ? SyncServer.LIMITS.withRequireAll(true)
            : SyncServer.LIMITS;
    try (SyncServer server = new SyncServer(new Refusing(scenario), limits)) {
      dag.stream().skip(dag.size() - Integer.parseInt(words[2])).forEach(server.home.blocks::put);
      prepare(scenario, server);
      String ourSid = "";
      String theirSid = "none";
      for (Map<String, Object> recorded : recorded(scenario)) {
        String name = scenario + " " + recorded.get("seq");
        vanish(name, server, dag);
        Map<String, Object> headers = TestJson.map(recorded.get("reqHeaders"));
        HttpResponse<byte[]> answer =
            server.send(
                (String) recorded.get("method"),
                ((String) recorded.get("query")).replace(theirSid, ourSid),
                (String) headers.getOrDefault("Content-Type", ""),
                body(recorded, "req"));
        compare(name, recorded, answer, theirSid, ourSid);
        if (TestJson.map(recorded.get("respHeaders")).get("Sid") instanceof String sid) {
          theirSid = sid;
          ourSid = answer.headers().firstValue("sid").orElseThrow();
        }
      }
      assertOnlyOwn(server, dag);
    }
  }

  private static void prepare(String scenario, SyncServer server) {
    boolean refusing =
        scenario.equals("push-5-refused-default") || scenario.equals("remove-not-supported");
    if (refusing) {
      server.home.caller = SyncCaller.stranger("somebody");
    }
  }

  private static void vanish(String request, SyncServer server, List<Block> dag) {
    if (request.equals("pull-block-vanishes 2")) {
      server.home.blocks.remove(dag.get(3).cid());
    }
    if (request.equals("put-store-fails 2")) {
      server.home.full = true;
    }
  }

  private static List<Map<String, Object>> recorded(String scenario) {
    return TestJson.readLines(RecordedSyncTest.class, "http/" + scenario + ".jsonl").stream()
        .sorted(Comparator.comparing(line -> (BigDecimal) line.get("seq")))
        .toList();
  }

  private static byte[] body(Map<String, Object> recorded, String side) {
    return recorded.get(side + "Base64") instanceof String base64
        ? Base64.getDecoder().decode(base64)
        : ((String) recorded.getOrDefault(side + "Text", "")).getBytes(StandardCharsets.UTF_8);
  }

  private static void compare(
      String name,
      Map<String, Object> recorded,
      HttpResponse<byte[]> answer,
      String theirSid,
      String ourSid)
      throws IOException {
    String text = new String(answer.body(), StandardCharsets.UTF_8);
    int status = ((BigDecimal) recorded.get("status")).intValue();
    int expected = DIFFERENT.getOrDefault(name, status);
    assertEquals(expected, answer.statusCode(), () -> name + ": " + text);
    if (expected != status) {
      return;
    }
    if (name.equals(LACKS_NOTHING)) {
      assertEquals("{\"links\":null,\"nodes\":null}\n", text);
      return;
    }
    byte[] theirs = body(recorded, "resp");
    String theirText = new String(theirs, StandardCharsets.UTF_8).replace(theirSid, ourSid);
    if (status != 200) {
      if (OWN_WORDS.stream().noneMatch(theirText::startsWith) && !name.equals(NAMED_OTHERWISE)) {
        assertEquals(theirText, text, name);
      }
      return;
    }
    Object type = TestJson.map(recorded.get("respHeaders")).get("Content-Type");
    if (type != null) {
      assertEquals(type, answer.headers().firstValue("Content-Type").orElse(""), name);
    }
    if ("archive/car".equals(type)) { // blocks may come in any order, and once each
      assertEquals(blocks(theirs), blocks(answer.body()), name);
    } else if (!name.startsWith("pull-40") || theirText.charAt(0) != '{') {
      // With so many blocks, theirs of equal weight come in any order.
      assertEquals(theirText, text, name);
    }
  }

  private static Object blocks(byte[] car) throws IOException {
    try (CarReader in =
        CarReader.open(Channels.newChannel(new ByteArrayInputStream(car)), CarLimits.DEFAULT)) {
      TreeSet<Cid> cids = new TreeSet<>();
      for (Optional<CarSection> next = in.next(); next.isPresent(); next = in.next()) {
        cids.add(next.get().verified().cid());
      }
      return List.of(in.roots(), cids);
    }
  }

  /** Whatever was sent: nothing is stored but blocks of the manifest, as they are. */
  private static void assertOnlyOwn(SyncServer server, List<Block> dag) {
    long own = dag.stream().filter(block -> server.home.blocks.has(block.cid())).count();
    assertEquals(own, server.home.blocks.count());
    for (Cid root : server.home.received) {
      assertTrue(
          dag.stream().allMatch(block -> server.home.blocks.has(block.cid())),
          () -> root + " was listed before it was whole");
    }
  }
}
