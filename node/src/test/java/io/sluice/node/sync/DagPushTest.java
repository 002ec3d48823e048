package io.sluice.node.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.node.api.ServiceException;
import io.sluice.node.sync.ScriptedServer.Answer;
import io.sluice.node.sync.ScriptedServer.Request;
import io.sluice.protocol.car.CarLimits;
import io.sluice.protocol.car.CarReader;
import io.sluice.protocol.car.CarSection;
import io.sluice.protocol.dsync.DsyncNames;
import io.sluice.protocol.dsync.Manifest;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.BlockMissingException;
import io.sluice.protocol.ipld.MemoryBlockStore;
import io.sluice.protocol.multiformats.Cid;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DagPushTest {
  private final SyncContent content = SyncContent.of("forty");
  private final MemoryBlockStore there = new MemoryBlockStore();

  DagPushTest() throws IOException {}

  private Answer session(boolean old) {
    Answer session = Answer.session("s1", content.info().manifest().diff(there::has));
    return old ? session.old() : session;
  }

  /** Takes so many blocks of an archive, as a receiver that dies then. */
  private void take(Request put, int most) throws IOException {
    try (CarReader in =
        CarReader.open(
            Channels.newChannel(new ByteArrayInputStream(put.body())), CarLimits.DEFAULT)) {
      int taken = 0;
      for (Optional<CarSection> next = in.next();
          next.isPresent() && taken++ < most;
          next = in.next()) {
        there.put(next.get().verified());
      }
    }
  }

  private Answer takeOne(Request put) {
    Cid cid = Cid.parse(put.parameter(DsyncNames.HASH));
    there.put(Block.verified(cid, ByteBuffer.wrap(put.body())));
    return Answer.ok();
  }

  @Test
  void givenReceiverDiesMidway_whenPushed_thenOnlyTheRestIsSentAgain() throws Exception {
    AtomicInteger puts = new AtomicInteger();
    try (ScriptedServer server =
            new ScriptedServer(
                request -> {
                  if (request.method().equals("POST")) {
                    return session(false);
                  }
                  boolean first = puts.getAndIncrement() == 0;
                  take(request, first ? 13 : 40);
                  if (first) {
                    throw new IOException("dies");
                  }
                  return Answer.ok();
                });
        TestClient client = new TestClient(content.store())) {
      SyncOutcome outcome = client.push(content.root(), server.url());

      assertEquals(40, there.count());
      assertEquals(40, outcome.missing());
      assertEquals(67, outcome.moved());
      assertEquals(List.of(1L), client.pauses);
    }
  }

  @Test
  void givenABlockFailsThreeTimes_whenPushedBlockByBlock_thenItsOwnPatienceIsEnough()
      throws Exception {
    Map<String, Integer> tries = new ConcurrentHashMap<>();
    try (ScriptedServer server =
            new ScriptedServer(
                request ->
                    request.method().equals("POST")
                        ? session(true)
                        : tries.merge(request.parameter(DsyncNames.HASH), 1, Integer::sum)
                                < TestClient.ATTEMPTS
                            ? Answer.no(400, "again")
                            : takeOne(request));
        TestClient client = new TestClient(content.store())) {
      assertEquals(40, client.push(content.root(), server.url()).moved());
      assertEquals(40, there.count());
    }
  }

  @Test
  void givenABlockAlwaysFails_whenPushedBlockByBlock_thenGivenUpAfterItsOwnPatience()
      throws Exception {
    String bad = content.nodes().get(3).toString();
    AtomicInteger tries = new AtomicInteger();
    try (ScriptedServer server =
            new ScriptedServer(
                request -> {
                  if (request.method().equals("POST")) {
                    return session(true);
                  }
                  if (request.parameter(DsyncNames.HASH).equals(bad)) {
                    tries.incrementAndGet();
                    return Answer.no(400, "no room");
                  }
                  return takeOne(request);
                });
        TestClient client = new TestClient(content.store())) {
      ServiceException no = failed(client, server);
      assertEquals("BUSY", no.code().name());
      assertTrue(no.reason().contains("no room"), no.reason());
      assertEquals(TestClient.ATTEMPTS, tries.get());
    }
  }

  @Test
  void givenABlockIsRefused_whenPushedBlockByBlock_thenNotTriedAgain() throws Exception {
    try (ScriptedServer server =
            new ScriptedServer(
                request ->
                    request.method().equals("POST")
                        ? session(true)
                        : Answer.no(500, "final-check says no"));
        TestClient client = new TestClient(content.store())) {
      assertEquals("REFUSED", failed(client, server).code().name());
      assertEquals(List.of(), client.pauses);
    }
  }

  @Test
  void givenForeignBlockIsAskedFor_whenPushed_thenNothingIsSent() throws Exception {
    Cid foreign = SyncContent.of("five").root();
    try (ScriptedServer server =
            new ScriptedServer(
                request ->
                    Answer.session(
                        "s1", new Manifest(List.of(content.root(), foreign), List.of())));
        TestClient client = new TestClient(content.store())) {
      assertEquals("VERIFICATION_FAILED", failed(client, server).code().name());
      assertEquals(List.of(), server.requests("PUT"));
    }
  }

  @Test
  void givenSessionWithoutName_whenPushed_thenRefused() throws Exception {
    try (ScriptedServer server =
            new ScriptedServer(
                request -> Answer.session("", content.info().manifest().diff(there::has)));
        TestClient client = new TestClient(content.store())) {
      assertEquals("VERIFICATION_FAILED", failed(client, server).code().name());
    }
  }

  @Test
  void givenABlockVanishesHere_whenPushed_thenThatIsSaidAndNotTriedAgain() throws Exception {
    Cid gone = content.nodes().get(20);
    try (ScriptedServer server =
            new ScriptedServer(
                request -> {
                  if (request.method().equals("POST")) {
                    content.store().remove(gone);
                    return session(false);
                  }
                  return Answer.ok();
                });
        TestClient client = new TestClient(content.store())) {
      UncheckedIOException failure =
          assertThrows(UncheckedIOException.class, () -> client.push(content.root(), server.url()));
      assertEquals(gone, ((BlockMissingException) failure.getCause()).cid());
      assertEquals(List.of(), client.pauses);
    }
  }

  @Test
  void givenToken_whenPushed_thenEachRequestBringsItAndARedirectDoesNot() throws Exception {
    try (ScriptedServer other = new ScriptedServer(request -> Answer.ok());
        ScriptedServer server =
            new ScriptedServer(
                request -> new Answer(307, Map.of("Location", other.url()), new byte[0], 0));
        TestClient client = new TestClient(content.store())) {
      DsyncClient.Remote remote =
          new DsyncClient.Remote.AtUrl(server.url(), Optional.of("secret"), Map.of());
      assertThrows(
          ServiceException.class,
          () -> client.client().push(content.root(), remote, false, (bytes, expected) -> {}));
      assertEquals("Bearer secret", server.requests.getFirst().headers().get("Authorization"));
      assertEquals(List.of(), other.requests);
    }
  }

  @Test
  void givenMetaWithAWordOfTheProtocol_whenPushed_thenUsage() throws Exception {
    try (TestClient client = new TestClient(content.store())) {
      ServiceException no =
          assertThrows(
              ServiceException.class,
              () -> client.push(content.root(), "http://127.0.0.1:1", false, Map.of("sid", "x")));
      assertEquals("USAGE", no.code().name());
    }
  }

  private ServiceException failed(TestClient client, ScriptedServer server) {
    return assertThrows(ServiceException.class, () -> client.push(content.root(), server.url()));
  }
}
