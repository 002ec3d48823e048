package io.sluice.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import io.sluice.node.api.Requests;
import io.sluice.node.api.ServiceException;
import io.sluice.node.sync.ScriptedServer;
import io.sluice.node.sync.ScriptedServer.Answer;
import io.sluice.node.sync.SyncContent;
import io.sluice.protocol.dsync.DsyncNames;
import io.sluice.protocol.dsync.Info;
import io.sluice.protocol.dsync.InfoCbor;
import io.sluice.protocol.dsync.InfoJson;
import io.sluice.protocol.dsync.Manifest;
import io.sluice.protocol.dsync.ManifestLimits;
import io.sluice.protocol.multiformats.Cid;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class DagSyncTest {
  @TempDir Path folder;

  private static Requests.SyncRequest at(ScriptedServer server, Cid root) {
    return new Requests.SyncRequest(
        root.toString(), server.url(), false, Map.of(), Optional.empty());
  }

  private static List<Cid> asked(ScriptedServer.Request request) {
    return InfoCbor.decode(request.body(), ManifestLimits.DEFAULT).manifest().nodes();
  }

  /** The blocks that came before are nobody's but the pull's, which is not done. */
  @Test
  void givenRoomIsMadeDuringAPull_whenDone_thenAllIsHereAndListed() throws Exception {
    SyncContent content = SyncContent.of("forty");
    AtomicInteger archives = new AtomicInteger();
    try (TestNode node = new TestNode(folder).start();
        NodeService commands = node.commands();
        ScriptedServer server =
            new ScriptedServer(
                request -> {
                  if (request.method().equals("GET")) {
                    return Answer.info(content.info());
                  }
                  Answer whole = Answer.bytes(DsyncNames.CAR, content.archiveOf(asked(request)));
                  if (archives.getAndIncrement() == 0) {
                    return whole.cutAfter(whole.body().length / 2);
                  }
                  commands.collectGarbage();
                  return whole;
                })) {
      Reports.SyncReport pulled = commands.pullDag(at(server, content.root()), progress -> {});

      assertEquals("COMPLETED", pulled.state());
      assertEquals(40, pulled.sent());
      assertEquals(2, archives.get());
      assertEquals(0, commands.collectGarbage().freedBlocks());
      Reports.ContentReport listed = commands.contents().getFirst();
      assertEquals(content.root().toString(), listed.cid());
      assertTrue(listed.complete());
      assertEquals(40, listed.blocks());
    }
  }

  @Test
  void givenListOfBlocksThatLacksOne_whenPulled_thenNotTakenForTheWhole() throws Exception {
    SyncContent content = SyncContent.of("five");
    List<Cid> fewer = content.nodes().subList(0, 4);
    try (TestNode node = new TestNode(folder).start();
        NodeService commands = node.commands();
        ScriptedServer server =
            new ScriptedServer(
                request ->
                    request.method().equals("GET")
                        ? Answer.info(Info.of(new Manifest(fewer, List.of())))
                        : Answer.bytes(DsyncNames.CAR, content.archiveOf(asked(request))))) {
      ServiceException no =
          assertThrows(
              ServiceException.class,
              () -> commands.pullDag(at(server, content.root()), progress -> {}));
      assertEquals("PARTIAL", no.code().name());
      assertEquals(List.of(), commands.contents());
    }
  }

  @Test
  void givenContentNotHere_whenPushed_thenNobodyIsAsked() throws Exception {
    SyncContent content = SyncContent.of("five");
    try (TestNode node = new TestNode(folder).start();
        NodeService commands = node.commands();
        ScriptedServer server = new ScriptedServer(request -> Answer.ok())) {
      ServiceException no =
          assertThrows(
              ServiceException.class,
              () -> commands.pushDag(at(server, content.root()), progress -> {}));
      assertEquals("NOT_FOUND", no.code().name());
      assertEquals(List.of(), server.requests);
    }
  }

  @Test
  void givenImported_whenPushed_thenPinAndTokenTravelAndTheReportCounts() throws Exception {
    try (TestNode node = new TestNode(folder).start();
        NodeService commands = node.commands();
        ScriptedServer server =
            new ScriptedServer(
                request ->
                    request.method().equals("POST")
                        ? Answer.session(
                            "s1",
                            InfoJson.decode(request.body(), ManifestLimits.DEFAULT)
                                .manifest()
                                .diff(cid -> false))
                        : Answer.ok())) {
      Cid root = node.give(5_000);
      Reports.SyncReport pushed =
          commands.pushDag(
              new Requests.SyncRequest(
                  root.toString(), server.url(), true, Map.of("who", "me"), Optional.of("secret")),
              progress -> {});

      assertEquals(root.toString(), pushed.root());
      assertEquals(pushed.nodes(), pushed.sent());
      assertTrue(pushed.bytes() >= 5_000);
      assertEquals("true", server.requests.getFirst().parameter("pin"));
      assertEquals("me", server.requests.getFirst().parameter("who"));
      for (ScriptedServer.Request request : server.requests) {
        assertEquals("Bearer secret", request.headers().get("Authorization"));
      }
      assertFalse(pushed.reason().isPresent());
    }
  }
}
