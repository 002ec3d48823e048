package io.sluice.protocol.ipld;

import io.sluice.protocol.TestJson;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Varint;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** The little of CAR that fixtures need; the real reader stands above this package. */
record TestCar(List<Cid> roots, MemoryBlockStore store) {
  static TestCar read(String resource) {
    ByteBuffer file = ByteBuffer.wrap(TestJson.resource(TestCar.class, resource));
    if (section(file.duplicate()).get("version").asInt() == 2) {
      ByteBuffer header = file.duplicate().order(ByteOrder.LITTLE_ENDIAN);
      file = file.slice((int) header.getLong(27), (int) header.getLong(35));
    }
    List<Cid> roots = new ArrayList<>();
    section(file).get("roots").asList().forEach(root -> roots.add(root.asLink()));
    MemoryBlockStore store = new MemoryBlockStore();
    while (file.hasRemaining()) {
      ByteBuffer section = bytes(file);
      Cid cid = Cid.read(section);
      store.put(Block.verified(cid, section));
    }
    return new TestCar(roots, store);
  }

  private static Node section(ByteBuffer in) {
    return DagCbor.decode(bytes(in), Limits.MESSAGE);
  }

  private static ByteBuffer bytes(ByteBuffer in) {
    int length = (int) Varint.read(in);
    ByteBuffer bytes = in.slice(in.position(), length);
    in.position(in.position() + length);
    return bytes;
  }
}
