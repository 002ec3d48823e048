package io.sluice.protocol.unixfs;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.BlockMissingException;
import io.sluice.protocol.ipld.DagPb;
import io.sluice.protocol.ipld.MemoryBlockStore;
import io.sluice.protocol.ipld.PbLink;
import io.sluice.protocol.ipld.PbNode;
import io.sluice.protocol.multiformats.Codec;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Files and directories of anybody's making: content, entries, BAD_UNIXFS or a missing block. */
class UnixFsFuzzTest {
  private static final ExecutorService HASHING = Executors.newSingleThreadExecutor();

  private interface Read {
    void run() throws IOException;
  }

  private static void guarded(Read read) throws IOException {
    try {
      read.run();
    } catch (ProtocolException
        | BlockMissingException
        | PathNotFoundException refused) { // as it should be
    }
  }

  /** The bytes are a block; or the UnixFS data of one, with links to itself in another form. */
  @FuzzTest
  void content(byte[] bytes) throws IOException {
    MemoryBlockStore store = new MemoryBlockStore();
    Block first = Block.of(Codec.DAG_PB, ByteBuffer.wrap(bytes));
    store.put(first);
    Block second =
        Block.of(
            Codec.DAG_PB,
            ByteBuffer.wrap(
                DagPb.encode(
                    new PbNode(
                        Optional.of(ByteBuffer.wrap(bytes)),
                        List.of(
                            PbLink.of("00a", 1, first.cid()), PbLink.of("01", 1, first.cid()))))));
    store.put(second);
    UnixFsReader reader = new UnixFsReader(store, HASHING);
    for (Block block : List.of(first, second)) {
      guarded(() -> reader.entry(block.cid()));
      guarded(() -> reader.list(block.cid(), entry -> {}));
      guarded(() -> reader.resolve(block.cid(), List.of("a", "b")));
      guarded(() -> reader.target(block.cid()));
      guarded(
          () ->
              reader.copy(
                  block.cid(),
                  new ByteRange(3, 10_000),
                  Channels.newChannel(OutputStream.nullOutputStream())));
    }
  }
}
