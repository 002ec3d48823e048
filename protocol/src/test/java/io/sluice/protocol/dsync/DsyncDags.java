package io.sluice.protocol.dsync;

import io.sluice.protocol.TestJson;
import io.sluice.protocol.car.CarLimits;
import io.sluice.protocol.car.CarReader;
import io.sluice.protocol.car.CarSection;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.DagCbor;
import io.sluice.protocol.ipld.MemoryBlockStore;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Codec;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The DAGs of the vectors, and some that are made up. */
final class DsyncDags {
  private DsyncDags() {}

  /** The lines of the vectors that have a member. */
  static List<Map<String, Object>> lines(String member) {
    return TestJson.readLines(DsyncDags.class, "dags.jsonl").stream()
        .filter(line -> line.containsKey(member))
        .toList();
  }

  static MemoryBlockStore load(String name) throws IOException {
    MemoryBlockStore store = new MemoryBlockStore();
    byte[] car = TestJson.resource(DsyncDags.class, name + ".car");
    try (CarReader in =
        CarReader.open(Channels.newChannel(new ByteArrayInputStream(car)), CarLimits.DEFAULT)) {
      for (Optional<CarSection> next = in.next(); next.isPresent(); next = in.next()) {
        store.put(next.get().verified());
      }
    }
    return store;
  }

  static Block raw(String text) {
    return Block.of(Codec.RAW, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
  }

  /** A dag-cbor block that links to others, in this order. */
  static Block list(List<Cid> targets) {
    return Block.of(
        Codec.DAG_CBOR,
        ByteBuffer.wrap(DagCbor.encode(Node.list(targets.stream().map(Node::of).toList()))));
  }
}
