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
import io.sluice.node.sync.SyncCaller;
import io.sluice.node.sync.SyncHooks;
import io.sluice.node.sync.SyncRefusal;
import io.sluice.protocol.TestJson;
import io.sluice.protocol.car.CarLimits;
import io.sluice.protocol.car.CarReader;
import io.sluice.protocol.car.CarSection;
import io.sluice.protocol.dsync.DsyncMessage;
import io.sluice.protocol.dsync.DsyncMessages;
import io.sluice.protocol.dsync.DsyncNames;
import io.sluice.protocol.dsync.Info;
import io.sluice.protocol.dsync.InfoCbor;
import io.sluice.protocol.dsync.InfoJson;
import io.sluice.protocol.dsync.Manifest;
import io.sluice.protocol.dsync.ManifestLimits;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.libp2p.Host;
import io.sluice.protocol.libp2p.HostConfig;
import io.sluice.protocol.libp2p.Identity;
import io.sluice.protocol.libp2p.Libp2pHost;
import io.sluice.protocol.libp2p.Stream;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** dsync of a running node: what it gives to whom, and what it takes, over HTTP and libp2p. */
@Timeout(120)
class SyncedNodeTest {
  private static final TokenAmount PRICE = TokenAmount.of(7_000_000);
  private static final String PRICE_TEXT = "0.000000000007 PLAY per MiB";
  private static final String CAR = "archive/car";

  @TempDir Path folder;
  private final HttpClient http = HttpClient.newHttpClient();

  private TestNode node() throws Exception {
    return new TestNode(folder.resolve("node")).with("SLUICE_CONTENT_LISTEN", "127.0.0.1:0");
  }

  private HttpResponse<byte[]> ask(
      TestNode node, String method, String query, String authorization, byte[] body)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(node.dsync() + "?" + query))
            .method(method, HttpRequest.BodyPublishers.ofByteArray(body));
    if (!authorization.isEmpty()) {
      request.header("Authorization", authorization);
    }
    if (method.equals("PUT")) {
      request.header("Content-Type", CAR);
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  private HttpResponse<byte[]> get(TestNode node, String query, String authorization)
      throws IOException, InterruptedException {
    return ask(node, "GET", query, authorization, new byte[0]);
  }

  private HttpResponse<byte[]> patch(TestNode node, String authorization, List<Cid> nodes)
      throws IOException, InterruptedException {
    byte[] info = InfoJson.encode(Info.of(new Manifest(nodes, List.of())));
    return ask(node, "PATCH", "", authorization, info);
  }

  private static String text(HttpResponse<byte[]> answer) {
    return new String(answer.body(), StandardCharsets.UTF_8);
  }

  private static Reports.GrantReport grant(
      NodeService commands, String holder, boolean push, boolean read, boolean remove)
      throws ServiceException {
    return commands.grant(new Requests.GrantRequest(holder, push, read, remove, Optional.empty()));
  }

  private List<Cid> nodes(TestNode node, Cid root, String authorization) throws Exception {
    HttpResponse<byte[]> answer = get(node, "manifest=" + root, authorization);
    assertEquals(200, answer.statusCode(), () -> text(answer));
    return InfoJson.decode(answer.body(), ManifestLimits.DEFAULT).manifest().nodes();
  }

  /** Every call that reads, of every block of what is sold. */
  @Test
  void givenPricedContent_thenNobodyReadsItWithoutGrant() throws Exception {
    try (TestNode node = node().start();
        NodeService commands = node.commands()) {
      Cid sold = node.offer(600_000, PRICE);
      Cid free = node.give(500_000);
      Reports.GrantReport reader = grant(commands, "token", false, true, false);
      String token = "Bearer " + reader.token().orElseThrow();
      List<Cid> soldBlocks = nodes(node, sold, token);
      List<Cid> freeBlocks = nodes(node, free, "");
      assertTrue(soldBlocks.size() > 2);

      for (String stranger : List.of("", "Bearer nonsense", "Basic bm9uc2Vuc2U=")) {
        for (Cid cid : soldBlocks) {
          for (HttpResponse<byte[]> answer :
              List.of(
                  get(node, "block=" + cid, stranger),
                  get(node, "manifest=" + cid, stranger),
                  patch(node, stranger, List.of(cid)),
                  patch(node, stranger, List.of(free, cid)))) {
            assertEquals(402, answer.statusCode());
            assertTrue(text(answer).contains(PRICE_TEXT), () -> text(answer));
          }
        }
      }

      for (Cid cid : freeBlocks) {
        assertEquals(200, get(node, "block=" + cid, "").statusCode());
      }
      assertEquals(200, patch(node, "", freeBlocks).statusCode());
      assertEquals(200, patch(node, token, soldBlocks).statusCode());
      String password = "x:" + reader.token().orElseThrow();
      String basic = Base64.getEncoder().encodeToString(password.getBytes(StandardCharsets.UTF_8));
      assertEquals(200, get(node, "block=" + sold, "Basic " + basic).statusCode());

      commands.deny(soldBlocks.get(1).toString());
      assertEquals(402, get(node, "block=" + soldBlocks.get(1), token).statusCode());
      commands.removeContent(sold.toString());
      assertEquals(402, get(node, "block=" + soldBlocks.get(2), token).statusCode());
      commands.removeContent(free.toString());
      assertEquals(402, get(node, "block=" + free, "").statusCode());
      commands.revoke(reader.holder());
      assertTrue(commands.grants().isEmpty());
    }
  }

  @Test
  void givenGrants_thenPushedAndRemovedByThem_andNotOtherwise() throws Exception {
    byte[] car = TestJson.resource(TestJson.class, "dsync/five.car");
    byte[] info =
        InfoJson.encode(
            Info.of(new Manifest(dag("five").stream().map(Block::cid).toList(), List.of())));
    Cid root = dag("five").getFirst().cid();
    try (TestNode node = node().start();
        NodeService commands = node.commands()) {
      String token = "Bearer " + grant(commands, "token", true, false, false).token().orElseThrow();
      String remover =
          "Bearer " + grant(commands, "token", false, false, true).token().orElseThrow();

      HttpResponse<byte[]> refused = ask(node, "POST", "pin=true", remover, info);
      assertEquals(400, refused.statusCode());
      assertEquals(DsyncNames.PUSH_NOT_ACCEPTED, text(refused));
      HttpResponse<byte[]> begun = ask(node, "POST", "pin=true", token, info);
      String sid = begun.headers().firstValue("sid").orElseThrow();
      assertEquals(400, ask(node, "PUT", "sid=" + sid, remover, car).statusCode());
      assertTrue(commands.contents().isEmpty());
      HttpResponse<byte[]> pushed = ask(node, "PUT", "sid=" + sid, token, car);
      assertEquals(200, pushed.statusCode(), () -> text(pushed));
      assertEquals(root.toString(), commands.contents().getFirst().cid());
      // What was pushed is not for sale, nor for those to read who pushed it.
      assertEquals(402, get(node, "block=" + root, token).statusCode());

      HttpResponse<byte[]> kept = ask(node, "DELETE", "cid=" + root, token, new byte[0]);
      assertEquals(DsyncNames.REMOVE_NOT_SUPPORTED, text(kept));
      assertEquals(200, ask(node, "DELETE", "cid=" + root, remover, new byte[0]).statusCode());
      assertTrue(commands.contents().isEmpty());
      assertEquals(500, ask(node, "DELETE", "cid=" + root, remover, new byte[0]).statusCode());
    }
  }

  @Test
  void givenNodeThatEnded_thenItsPushesGoOn() throws Exception {
    List<Block> dag = dag("forty");
    byte[] info =
        InfoJson.encode(Info.of(new Manifest(dag.stream().map(Block::cid).toList(), List.of())));
    try (TestNode node = node().start()) {
      String token;
      String sid;
      try (NodeService commands = node.commands()) {
        token = "Bearer " + grant(commands, "token", true, false, false).token().orElseThrow();
        HttpResponse<byte[]> begun = ask(node, "POST", "pin=true", token, info);
        sid = begun.headers().firstValue("sid").orElseThrow();
        for (Block block : dag.subList(20, 40)) {
          assertEquals(200, put(node, sid, token, block).statusCode());
        }
        assertEquals(0, commands.collectGarbage().freedBlocks());
      }
      node.startAgain();
      try (NodeService commands = node.commands()) {
        assertEquals(0, commands.collectGarbage().freedBlocks());
        HttpResponse<byte[]> again = ask(node, "POST", "pin=true", token, info);
        assertEquals(
            20, InfoJson.decodeManifest(again.body(), ManifestLimits.DEFAULT).nodes().size());
        for (Block block : dag.subList(0, 20)) {
          assertTrue(commands.contents().isEmpty());
          assertEquals(200, put(node, sid, token, block).statusCode());
        }
        assertEquals(dag.getFirst().cid().toString(), commands.contents().getFirst().cid());
        assertEquals(500, put(node, sid, token, dag.getFirst()).statusCode());
      }
    }
  }

  private HttpResponse<byte[]> put(TestNode node, String sid, String token, Block block)
      throws IOException, InterruptedException {
    URI uri = URI.create(node.dsync() + "?sid=" + sid + "&hash=" + block.cid());
    HttpRequest request =
        HttpRequest.newBuilder(uri)
            .header("Authorization", token)
            .PUT(HttpRequest.BodyPublishers.ofByteArray(bytes(block)))
            .build();
    return http.send(request, HttpResponse.BodyHandlers.ofByteArray());
  }

  @Test
  void givenProgramThatRefuses_thenNothingIsRead() throws Exception {
    SyncHooks hooks =
        new SyncHooks() {
          @Override
          public void infoAsked(SyncCaller by, Info info, Map<String, String> meta)
              throws SyncRefusal {
            throw SyncRefusal.because("not to " + meta.get("who"));
          }
        };
    try (TestNode node = node().start(hooks)) {
      Cid free = node.give(300_000);
      HttpResponse<byte[]> answer = get(node, "who=them&manifest=" + free, "");
      assertEquals(500, answer.statusCode());
      assertEquals("not to them", text(answer));
    }
  }

  /** From the file of a home to the answer of a peer. */
  @Test
  void givenRulesInTheConfiguration_thenTheyHold() throws Exception {
    List<Block> dag = dag("five");
    Path check = folder.resolve("check");
    Files.writeString(check, "#!/bin/sh\necho asked by $(cut -d, -f1)\nexit 1\n");
    assertTrue(check.toFile().setExecutable(true));
    TestNode configured =
        node()
            .with("SLUICE_DSYNC_DENY_ROOTS", dag.getFirst().cid().toString())
            .with("SLUICE_DSYNC_ASK", check.toString())
            .with("SLUICE_DSYNC_ASK_ABOUT", "removal-asked");
    try (TestNode node = configured.start();
        NodeService commands = node.commands()) {
      String token = "Bearer " + grant(commands, "token", true, true, true).token().orElseThrow();
      Manifest manifest = new Manifest(dag.stream().map(Block::cid).toList(), List.of());
      HttpResponse<byte[]> pushed =
          ask(node, "POST", "", token, InfoJson.encode(Info.of(manifest)));
      assertEquals(400, pushed.statusCode());
      assertEquals("dsync is not for %s here".formatted(dag.getFirst().cid()), text(pushed));

      Cid free = node.give(300_000);
      assertEquals(200, get(node, "block=" + free, token).statusCode());
      HttpResponse<byte[]> removed = ask(node, "DELETE", "cid=" + free, token, new byte[0]);
      assertEquals(500, removed.statusCode());
      assertEquals("asked by {\"hook\":\"removal-asked\"", text(removed));
    }
  }

  @Test
  void givenManifestThatLeavesSomethingOut_thenNotCompleted() throws Exception {
    List<Block> dag = dag("five");
    byte[] info = InfoJson.encode(Info.of(new Manifest(List.of(dag.getFirst().cid()), List.of())));
    try (TestNode node = node().start();
        NodeService commands = node.commands()) {
      String token = "Bearer " + grant(commands, "token", true, false, false).token().orElseThrow();
      HttpResponse<byte[]> begun = ask(node, "POST", "pin=true", token, info);
      String sid = begun.headers().firstValue("sid").orElseThrow();
      byte[] car = TestJson.resource(TestJson.class, "dsync/five.car");

      assertEquals(400, ask(node, "PUT", "sid=" + sid, token, car).statusCode());

      HttpResponse<byte[]> answer = put(node, sid, token, dag.getFirst());
      assertEquals(500, answer.statusCode());
      assertTrue(commands.contents().isEmpty());
    }
  }

  @Test
  void givenPeer_thenServedByItsGrantAndItsRule_overLibp2p() throws Exception {
    try (TestNode node = node().start();
        NodeService commands = node.commands();
        Host peer = Libp2pHost.start(HostConfig.of(Identity.generate(new SecureRandom())))) {
      Cid sold = node.offer(300_000, PRICE);
      DsyncMessage priced = ask(node, peer, DsyncMessage.GET_BLOCK, Map.of("cid", "" + sold));
      assertTrue(priced.header(DsyncMessage.ERROR).contains(PRICE_TEXT));
      assertFalse(priced.body().hasRemaining());
      DsyncMessage noInfo = ask(node, peer, DsyncMessage.GET_INFO, Map.of("cid", "" + sold));
      assertTrue(noInfo.header(DsyncMessage.ERROR).contains(PRICE_TEXT));

      grant(commands, peer.id().toString(), false, true, false);
      DsyncMessage read = ask(node, peer, DsyncMessage.GET_INFO, Map.of("cid", "" + sold));
      Info info = InfoCbor.decode(bytes(read.body()), ManifestLimits.DEFAULT);
      assertEquals(sold, info.manifest().root().orElseThrow());
      DsyncMessage block = ask(node, peer, DsyncMessage.GET_BLOCK, Map.of("cid", "" + sold));
      assertTrue(sold.matches(block.body()));
      assertEquals(DsyncMessage.RESPONSE, block.header(DsyncMessage.PHASE));

      List<Block> dag = dag("five");
      Manifest manifest = new Manifest(dag.stream().map(Block::cid).toList(), List.of());
      byte[] pushed = InfoCbor.encode(Info.of(manifest));
      Map<String, String> begin = Map.of("phase", "request", "pin", "false");
      assertEquals(
          DsyncNames.PUSH_NOT_ACCEPTED,
          ask(node, peer, DsyncMessage.NEW_RECEIVE, begin, pushed).header(DsyncMessage.ERROR));
      commands.allowReceiving(
          new Requests.ReceiveRequest(peer.id().toString(), Optional.empty(), true));
      DsyncMessage begun = ask(node, peer, DsyncMessage.NEW_RECEIVE, begin, pushed);
      assertEquals(manifest, InfoCbor.decodeManifest(bytes(begun.body()), ManifestLimits.DEFAULT));
      for (Block each : dag) {
        Map<String, String> headers =
            Map.of("phase", "request", "sid", begun.header("sid"), "cid", "" + each.cid());
        DsyncMessage wrong = ask(node, peer, DsyncMessage.RECEIVE_BLOCK, headers, new byte[] {1});
        assertEquals(DsyncMessage.ERRORED, wrong.header(DsyncMessage.STATUS));
        DsyncMessage taken = ask(node, peer, DsyncMessage.RECEIVE_BLOCK, headers, bytes(each));
        assertEquals(DsyncMessage.OK, taken.header(DsyncMessage.STATUS));
      }
      assertTrue(
          commands.contents().stream()
              .anyMatch(content -> content.cid().equals(dag.getFirst().cid().toString())));
      assertEquals(
          DsyncNames.REMOVE_NOT_SUPPORTED,
          ask(node, peer, DsyncMessage.REMOVE, Map.of("cid", "" + sold))
              .header(DsyncMessage.ERROR));
      assertTrue(
          ask(node, peer, "unheard_of", Map.of("phase", "request"))
              .header(DsyncMessage.ERROR)
              .contains("unheard_of"));
    }
  }

  @Test
  void givenNothingToGrant_orNobody_thenSaidSo() throws Exception {
    try (TestNode node = node().start();
        NodeService commands = node.commands()) {
      assertEquals(
          ErrorCode.USAGE,
          assertThrows(ServiceException.class, () -> grant(commands, "token", false, false, false))
              .code());
      assertEquals(
          ErrorCode.BAD_ADDRESS,
          assertThrows(ServiceException.class, () -> grant(commands, "nobody", true, false, false))
              .code());
      assertEquals(
          ErrorCode.NOT_GRANTED,
          assertThrows(ServiceException.class, () -> commands.revoke("nobody")).code());
    }
  }

  private static DsyncMessage ask(
      TestNode node, Host peer, String type, Map<String, String> headers) throws IOException {
    return ask(node, peer, type, headers, new byte[0]);
  }

  private static DsyncMessage ask(
      TestNode node, Host peer, String type, Map<String, String> headers, byte[] body)
      throws IOException {
    Multiaddr address = Multiaddr.parse(node.address());
    try (Stream stream =
        peer.open(
            address.peerId().orElseThrow(),
            List.of(address.withoutPeer()),
            List.of(DsyncNames.PROTOCOL))) {
      DsyncMessage request =
          new DsyncMessage(
              type, "0123456789", peer.id().toString(), headers, ByteBuffer.wrap(body));
      stream.write(ByteBuffer.wrap(DsyncMessages.encode(request)));
      DsyncMessage answer = DsyncMessages.read(stream, 1 << 20).orElseThrow();
      assertEquals(request.id(), answer.id());
      assertEquals(type, answer.type());
      return answer;
    }
  }

  private static List<Block> dag(String name) throws IOException {
    byte[] car = TestJson.resource(TestJson.class, "dsync/" + name + ".car");
    List<Block> blocks = new ArrayList<>();
    try (CarReader in =
        CarReader.open(Channels.newChannel(new ByteArrayInputStream(car)), CarLimits.DEFAULT)) {
      for (Optional<CarSection> next = in.next(); next.isPresent(); next = in.next()) {
        blocks.add(next.get().verified());
      }
    }
    return blocks;
  }

  private static byte[] bytes(Block block) {
    return bytes(block.data());
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }
}
