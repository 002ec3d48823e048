package io.sluice.protocol.graphsync;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.protocol.TestJson;
import io.sluice.protocol.graphsync.endpoint.Graphsync;
import io.sluice.protocol.graphsync.wire.Extensions;
import io.sluice.protocol.graphsync.wire.GraphsyncMessage;
import io.sluice.protocol.graphsync.wire.GsRequest;
import io.sluice.protocol.graphsync.wire.RequestId;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.DagCbor;
import io.sluice.protocol.ipld.MemoryBlockStore;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * What a responder says for skip counts, lists of unwanted blocks and missing blocks, computed
 * elsewhere.
 */
class ResponderScenariosTest {

  private static final Map<String, Object> FILE =
      TestJson.read(
          ResponderScenariosTest.class, "/io/sluice/protocol/graphsync/responder-scenarios.json");

  private final Map<String, Block> blocks = new HashMap<>();
  private final Map<Cid, String> names = new HashMap<>();

  ResponderScenariosTest() {
    TestJson.map(FILE.get("blocks"))
        .forEach(
            (name, value) -> {
              Cid cid = Cid.parse((String) TestJson.map(value).get("cid"));
              ByteBuffer data = ByteBuffer.wrap(TestJson.hex(TestJson.map(value).get("dataHex")));
              blocks.put(name, Block.verified(cid, data));
              names.put(cid, name);
            });
  }

  @TestFactory
  Stream<DynamicTest> scenarios() {
    return TestJson.list(FILE.get("scenarios")).stream()
        .map(TestJson::map)
        .map(each -> DynamicTest.dynamicTest((String) each.get("name"), () -> play(each)));
  }

  private void play(Map<String, Object> scenario) throws Exception {
    MemoryBlockStore store = new MemoryBlockStore();
    blocks.values().forEach(store::put);
    TestJson.list(scenario.get("missingAtResponder"))
        .forEach(name -> store.remove(blocks.get(name).cid()));
    MemoryNetwork network = new MemoryNetwork();
    MemoryNetwork.MemoryHost responder = network.host(1);
    ScriptedPeer peer = new ScriptedPeer(network.host(2));
    try (Graphsync endpoint =
        Graphsync.start(
            responder, GraphsyncConfig.defaults(), request -> RequestDecision.accept(store))) {
      RequestId id = new RequestId(1, 2);
      peer.say(responder.id(), GraphsyncMessage.of(request(id, scenario)));
      ScriptedPeer.Answer answer = peer.answer(id);

      assertEquals(
          TestJson.list(scenario.get("metadata")),
          answer.metadata.stream()
              .map(entry -> List.<Object>of(names.get(entry.link()), entry.action().wire()))
              .toList());
      assertEquals(
          TestJson.list(scenario.get("blocksSentInOrder")),
          answer.blocks.stream().<Object>map(names::get).toList());
      assertEquals(((BigDecimal) scenario.get("finalStatus")).intValue(), answer.status.code());
      while (endpoint.stats().queuedBytes() != 0) {
        Thread.onSpinWait(); // given back once the write has returned
      }
    }
  }

  private GsRequest request(RequestId id, Map<String, Object> scenario) {
    Map<String, Node> extensions = new LinkedHashMap<>();
    long skip = ((BigDecimal) scenario.get("doNotSendFirstBlocks")).longValue();
    if (skip > 0) {
      extensions.put(Extensions.DO_NOT_SEND_FIRST_BLOCKS, Node.of(skip));
    }
    List<Object> unwanted = TestJson.list(scenario.get("doNotSendCids"));
    if (!unwanted.isEmpty()) {
      extensions.put(
          Extensions.DO_NOT_SEND_CIDS,
          Node.list(unwanted.stream().map(name -> Node.of(blocks.get(name).cid())).toList()));
    }
    Node selector = DagCbor.decode(TestJson.hex(FILE.get("selector")));
    return GsRequest.asking(id, blocks.get("R").cid(), selector, 0, extensions);
  }
}
