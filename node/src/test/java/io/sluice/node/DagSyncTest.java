package io.sluice.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.node.api.ErrorCode;
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
import io.sluice.protocol.libp2p.HostConfig;
import io.sluice.protocol.libp2p.Identity;
import io.sluice.protocol.libp2p.Libp2pHost;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.retrieval.TokenAmount;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
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

  // ---- over libp2p

  private static Requests.SyncRequest at(TestNode node, Cid root, boolean pin) {
    return new Requests.SyncRequest(
        root.toString(), node.address(), pin, Map.of(), Optional.empty());
  }

  private static void grant(NodeService to, String peer) throws ServiceException {
    to.grant(new Requests.GrantRequest(peer, true, true, true, Optional.empty()));
  }

  @Test
  void givenPeerWithGrant_thenPushedPulledAndUnpinned_andOnlyWhatIsMissing() throws Exception {
    try (TestNode ours = new TestNode(folder.resolve("ours")).start();
        TestNode theirs = new TestNode(folder.resolve("theirs")).start();
        NodeService here = ours.commands();
        NodeService there = theirs.commands()) {
      grant(there, here.id().peerId());
      Cid root = ours.give(1_500_000);

      Reports.SyncReport pushed = here.pushDag(at(theirs, root, true), progress -> {});

      assertEquals(pushed.nodes(), pushed.sent());
      assertEquals(root.toString(), there.contents().getFirst().cid());
      assertEquals(0, here.pushDag(at(theirs, root, true), progress -> {}).sent());

      here.removeContent(root.toString());
      here.collectGarbage();
      Reports.SyncReport pulled = here.pullDag(at(theirs, root, false), progress -> {});
      assertEquals(pushed.nodes(), pulled.sent());
      assertEquals(0, here.pullDag(at(theirs, root, false), progress -> {}).missing());
      assertEquals(root.toString(), here.contents().getFirst().cid());

      assertEquals("UNPINNED", here.unpinDag(at(theirs, root, false)).state());
      assertTrue(there.contents().isEmpty());
      ServiceException gone =
          assertThrows(ServiceException.class, () -> here.unpinDag(at(theirs, root, false)));
      assertEquals("REFUSED", gone.code().name());
      assertTrue(
          theirs.metrics().contains("sluice_dsync_sessions_ended_total{state=\"completed\"} 2"));
    }
  }

  @Test
  void givenStranger_thenNothingIsTakenGivenOrRemoved_andNoTokenHelps() throws Exception {
    try (TestNode ours = new TestNode(folder.resolve("ours")).start();
        TestNode theirs = new TestNode(folder.resolve("theirs")).start();
        NodeService here = ours.commands()) {
      Cid root = ours.give(300_000);
      Cid sold = theirs.offer(400_000, TokenAmount.of(1000));
      List<Executable> calls =
          List.of(
              () -> here.pushDag(at(theirs, root, false), progress -> {}),
              () -> here.pullDag(at(theirs, sold, false), progress -> {}),
              () -> here.unpinDag(at(theirs, sold, false)));
      for (Executable call : calls) {
        assertEquals("REFUSED", assertThrows(ServiceException.class, call).code().name());
      }
      Requests.SyncRequest withToken =
          new Requests.SyncRequest(
              root.toString(), theirs.address(), false, Map.of(), Optional.of("secret"));
      assertEquals(
          "USAGE",
          assertThrows(ServiceException.class, () -> here.pushDag(withToken, progress -> {}))
              .code()
              .name());
    }
  }

  /** The command then pushes by dsync. */
  @Test
  void givenPeerThatTakesNoTransfers_whenPushed_thenSaid_andNoneBegins() throws Exception {
    try (TestNode ours = new TestNode(folder.resolve("ours")).start();
        NodeService here = ours.commands();
        Libp2pHost peer =
            Libp2pHost.silent(
                HostConfig.of(Identity.generate(new SecureRandom()))
                    .withListen(List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/0"))))) {
      peer.handle(DsyncNames.PROTOCOL, stream -> {});
      peer.listen();
      Cid root = ours.give(300_000);
      String address = peer.addresses().getFirst().withPeer(peer.id()).toString();
      ServiceException no =
          assertThrows(
              ServiceException.class,
              () ->
                  here.push(
                      new Requests.PushRequest(
                          root.toString(), address, Optional.empty(), Optional.empty()),
                      progress -> {}));
      assertEquals(ErrorCode.DSYNC_ONLY, no.code());
      assertTrue(here.transfers().isEmpty());
    }
  }
}
