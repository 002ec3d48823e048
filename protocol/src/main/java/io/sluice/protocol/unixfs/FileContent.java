package io.sluice.protocol.unixfs;

import io.sluice.protocol.OrderedTasks;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.PbLink;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Codec;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Reads a file, or a stretch of one, from front to end: blocks outside are not loaded, raw leaves
 * are loaded side by side. For one reading.
 */
final class FileContent {
  /** Files are trees of a few levels, even very large ones. */
  private static final int MOST_DEPTH = 128;

  /** Parts of unknown size that turned out empty: a few blocks can make endless many. */
  private static final int MOST_EMPTY = 1 << 16;

  private final RequiredBlocks blocks;
  private final ByteRange range;
  private final OrderedTasks<ByteBuffer> parts;
  private int empty;

  FileContent(RequiredBlocks blocks, ByteRange range, OrderedTasks<ByteBuffer> parts) {
    this.blocks = blocks;
    this.range = range;
    this.parts = parts;
  }

  /** Hands on the part of a node's content that lies in the range. */
  void read(UnixFsNode node, Cid cid) throws IOException {
    var unused = read(node, cid, 0, 0);
  }

  /** Returns where its content ends. */
  private long read(UnixFsNode node, Cid cid, long start, int depth) throws IOException {
    if (depth > MOST_DEPTH) {
      throw BadUnixFs.because("file of more than " + MOST_DEPTH + " levels");
    }
    return switch (node) {
      case UnixFsNode.Leaf leaf -> {
        emit(leaf.content(), start);
        yield start + leaf.content().remaining();
      }
      case UnixFsNode.Inner inner -> {
        emit(inner.inline(), start);
        for (int i = 0; i < inner.links().size(); i++) {
          child(inner.links().get(i), start + inner.start(i), start + inner.ends().get(i), depth);
        }
        yield start + inner.size();
      }
      case UnixFsNode.Unsized unsized -> oneByOne(unsized, cid, start, depth);
      default -> throw BadUnixFs.because(cid + " is not part of a file");
    };
  }

  private long oneByOne(UnixFsNode.Unsized node, Cid cid, long start, int depth)
      throws IOException {
    emit(node.inline(), start);
    long at = start + node.inline().remaining();
    for (PbLink link : node.links()) {
      if (at >= range.to()) {
        return at; // the rest is of no interest, however long
      }
      long end = read(blocks.node(link.cid()), link.cid(), at, depth + 1);
      if (end == at && ++empty > MOST_EMPTY) {
        throw BadUnixFs.because("file of more than " + MOST_EMPTY + " empty parts");
      }
      at = end;
    }
    checkSize(cid, at - start, node.size().orElse(at - start));
    return at;
  }

  /** Children without content are not even loaded: nothing stops a DAG from having endless many. */
  private void child(PbLink link, long start, long end, int depth) throws IOException {
    if (start == end || !range.touches(start, end)) {
      return;
    }
    Cid cid = link.cid();
    if (cid.codec() == Codec.RAW) {
      parts.submit(
          () -> {
            Block block = blocks.get(cid);
            checkSize(cid, block.size(), end - start);
            return cut(block.data(), start);
          });
      return;
    }
    UnixFsNode node = blocks.node(cid);
    if (!(node instanceof UnixFsNode.Unsized)) {
      checkSize(cid, size(node), end - start);
    }
    long read = read(node, cid, start, depth + 1) - start;
    if (start + read < range.to()) {
      checkSize(cid, read, end - start);
    }
  }

  private void emit(ByteBuffer content, long start) throws IOException {
    if (content.hasRemaining() && range.touches(start, start + content.remaining())) {
      ByteBuffer part = cut(content, start);
      parts.submit(() -> part);
    }
  }

  private ByteBuffer cut(ByteBuffer content, long start) {
    int from = (int) Math.max(0, range.from() - start);
    int to = (int) Math.min(content.remaining(), range.to() - start);
    return content.slice(content.position() + from, to - from);
  }

  static long size(UnixFsNode node) {
    return switch (node) {
      case UnixFsNode.Leaf leaf -> leaf.content().remaining();
      case UnixFsNode.Inner inner -> inner.size();
      case UnixFsNode.Unsized unsized -> unsized.size().orElse(0);
      case UnixFsNode.Symlink link -> link.target().remaining();
      case UnixFsNode.Directory directory -> 0;
      case UnixFsNode.Shard shard -> 0;
    };
  }

  private static void checkSize(Cid cid, long size, long stated) {
    if (size != stated) {
      throw BadUnixFs.because(
          cid + " has " + size + " bytes of content, the node above says " + stated);
    }
  }
}
