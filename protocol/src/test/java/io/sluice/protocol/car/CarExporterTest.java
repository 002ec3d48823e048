package io.sluice.protocol.car;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.BlockMissingException;
import io.sluice.protocol.ipld.DagCbor;
import io.sluice.protocol.ipld.MemoryBlockStore;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Codec;
import io.sluice.protocol.multiformats.Multihash;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

class CarExporterTest {

  private final MemoryBlockStore store = new MemoryBlockStore();
  private final Block leaf = put(Codec.RAW, new byte[] {1});
  private final Block other = put(Codec.RAW, new byte[] {2});
  private final Block middle = list(leaf.cid(), other.cid());
  private final Block root = list(middle.cid(), leaf.cid(), middle.cid());

  @Test
  void givenDag_whenExported_thenEachBlockOnceDepthFirst() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();

    CarContent content = export(out);

    List<Cid> order =
        CarVectorsTest.sections(out.toByteArray(), CarLimits.DEFAULT).stream()
            .map(CarSection::cid)
            .toList();
    assertEquals(List.of(root.cid(), middle.cid(), leaf.cid(), other.cid()), order);
    assertEquals(4, content.blocks());
  }

  @Test
  void givenMissingBlock_whenExported_thenRefusedOrLeftOut() throws IOException {
    store.remove(middle.cid());

    assertThrows(BlockMissingException.class, () -> export(new ByteArrayOutputStream()));
  }

  @Test
  void givenArchive_whenImported_thenItsBlocksAreThereAndFalseOnesRefused() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    export(out);
    byte[] archive = out.toByteArray();
    MemoryBlockStore target = new MemoryBlockStore();
    try (ExecutorService hashing = Executors.newFixedThreadPool(2)) {
      CarContent content = new CarImporter(target, hashing).read(reader(archive));
      assertEquals(List.of(root.cid()), content.roots());
      assertEquals(4, target.count());

      archive[archive.length - 1] ^= 1;
      CarReader damaged = reader(archive);
      ProtocolException refused =
          assertThrows(
              ProtocolException.class,
              () -> new CarImporter(new MemoryBlockStore(), hashing).read(damaged));
      assertEquals(ProtocolException.BLOCK_HASH_MISMATCH, refused.code());
    }
  }

  @Test
  void givenIdentityLinks_whenExported_thenFollowedAndNotWritten() throws IOException {
    Cid inside =
        Cid.v1(
            Codec.DAG_CBOR,
            Multihash.of(Multihash.IDENTITY, DagCbor.encode(Node.list(Node.of(leaf.cid())))));
    store.put(new Block(inside, ByteBuffer.wrap(inside.hash().digest())));
    Block top = list(inside);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (CarWriter writer = CarWriter.v1(Channels.newChannel(out), List.of(top.cid()))) {
      new CarExporter(store).write(List.of(top.cid()), writer);
    }

    assertEquals(
        List.of(top.cid(), leaf.cid()),
        CarVectorsTest.sections(out.toByteArray(), CarLimits.DEFAULT).stream()
            .map(CarSection::cid)
            .toList());
  }

  private CarContent export(ByteArrayOutputStream out) throws IOException {
    try (CarWriter writer = CarWriter.v1(Channels.newChannel(out), List.of(root.cid()))) {
      return new CarExporter(store).write(List.of(root.cid()), writer);
    }
  }

  private static CarReader reader(byte[] archive) throws IOException {
    return CarReader.open(
        Channels.newChannel(new ByteArrayInputStream(archive)), CarLimits.DEFAULT);
  }

  private Block list(Cid... links) {
    Node node = Node.list(java.util.Arrays.stream(links).map(Node::of).toList());
    return put(Codec.DAG_CBOR, DagCbor.encode(node));
  }

  private Block put(long codec, byte[] data) {
    Block block = Block.of(codec, ByteBuffer.wrap(data));
    store.put(block);
    return block;
  }
}
