package io.sluice.fsm.sync;

import static io.sluice.protocol.ipld.NodeCodec.BOOL;
import static io.sluice.protocol.ipld.NodeCodec.LONG;
import static io.sluice.protocol.ipld.NodeCodec.MILLIS;
import static io.sluice.protocol.ipld.NodeCodec.TEXT;

import io.sluice.protocol.ipld.MapCodec;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.ipld.NodeCodec;
import io.sluice.protocol.multiformats.Cid;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A push by dsync, as the node that takes it remembers it.
 *
 * @param from the name of who pushes
 * @param max most bytes that it may bring
 * @param pin whether it is to stay until it is removed
 * @param meta what the sender's application says beside it
 * @param nodes the blocks that it is made of, the root first
 * @param deadline when its time is over
 * @param bytes that came
 */
public record ReceivedDag(
    String from,
    Optional<Long> max,
    boolean pin,
    SortedMap<String, String> meta,
    List<Cid> nodes,
    Instant deadline,
    long bytes) {
  private static final NodeCodec<SortedMap<String, String>> META =
      NodeCodec.of(ReceivedDag::encodeMeta, ReceivedDag::decodeMeta);

  /** One behind the other: a CID says itself how long it is. */
  private static final NodeCodec<List<Cid>> NODES =
      NodeCodec.bytes(ReceivedDag::encodeNodes, ReceivedDag::decodeNodes);

  static final MapCodec<ReceivedDag> CODEC =
      MapCodec.of(
          f ->
              new ReceivedDag(
                  f.get("From", TEXT, ReceivedDag::from),
                  f.find("Max", LONG, ReceivedDag::max),
                  f.get("Pin", BOOL, ReceivedDag::pin),
                  f.get("Meta", META, ReceivedDag::meta),
                  f.get("Nodes", NODES, ReceivedDag::nodes),
                  f.get("Deadline", MILLIS, ReceivedDag::deadline),
                  f.get("Bytes", LONG, ReceivedDag::bytes)));

  /** Copies what it is given. */
  public ReceivedDag {
    meta = Collections.unmodifiableSortedMap(new TreeMap<>(meta));
    nodes = List.copyOf(nodes);
  }

  ReceivedDag came(ReceiveInput input) {
    return new ReceivedDag(from, max, pin, meta, nodes, deadline, bytes + input.bytes());
  }

  private static Node encodeMeta(Map<String, String> meta) {
    Node.MapBuilder map = Node.map();
    meta.forEach(map::put);
    return map.build();
  }

  private static SortedMap<String, String> decodeMeta(Node node) {
    SortedMap<String, String> meta = new TreeMap<>();
    Node.Map map = node.asMap();
    for (int i = 0; i < map.size(); i++) {
      meta.put(map.key(i).string(), map.value(i).asText());
    }
    return meta;
  }

  private static byte[] encodeNodes(List<Cid> nodes) {
    ByteBuffer bytes = ByteBuffer.allocate(nodes.stream().mapToInt(Cid::size).sum());
    nodes.forEach(cid -> cid.write(bytes));
    return bytes.array();
  }

  private static List<Cid> decodeNodes(byte[] bytes) {
    List<Cid> nodes = new ArrayList<>();
    for (ByteBuffer in = ByteBuffer.wrap(bytes); in.hasRemaining(); ) {
      nodes.add(Cid.read(in));
    }
    return nodes;
  }
}
