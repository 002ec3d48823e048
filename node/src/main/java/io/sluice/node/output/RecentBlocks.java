package io.sluice.node.output;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.ipld.ForwardingBlockStore;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Multihash;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A store that has at hand what was put last. Who writes content out while it is received takes
 * each block from here, where it is as it was verified, instead of reading it back from the disk
 * and hashing it again. Safe for any number of threads.
 */
public final class RecentBlocks extends ForwardingBlockStore {
  private final long most;

  /** In the order of being put. */
  @GuardedBy("this")
  private final Map<Multihash, ByteBuffer> recent = new LinkedHashMap<>();

  @GuardedBy("this")
  private long bytes;

  /**
   * @param most so many bytes are kept at hand
   */
  public RecentBlocks(BlockStore store, long most) {
    super(store);
    this.most = most;
  }

  @Override
  public Optional<Block> get(Cid cid) throws IOException {
    Optional<ByteBuffer> here = recent(cid.hash());
    return here.isPresent() ? here.map(data -> new Block(cid, data)) : store.get(cid);
  }

  /**
   * The same store for one who reads each block once, as a writer of content does: what it has read
   * is not kept at hand for longer, so that only what it is behind takes memory.
   */
  public BlockStore readOnce() {
    return new ForwardingBlockStore(this) {
      @Override
      public Optional<Block> get(Cid cid) throws IOException {
        Optional<Block> block = store.get(cid);
        forget(cid.hash());
        return block;
      }
    };
  }

  private synchronized void forget(Multihash hash) {
    ByteBuffer known = recent.remove(hash);
    if (known != null) {
      bytes -= known.remaining();
    }
  }

  private synchronized Optional<ByteBuffer> recent(Multihash hash) {
    return Optional.ofNullable(recent.get(hash));
  }

  @Override
  public void put(Block block) throws IOException {
    store.put(block);
    remember(block); // afterwards: what the disk did not take is not here
  }

  private synchronized void remember(Block block) {
    if (recent.putIfAbsent(block.cid().hash(), block.data()) == null) {
      bytes += block.size();
    }
    var oldest = recent.values().iterator();
    while (bytes > most) {
      bytes -= oldest.next().remaining();
      oldest.remove();
    }
  }
}
