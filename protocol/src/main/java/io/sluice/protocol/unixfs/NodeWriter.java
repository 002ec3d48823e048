package io.sluice.protocol.unixfs;

import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.ipld.DagPb;
import io.sluice.protocol.ipld.PbNode;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Codec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Hashes nodes and hands them to the store. */
final class NodeWriter {
  private final BlockStore store;
  private final ImportOptions options;

  NodeWriter(BlockStore store, ImportOptions options) {
    this.store = store;
    this.options = options;
  }

  /** Writes an inner node; its sizes are those of the children and its own. */
  Imported write(PbNode node, Collection<Imported> children) throws IOException {
    Block block = block(ByteBuffer.wrap(DagPb.encode(node)));
    store.put(block);
    long content = 0;
    long dag = block.size();
    long blocks = 1;
    for (Imported child : children) {
      content = Math.addExact(content, child.contentBytes());
      dag = Math.addExact(dag, child.dagBytes());
      blocks += child.blocks();
    }
    return new Imported(block.cid(), content, dag, blocks);
  }

  /** Writes a leaf made by {@link #leaf}. */
  Imported write(LeafBlock leaf) throws IOException {
    store.put(leaf.block());
    return new Imported(leaf.block().cid(), leaf.contentBytes(), leaf.block().size(), 1);
  }

  /** Hashes a stretch of a file; on any thread. */
  LeafBlock leaf(ByteBuffer content) {
    return leaf(content, FileAttributes.NONE);
  }

  /** Hashes a whole file. */
  LeafBlock leaf(ByteBuffer content, FileAttributes attributes) {
    if (options.rawLeaves()) {
      return new LeafBlock(Block.of(Codec.RAW, content), content.remaining());
    }
    PbNode node = new PbNode(Optional.of(UnixFsBytes.leaf(content, attributes)), List.of());
    return new LeafBlock(block(ByteBuffer.wrap(DagPb.encode(node))), content.remaining());
  }

  record LeafBlock(Block block, int contentBytes) {}

  private Block block(ByteBuffer encoded) {
    Cid cid = options.inVersion(Cid.sha2_256(Codec.DAG_PB, encoded));
    return new Block(cid, encoded);
  }
}
