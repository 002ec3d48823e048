package io.sluice.node.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.dsync.Info;
import io.sluice.protocol.dsync.InfoJson;
import io.sluice.protocol.dsync.Manifest;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.multiformats.Cid;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Where we are stricter than the original, or do what it leaves out; over HTTP. */
class SyncServiceTest {
  private static final String JSON = "application/json";
  private static final String BYTES = "application/octet-stream";
  private final List<Block> dag = MemorySyncHome.dag("forty");
  private final List<Cid> cids = dag.stream().map(Block::cid).toList();
  private final AtomicInteger completions = new AtomicInteger();
  private final SyncHooks counting =
      new SyncHooks() {
        @Override
        public void pushCompleted(SyncCaller from, Info info, Map<String, String> meta) {
          completions.incrementAndGet();
        }
      };

  private byte[] info() {
    return InfoJson.encode(Info.of(new Manifest(cids, List.of())));
  }

  private String begin(SyncServer server, String query) throws Exception {
    HttpResponse<byte[]> answer = server.send("POST", query, JSON, info());
    assertEquals(200, answer.statusCode(), () -> text(answer));
    return answer.headers().firstValue("sid").orElseThrow();
  }

  private static HttpResponse<byte[]> put(SyncServer server, String sid, Block block)
      throws Exception {
    byte[] data = new byte[block.size()];
    block.data().get(data);
    return server.send("PUT", "sid=" + sid + "&hash=" + block.cid(), BYTES, data);
  }

  @Test
  void givenNothingMissing_thenCompletedAtOnce_andNoSessionStays() throws Exception {
    try (SyncServer server = new SyncServer(counting)) {
      dag.forEach(server.home.blocks::put);

      String sid = begin(server, "pin=true");

      assertEquals(1, completions.get());
      assertTrue(server.home.pinned.contains(cids.getFirst()));
      assertEquals(0, server.service.underWay());
      assertTrue(sid.matches("[A-Za-z0-9]{22,}"));
    }
  }

  @Test
  void givenAllBlocksAtOnce_thenCompletedOnce() throws Exception {
    try (SyncServer server = new SyncServer(counting);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      String sid = begin(server, "pin=true");
      List<Future<HttpResponse<byte[]>>> answers = new ArrayList<>();
      for (Block block : dag) {
        answers.add(threads.submit(() -> put(server, sid, block)));
      }
      for (Future<HttpResponse<byte[]>> answer : answers) {
        assertEquals(200, answer.get().statusCode(), () -> text(answer.resultNow()));
      }

      assertEquals(1, completions.get());
      assertEquals(List.of(cids.getFirst()), server.home.received);
      assertEquals(0, server.service.underWay());
    }
  }

  @Test
  void givenSessionThatIsOver_thenNotFound_andTheSameRootLacksLess() throws Exception {
    try (SyncServer server = new SyncServer(counting)) {
      String sid = begin(server, "");
      assertEquals(200, put(server, sid, dag.get(0)).statusCode());
      assertEquals(cids.size(), server.service.held().size());

      server.now = server.now.plus(SyncServer.LIMITS.session());

      assertEquals(500, put(server, sid, dag.get(1)).statusCode());
      assertEquals(0, server.service.underWay());
      assertTrue(server.service.held().isEmpty());
      HttpResponse<byte[]> again = server.send("POST", "", JSON, info());
      Manifest missing = InfoJson.decodeManifest(again.body(), SyncServer.LIMITS.manifest());
      assertEquals(cids.subList(1, cids.size()), missing.nodes());
    }
  }

  @Test
  void givenMoreBytesThanGranted_thenTooLarge_andTheRestIsKept() throws Exception {
    try (SyncServer server = new SyncServer(counting)) {
      server.home.caller =
          new SyncCaller("small", true, false, false, OptionalLong.of(dag.get(0).size()));
      String sid = begin(server, "");

      assertEquals(200, put(server, sid, dag.get(0)).statusCode());
      assertEquals(413, put(server, sid, dag.get(1)).statusCode());
      assertEquals(200, put(server, sid, dag.get(0)).statusCode());
      assertFalse(server.home.blocks.has(cids.get(1)));
    }
  }

  @Test
  void givenMoreBytesThanAnyPushMayBring_thenTooLarge_whateverWasGranted() throws Exception {
    SyncLimits limits = SyncServer.LIMITS.withSizes(100, 1 << 20, dag.get(0).size());
    try (SyncServer server = new SyncServer(counting, limits)) {
      String sid = begin(server, "");
      assertEquals(200, put(server, sid, dag.get(0)).statusCode());
      assertEquals(413, put(server, sid, dag.get(1)).statusCode());
    }
  }

  /** The hook that is told of bytes as they come, and the one that is told of the end. */
  @Test
  void givenHooks_thenToldOfBlocksThatCome_andOfTimeThatIsOver() throws Exception {
    List<Long> arrived = new ArrayList<>();
    CountDownLatch expired = new CountDownLatch(1);
    SyncHooks hooks =
        new SyncHooks() {
          @Override
          public void blockArrives(SyncCaller from, Cid root, Cid block, long bytes)
              throws SyncRefusal {
            assertEquals(cids.getFirst(), root);
            arrived.add(bytes);
            if (block.equals(cids.get(1))) {
              throw SyncRefusal.because("not this one");
            }
          }

          @Override
          public void pushExpired(SyncCaller from, Info info, Map<String, String> meta) {
            expired.countDown();
          }
        };
    try (SyncServer server = new SyncServer(hooks)) {
      String sid = begin(server, "");
      assertEquals(200, put(server, sid, dag.get(0)).statusCode());
      assertEquals("not this one", text(put(server, sid, dag.get(1))));
      assertFalse(server.home.blocks.has(cids.get(1)));
      long first = dag.get(0).size();
      assertEquals(List.of(first, first + dag.get(1).size()), arrived);

      server.now = server.now.plus(SyncServer.LIMITS.session());
      server.service.expire();

      expired.await();
      assertEquals(1, server.expired.get());
    }
  }

  /** As a sender does whose connection was lost, or two commands at once. */
  @Test
  void givenTheSameBegunTwice_thenBothEndTogether_andOnce() throws Exception {
    try (SyncServer server = new SyncServer(counting)) {
      String first = begin(server, "");
      assertEquals(200, put(server, first, dag.getFirst()).statusCode());
      String second = begin(server, "");
      for (Block block : dag.subList(1, dag.size() - 1)) {
        assertEquals(200, put(server, second, block).statusCode());
      }
      assertEquals(200, put(server, first, dag.getLast()).statusCode());
      assertEquals(0, completions.get(), "the first session lacks what the second brought");
      assertEquals(200, put(server, second, dag.getLast()).statusCode());

      assertEquals(1, completions.get());
      assertEquals(0, server.service.underWay());
      assertEquals(200, put(server, first, dag.get(5)).statusCode());
      assertEquals(1, completions.get());
      server.home.caller = new SyncCaller("other", true, true, true, OptionalLong.empty());
      assertEquals(500, put(server, first, dag.get(5)).statusCode());
    }
  }

  @Test
  void givenTheSameBegunOverAndOver_thenTheRoomOfOthersIsNotTaken() throws Exception {
    try (SyncServer server = new SyncServer(counting)) {
      for (int i = 0; i < 2 * SyncServer.LIMITS.sessions(); i++) {
        begin(server, "");
      }
      assertEquals(2, server.service.underWay());
    }
  }

  /** All is asked for, and all has to come, though it is here. */
  @Test
  void givenAllIsRequired_thenNotCompleteBeforeAllCame() throws Exception {
    try (SyncServer server = new SyncServer(counting, SyncServer.LIMITS.withRequireAll(true))) {
      dag.forEach(server.home.blocks::put);
      String sid = begin(server, "");
      for (Block block : dag.subList(1, dag.size())) {
        assertEquals(200, put(server, sid, block).statusCode());
      }
      assertEquals(0, completions.get());
      assertEquals(200, put(server, sid, dag.getFirst()).statusCode());
      assertEquals(1, completions.get());
    }
  }

  @Test
  void givenSessionOfSomebodyElse_thenNotFound() throws Exception {
    try (SyncServer server = new SyncServer(counting)) {
      String sid = begin(server, "");
      server.home.caller = new SyncCaller("other", true, true, true, OptionalLong.empty());
      HttpResponse<byte[]> answer = put(server, sid, dag.get(0));
      assertEquals(500, answer.statusCode());
      assertEquals("sid \"" + sid + "\" not found", text(answer));
    }
  }

  @Test
  void givenBodiesBeyondTheLimits_thenTooLarge() throws Exception {
    try (SyncServer server = new SyncServer(counting)) {
      byte[] huge = new byte[SyncServer.LIMITS.manifest().bytes() + 1];
      assertEquals(413, server.send("POST", "", JSON, huge).statusCode());
      assertEquals(413, server.send("PATCH", "", JSON, huge).statusCode());
      String sid = begin(server, "");
      byte[] block = new byte[SyncServer.LIMITS.blockBytes() + 1];
      String one = "sid=" + sid + "&hash=" + cids.getFirst();
      assertEquals(413, server.send("PUT", one, BYTES, block).statusCode());
    }
  }

  /** Of every call that reads: nothing of what is sold, and its terms. */
  @Test
  void givenStranger_thenWhatIsSoldIsPriced() throws Exception {
    try (SyncServer server = new SyncServer(counting)) {
      dag.forEach(server.home.blocks::put);
      server.home.sold.add(cids.get(3));
      server.home.caller = SyncCaller.stranger("somebody");

      for (HttpResponse<byte[]> answer :
          List.of(
              server.send("GET", "block=" + cids.get(3), "", new byte[0]),
              server.send("GET", "manifest=" + cids.get(3), "", new byte[0]),
              server.send("PATCH", "", JSON, info()))) {
        assertEquals(402, answer.statusCode());
        assertEquals(cids.get(3) + " is sold", text(answer));
      }
      assertEquals(200, server.send("GET", "block=" + cids.get(2), "", new byte[0]).statusCode());
    }
  }

  private static String text(HttpResponse<byte[]> answer) {
    return new String(answer.body(), StandardCharsets.UTF_8);
  }
}
