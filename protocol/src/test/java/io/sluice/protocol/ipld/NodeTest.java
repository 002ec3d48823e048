package io.sluice.protocol.ipld;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Codec;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NodeTest {
  private static final Cid CID = Cid.sha2_256(Codec.RAW, ByteBuffer.allocate(0));

  @Test
  void fields() {
    Node.MapBuilder builder =
        Node.map().put("n", 1).put("t", "x").put("y", true).put("b", new byte[] {1});
    Node node =
        builder
            .put("l", CID)
            .put("absent", Optional.empty())
            .put("null", Node.ofNull())
            .put("d", Node.of(0.5))
            .build();

    assertEquals(1, node.get("n").asInt());
    assertEquals("x", node.get("t").asText());
    assertTrue(node.get("y").asBoolean());
    assertEquals(ByteBuffer.wrap(new byte[] {1}), node.get("b").asBytes());
    assertEquals(CID, node.get("l").asLink());
    assertEquals(0.5, node.get("d").asDouble());
    assertEquals(Optional.empty(), node.find("absent"));
    assertEquals(Optional.empty(), node.findNonNull("null"));
    assertTrue(node.get("null").isNull());
    assertEquals(
        "DECODE_SCHEMA", assertThrows(ProtocolException.class, () -> node.get("absent")).code());
    assertThrows(IllegalArgumentException.class, () -> builder.put("n", 2));
  }

  @Test
  void wrongKinds() {
    Node node = Node.of(-1);
    assertThrows(ProtocolException.class, node::asUnsignedLong);
    assertThrows(ProtocolException.class, node::asText);
    assertThrows(ProtocolException.class, node::asBytes);
    assertThrows(ProtocolException.class, node::asByteArray);
    assertThrows(ProtocolException.class, node::asLink);
    assertThrows(ProtocolException.class, node::asMap);
    assertThrows(ProtocolException.class, node::asList);
    assertThrows(ProtocolException.class, node::asBoolean);
    assertThrows(ProtocolException.class, node::asDouble);
    assertThrows(ProtocolException.class, () -> node.get("x"));
    assertThrows(ProtocolException.class, () -> Node.of("x").asLong());
    assertThrows(ProtocolException.class, () -> Node.of("x").asBigInteger());
    assertThrows(ProtocolException.class, () -> Node.of(1L << 40).asInt());
  }

  @Test
  void largeMapsFindTheirKeys() {
    Node.MapBuilder builder = Node.map();
    for (int i = 0; i < 100; i++) {
      builder.put("key" + i, i);
    }
    Node.Map map = builder.build();

    for (int i = 0; i < 100; i++) {
      assertEquals(i, map.get("key" + i).asInt());
    }
    assertEquals(Optional.empty(), map.find("key100"));
    assertEquals("key0", map.entries().getFirst().getKey().string());
  }

  @Test
  void comparedByContentAndOrder() {
    assertEquals(
        Node.map().put("a", 1).put("b", 2).build(), Node.map().put("a", 1).put("b", 2).build());
    assertNotEquals(
        Node.map().put("a", 1).put("b", 2).build(), Node.map().put("b", 2).put("a", 1).build());
    assertEquals(
        Node.of(new byte[] {1}), Node.of(ByteBuffer.allocateDirect(1).put((byte) 1).flip()));
    assertEquals(Node.of("x").hashCode(), Node.Text.ofBytes(new byte[] {'x'}).hashCode());
  }

  @Test
  void blocks() throws Exception {
    ByteBuffer data = ByteBuffer.wrap(new byte[] {1, 2, 3});
    Block block = Block.of(Codec.RAW, data);
    assertEquals(3, block.size());
    assertEquals(block, Block.verified(block.cid(), data));
    assertEquals(
        "BLOCK_HASH_MISMATCH",
        assertThrows(ProtocolException.class, () -> Block.verified(CID, data)).code());

    MemoryBlockStore store = new MemoryBlockStore();
    store.put(block);
    store.put(block);
    Cid other = Cid.v1(Codec.DAG_CBOR, block.cid().hash());
    assertEquals(1, store.count());
    assertTrue(store.has(other));
    assertEquals(other, store.get(other).orElseThrow().cid());
    assertEquals(3, store.size(other).orElseThrow());
    store.remove(other);
    assertEquals(Optional.empty(), store.get(block.cid()));
  }
}
