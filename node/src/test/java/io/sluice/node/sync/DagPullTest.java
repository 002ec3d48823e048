package io.sluice.node.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.node.api.ServiceException;
import io.sluice.node.sync.ScriptedServer.Answer;
import io.sluice.node.sync.ScriptedServer.Request;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.dsync.DsyncNames;
import io.sluice.protocol.dsync.InfoCbor;
import io.sluice.protocol.dsync.ManifestLimits;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.MemoryBlockStore;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Codec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DagPullTest {
  private final SyncContent content = SyncContent.of("forty");
  private final MemoryBlockStore store = new MemoryBlockStore();

  DagPullTest() throws IOException {}

  /** A server that sends archives as asked, but for what {@code archive} makes of them. */
  private interface Archives {
    Answer of(List<Cid> asked) throws Exception;
  }

  private ScriptedServer server(Archives archives) throws IOException {
    return new ScriptedServer(
        request ->
            switch (request.method()) {
              case "PATCH" -> archives.of(asked(request));
              case "GET" ->
                  request.query().containsKey(DsyncNames.MANIFEST)
                      ? Answer.info(content.info())
                      : block(request);
              default -> Answer.no(405, "");
            });
  }

  private static List<Cid> asked(Request request) {
    return InfoCbor.decode(request.body(), ManifestLimits.DEFAULT).manifest().nodes();
  }

  private Answer block(Request request) {
    Block block = content.block(Cid.parse(request.parameter(DsyncNames.BLOCK)));
    byte[] bytes = new byte[block.size()];
    block.data().get(bytes);
    return Answer.bytes(DsyncNames.BYTES, bytes);
  }

  private Answer archive(List<Cid> cids) throws IOException {
    return Answer.bytes(DsyncNames.CAR, content.archiveOf(cids));
  }

  private void assertAllIsHere() {
    content.nodes().forEach(cid -> assertTrue(store.has(cid)));
  }

  @Test
  void givenStreamCut_whenPulled_thenTheRestIsAskedForAndNothingTwice() throws Exception {
    AtomicInteger answers = new AtomicInteger();
    try (ScriptedServer server =
            server(
                asked -> {
                  Answer whole = archive(asked);
                  return answers.getAndIncrement() == 0
                      ? whole.cutAfter(whole.body().length / 2)
                      : whole;
                });
        TestClient client = new TestClient(store)) {
      SyncOutcome outcome = client.pull(content.root(), server.url());

      assertAllIsHere();
      assertEquals(40, outcome.moved());
      List<Request> patches = server.requests("PATCH");
      assertEquals(2, patches.size());
      int second = asked(patches.get(1)).size();
      assertTrue(second < 40 && second > 0, "asked again for " + second);
    }
  }

  /** As after the end of a process: nothing is left but the blocks that came. */
  @Test
  void givenAnEarlierRunBroughtSome_whenPulled_thenOnlyTheRestIsAskedFor() throws Exception {
    AtomicInteger answers = new AtomicInteger();
    try (ScriptedServer server =
            server(
                asked -> {
                  Answer whole = archive(asked);
                  return answers.getAndIncrement() == 0
                      ? whole.cutAfter(whole.body().length / 2)
                      : Answer.no(403, "no more today");
                });
        TestClient client = new TestClient(store)) {
      assertFails("REFUSED", client, server);
    }
    List<Cid> rest = content.info().manifest().diff(store::has).nodes();
    assertTrue(rest.size() < 40, "nothing was kept");
    try (ScriptedServer server = server(this::archive);
        TestClient client = new TestClient(store)) {
      assertEquals(rest.size(), client.pull(content.root(), server.url()).moved());
      assertEquals(rest, asked(server.requests("PATCH").getFirst()));
      assertAllIsHere();
    }
  }

  @Test
  void givenArchiveEndsEarly_whenPulled_thenTheRestComesBlockByBlock() throws Exception {
    try (ScriptedServer server =
            server(asked -> archive(List.of(asked.get(0), asked.get(asked.size() / 2))));
        TestClient client = new TestClient(store)) {
      client.pull(content.root(), server.url());
      assertAllIsHere();
    }
  }

  @Test
  void givenServerSendsNothingOfUse_whenPulled_thenBlockByBlock() throws Exception {
    try (ScriptedServer server =
            server(asked -> Answer.bytes(DsyncNames.CAR, new byte[] {5, 4, 3, 2, 1}));
        TestClient client = new TestClient(store)) {
      client.pull(content.root(), server.url());
      assertAllIsHere();
      assertEquals(1, server.requests("PATCH").size());
    }
  }

  @Test
  void givenWrongBytes_whenPulled_thenTheyAreNotKept() throws Exception {
    Cid spoilt = content.nodes().get(7);
    List<Block> blocks = new ArrayList<>();
    for (Cid cid : content.nodes()) {
      blocks.add(
          cid.equals(spoilt) ? new Block(cid, ByteBuffer.wrap(new byte[3])) : content.block(cid));
    }
    try (ScriptedServer server =
            server(asked -> Answer.bytes(DsyncNames.CAR, content.archive(blocks)));
        TestClient client = new TestClient(store)) {
      ProtocolException wrong =
          assertThrows(ProtocolException.class, () -> client.pull(content.root(), server.url()));
      assertEquals(ProtocolException.BLOCK_HASH_MISMATCH, wrong.code());
      assertFalse(store.has(spoilt));
    }
  }

  @Test
  void givenBlockThatNobodyNamed_whenPulled_thenRefused() throws Exception {
    Block foreign = Block.of(Codec.RAW, ByteBuffer.wrap(new byte[] {1, 2, 3}));
    List<Block> blocks = List.of(content.block(content.root()), foreign);
    try (ScriptedServer server =
            server(asked -> Answer.bytes(DsyncNames.CAR, content.archive(blocks)));
        TestClient client = new TestClient(store)) {
      assertFails("VERIFICATION_FAILED", client, server);
      assertFalse(store.has(foreign.cid()));
    }
  }

  @Test
  void givenTheSameBlockAgainAndAgain_whenPulled_thenRefused() throws Exception {
    List<Cid> again = Collections.nCopies(41, content.root());
    try (ScriptedServer server = server(asked -> archive(again));
        TestClient client = new TestClient(store)) {
      assertFails("VERIFICATION_FAILED", client, server);
    }
  }

  @Test
  void givenAnotherRootIsTold_whenPulled_thenRefused() throws Exception {
    try (ScriptedServer server =
            new ScriptedServer(request -> Answer.info(SyncContent.of("five").info()));
        TestClient client = new TestClient(store)) {
      assertFails("VERIFICATION_FAILED", client, server);
    }
  }

  @Test
  void givenAPageInsteadOfAnArchive_whenPulled_thenRefused() throws Exception {
    try (ScriptedServer server = server(asked -> Answer.bytes("text/html", new byte[9]));
        TestClient client = new TestClient(store)) {
      assertFails("VERIFICATION_FAILED", client, server);
    }
  }

  @Test
  void givenEachBlockFailsTwice_whenPulledBlockByBlock_thenEachIsTriedAgain() throws Exception {
    Map<String, Integer> tries = new ConcurrentHashMap<>();
    try (ScriptedServer server =
            new ScriptedServer(
                request ->
                    request.query().containsKey(DsyncNames.MANIFEST)
                        ? Answer.info(content.info()).old()
                        : tries.merge(request.parameter(DsyncNames.BLOCK), 1, Integer::sum) < 3
                            ? Answer.no(503, "busy")
                            : block(request));
        TestClient client = new TestClient(store)) {
      client.pull(content.root(), server.url());
      assertAllIsHere();
      assertEquals(80, client.pauses.size());
    }
  }

  @Test
  void givenServerBusy_whenPulled_thenTriedWithLongerPausesAndGivenUp() throws Exception {
    try (ScriptedServer server = new ScriptedServer(request -> Answer.no(503, "later"));
        TestClient client = new TestClient(store)) {
      assertFails("BUSY", client, server);
      assertEquals(List.of(1L, 2L, 4L), client.pauses);
    }
  }

  @Test
  void givenNobodyThere_whenPulled_thenUnreachable() throws Exception {
    ScriptedServer gone = server(this::archive);
    gone.close();
    try (TestClient client = new TestClient(store)) {
      assertFails("UNREACHABLE", client, gone);
    }
  }

  @Test
  void givenNothingMoves_whenPulled_thenTimeout() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    try (ScriptedServer server =
            new ScriptedServer(
                request -> {
                  end.await();
                  return Answer.ok();
                });
        TestClient client = new TestClient(store, Duration.ofMillis(50))) {
      assertFails("TIMEOUT", client, server);
      end.countDown();
    }
  }

  @Test
  void givenDiskFull_whenPulled_thenNotTriedAgain() throws Exception {
    MemoryBlockStore full =
        new MemoryBlockStore() {
          @Override
          public void put(Block block) {
            throw new UncheckedIOException(new IOException("full"));
          }
        };
    try (ScriptedServer server = server(this::archive);
        TestClient client = new TestClient(full)) {
      assertThrows(UncheckedIOException.class, () -> client.pull(content.root(), server.url()));
      assertEquals(1, server.requests("PATCH").size());
    }
  }

  private void assertFails(String code, TestClient client, ScriptedServer server) {
    ServiceException no =
        assertThrows(ServiceException.class, () -> client.pull(content.root(), server.url()));
    assertEquals(code, no.code().name(), no.reason());
  }
}
