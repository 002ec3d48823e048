package io.sluice.node.sync;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.node.api.ServiceException;
import io.sluice.node.sync.ScriptedServer.Request;
import io.sluice.protocol.dsync.DsyncNames;
import io.sluice.protocol.dsync.InfoCbor;
import io.sluice.protocol.dsync.ManifestLimits;
import io.sluice.protocol.ipld.MemoryBlockStore;
import io.sluice.protocol.multiformats.Cid;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Our client with the answers that the original gave to its own: it asks for the same, except that
 * a pull asks for no block that is here.
 */
@Timeout(60)
class RecordedAnswersTest {
  private static final Map<String, String> META = Map.of("hello", "world", "this is", "fun");

  @ParameterizedTest
  @CsvSource({
    "push-1-car, one, 1",
    "push-5-partial, five, 3",
    "push-5-require-all, five, 5",
  })
  void pushedAsOneArchiveTheBytesAreTheSame(String scenario, String dag, int missing)
      throws Exception {
    SyncContent content = SyncContent.of(dag);
    RecordedAnswers recorded = new RecordedAnswers(scenario);
    byte[] archive = RecordedAnswers.bytes(recorded.first("PUT"), "req");
    String info = new String(RecordedAnswers.bytes(recorded.first("POST"), "req"), UTF_8);
    boolean pin = recorded.first("POST").get("query").equals("pin=true");
    try (ScriptedServer server = new ScriptedServer(recorded);
        TestClient client = new TestClient(content.store())) {
      SyncOutcome outcome = client.push(content.root(), server.url(), pin, Map.of());

      assertEquals(content.nodes().size(), outcome.nodes());
      assertEquals(missing, outcome.missing());
      assertEquals(missing, outcome.moved());
      Request post = server.requests.getFirst();
      assertEquals(info.strip(), new String(post.body(), UTF_8));
      assertEquals(DsyncNames.PROTOCOL, post.headers().get(DsyncNames.VERSION_HEADER));
      Request put = server.requests.getLast();
      assertArrayEquals(archive, put.body());
      assertEquals("archive/car", put.headers().get("Content-Type"));
    }
  }

  private static SortedMap<String, String> asked(RecordedAnswers recorded, String method) {
    return ScriptedServer.query((String) recorded.first(method).get("query"));
  }

  @Test
  void pinAndMetaTravel() throws Exception {
    SyncContent content = SyncContent.of("five");
    try (ScriptedServer server = new ScriptedServer(new RecordedAnswers("push-5-car-pin-meta"));
        TestClient client = new TestClient(content.store())) {
      // Answered only if the parameters are as recorded.
      assertEquals(5, client.push(content.root(), server.url(), true, META).moved());
    }
  }

  @Test
  void givenNothingMissing_whenPushed_thenNothingIsSent() throws Exception {
    SyncContent content = SyncContent.of("five");
    try (ScriptedServer server = new ScriptedServer(new RecordedAnswers("push-5-nothing-missing"));
        TestClient client = new TestClient(content.store())) {
      assertEquals(
          new SyncOutcome(5, 0, 0, 0), client.push(content.root(), server.url(), true, Map.of()));
      assertEquals(1, server.requests.size());
    }
  }

  @Test
  void givenServerWithoutVersion_whenPushed_thenBlockByBlock() throws Exception {
    SyncContent content = SyncContent.of("five");
    RecordedAnswers recorded = new RecordedAnswers("push-5-blocks");
    SortedMap<String, String> meta = asked(recorded, "POST");
    boolean pin = "true".equals(meta.remove("pin"));
    try (ScriptedServer server = new ScriptedServer(recorded);
        TestClient client = new TestClient(content.store())) {
      assertEquals(5, client.push(content.root(), server.url(), pin, meta).moved());
      assertEquals(5, server.requests("PUT").size());
      for (Request put : server.requests("PUT")) {
        Cid cid = Cid.parse(put.parameter("hash"));
        assertEquals(content.block(cid).data(), ByteBuffer.wrap(put.body()));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "push-5-refused-precheck, POST",
    "push-5-refused-default, POST",
    "push-5-refused-nopin, POST",
    "push-5-refused-final-car, PUT",
    "push-5-complete-hook-fails, PUT",
  })
  void givenPushIsRefused_thenItsWordsAreTold(String scenario, String refused) throws Exception {
    SyncContent content = SyncContent.of("five");
    RecordedAnswers recorded = new RecordedAnswers(scenario);
    String words = new String(RecordedAnswers.bytes(recorded.first(refused), "resp"), UTF_8);
    SortedMap<String, String> meta = asked(recorded, "POST");
    boolean pin = "true".equals(meta.remove("pin"));
    try (ScriptedServer server = new ScriptedServer(recorded);
        TestClient client = new TestClient(content.store())) {
      ServiceException no =
          assertThrows(
              ServiceException.class, () -> client.push(content.root(), server.url(), pin, meta));

      assertEquals("REFUSED", no.code().name());
      assertTrue(no.reason().contains(words), no.reason());
      assertEquals(List.of(), client.pauses);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "pull-1-car, one, 0, false",
    "pull-5-car-meta, five, 0, true",
    "pull-40-car, forty, 0, false",
    "pull-5-partial, five, 2, false",
  })
  void pulledAsOneArchive(String scenario, String dag, int here, boolean meta) throws Exception {
    SyncContent content = SyncContent.of(dag);
    MemoryBlockStore store = content.last(here);
    int missing = content.nodes().size() - here;
    try (ScriptedServer server = new ScriptedServer(new RecordedAnswers(scenario));
        TestClient client = new TestClient(store)) {
      SyncOutcome outcome = client.pull(content.root(), server.url(), meta ? META : Map.of());

      assertEquals(missing, outcome.missing());
      assertEquals(missing, outcome.moved());
      content.nodes().forEach(cid -> assertTrue(store.has(cid)));
      Request patch = server.requests.getLast();
      assertEquals(
          Set.copyOf(content.nodes().subList(0, missing)), // the original's order is its own
          Set.copyOf(InfoCbor.decode(patch.body(), ManifestLimits.DEFAULT).manifest().nodes()));
      assertEquals("application/cbor", patch.headers().get("Content-Type"));
    }
  }

  @Test
  void givenAllIsHere_whenPulled_thenNoBlockIsAskedFor() throws Exception {
    SyncContent content = SyncContent.of("five");
    try (ScriptedServer server = new ScriptedServer(new RecordedAnswers("pull-5-nothing-missing"));
        TestClient client = new TestClient(content.store())) {
      assertEquals(new SyncOutcome(5, 0, 0, 0), client.pull(content.root(), server.url()));
    }
  }

  @Test
  void givenServerWithoutVersion_whenPulled_thenBlockByBlock() throws Exception {
    SyncContent content = SyncContent.of("five");
    MemoryBlockStore store = new MemoryBlockStore();
    try (ScriptedServer server = new ScriptedServer(new RecordedAnswers("pull-5-blocks"));
        TestClient client = new TestClient(store)) {
      assertEquals(5, client.pull(content.root(), server.url(), META).moved());
      assertEquals(5, store.count());
    }
  }

  /** The original ends an answer well that has nothing in it. */
  @Test
  void givenBlockVanished_whenPulled_thenItIsMissed() throws Exception {
    SyncContent content = SyncContent.of("five");
    try (ScriptedServer server = new ScriptedServer(new RecordedAnswers("pull-block-vanishes"));
        TestClient client = new TestClient(new MemoryBlockStore())) {
      ServiceException no =
          assertThrows(ServiceException.class, () -> client.pull(content.root(), server.url()));
      assertEquals("NOT_FOUND", no.code().name());
    }
  }

  /** The answer ends in the middle, and what is missing is not there: what came is counted. */
  @Test
  void givenBlockOfManyVanished_whenPulled_thenItIsMissed_andWhatCameIsKept() throws Exception {
    RecordedAnswers recorded = new RecordedAnswers("pull-wide-block-vanishes");
    Cid root = Cid.parse(asked(recorded, "GET").get("manifest"));
    MemoryBlockStore store = new MemoryBlockStore();
    try (ScriptedServer server = new ScriptedServer(recorded);
        TestClient client = new TestClient(store)) {
      ServiceException no =
          assertThrows(ServiceException.class, () -> client.pull(root, server.url()));
      assertEquals("NOT_FOUND", no.code().name());
      assertTrue(store.count() >= 616, "the original kept 616 of 1,112; here " + store.count());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "pull-refused-info, REFUSED, no info for you",
    "pull-refused-stream, REFUSED, no stream for you",
  })
  void givenPullIsRefused_thenItsWordsAreTold(String scenario, String code, String words)
      throws Exception {
    SyncContent content = SyncContent.of("five");
    try (ScriptedServer server = new ScriptedServer(new RecordedAnswers(scenario));
        TestClient client = new TestClient(new MemoryBlockStore())) {
      ServiceException no =
          assertThrows(
              ServiceException.class, () -> client.pull(content.root(), server.url(), META));
      assertEquals(code, no.code().name());
      assertTrue(no.reason().contains(words), no.reason());
    }
  }

  @Test
  void givenContentUnknownThere_whenPulled_thenNotFound() throws Exception {
    Cid unknown = Cid.parse("QmXoAQ3uWjDc3rEKX8CsWWhbw68EnqKRYYsoUCbPPAhqN9");
    try (ScriptedServer server = new ScriptedServer(new RecordedAnswers("pull-unknown"));
        TestClient client = new TestClient(new MemoryBlockStore())) {
      ServiceException no =
          assertThrows(ServiceException.class, () -> client.pull(unknown, server.url()));
      assertEquals("NOT_FOUND", no.code().name());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "remove-refused, not yours",
    "remove-not-supported, remove is not supported",
  })
  void givenUnpinIsRefused_thenItsWordsAreTold(String scenario, String words) throws Exception {
    SyncContent content = SyncContent.of("five");
    RecordedAnswers recorded = new RecordedAnswers(scenario);
    SortedMap<String, String> meta = asked(recorded, "DELETE");
    meta.remove("cid");
    try (ScriptedServer server = new ScriptedServer(recorded);
        TestClient client = new TestClient(new MemoryBlockStore())) {
      ServiceException no =
          assertThrows(
              ServiceException.class, () -> client.unpin(content.root(), server.url(), meta));
      assertEquals("REFUSED", no.code().name());
      assertTrue(no.reason().contains(words), no.reason());
    }
  }
}
