package io.sluice.protocol.ipld;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Codec;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Whatever comes in: a value that is written again as it was, or a {@link ProtocolException};
 * nothing else.
 */
class DecoderFuzzTest {
  private interface Target {
    void run() throws IOException, InterruptedException;
  }

  private static void guarded(Target target) throws IOException, InterruptedException {
    try {
      target.run();
    } catch (ProtocolException refused) {
      assertEquals(refused.code(), refused.code().strip());
    }
  }

  @FuzzTest
  void names(byte[] data) throws Exception {
    String text = new String(data, StandardCharsets.ISO_8859_1);
    guarded(() -> assertArrayEquals(data, Cid.of(data).bytes()));
    guarded(() -> assertEquals(Cid.parse(text), Cid.parse(Cid.parse(text).toString())));
    guarded(() -> assertArrayEquals(data, Multiaddr.of(data).bytes()));
    guarded(
        () ->
            assertEquals(Multiaddr.parse(text), Multiaddr.parse(Multiaddr.parse(text).toString())));
    guarded(() -> assertArrayEquals(data, PeerId.of(data).bytes()));
    guarded(() -> assertEquals(PeerId.parse(text), PeerId.parse(PeerId.parse(text).toString())));
  }

  @FuzzTest
  void dagCbor(byte[] data) throws Exception {
    guarded(() -> DagCbor.decode(ByteBuffer.wrap(data), Limits.BLOCK));
    guarded(
        () ->
            assertArrayEquals(
                data, DagCbor.encode(DagCbor.decodeStrict(ByteBuffer.wrap(data), Limits.BLOCK))));
  }

  @FuzzTest
  void dagPb(byte[] data) throws Exception {
    guarded(
        () -> {
          PbNode node = DagPb.decode(ByteBuffer.wrap(data));
          byte[] written = DagPb.encode(node);
          assertArrayEquals(written, DagPb.encode(DagPb.decode(ByteBuffer.wrap(written))));
          assertEquals(node, PbNode.of(node.toNode()));
        });
  }

  @FuzzTest
  void dagJson(byte[] data) throws Exception {
    guarded(
        () -> {
          byte[] written = DagJson.encode(DagJson.decode(ByteBuffer.wrap(data), Limits.BLOCK));
          assertArrayEquals(
              written, DagJson.encode(DagJson.decode(ByteBuffer.wrap(written), Limits.BLOCK)));
        });
  }

  /**
   * The bytes are a selector, and the block that it is applied to, and every block that it leads
   * to.
   */
  @FuzzTest
  void walks(byte[] data) throws Exception {
    guarded(
        () -> {
          Selector selector = Selector.parse(DagCbor.decode(data));
          WalkBudget budget = new WalkBudget(100, 1 << 20, 10, 100, 10_000);
          for (long codec : new long[] {Codec.DAG_CBOR, Codec.DAG_PB}) {
            Cid root = Cid.sha2_256(codec, ByteBuffer.wrap(data));
            guarded(
                () ->
                    Walk.run(
                        root,
                        selector,
                        visit -> new LoadResult.Loaded(ByteBuffer.wrap(data)),
                        budget));
          }
        });
  }
}
