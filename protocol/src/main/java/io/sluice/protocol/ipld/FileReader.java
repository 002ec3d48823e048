package io.sluice.protocol.ipld;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Codec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads a UnixFS file from where it stands, loading blocks as their bytes are needed and no
 * earlier.
 *
 * <p>Which blocks are loaded, in which order and how often is part of what two peers must agree on.
 * So this follows the readers of go-unixfsnode: the sizes of raw children are their links' sizes,
 * of others the block sizes of the parent; only where those are missing is a child loaded to learn
 * its size. Every new reader of a file loads its blocks again.
 */
sealed interface FileReader {
  /** Files within files that deep are not files. */
  int MAX_NESTING = 256;

  /** A file that can be read any number of times. */
  @FunctionalInterface
  interface Source {
    FileReader reader();
  }

  /**
   * A view of the next bytes, at least one and at most {@code max} of them; null at the end.
   *
   * @throws InterpretationException if a block is missing or malformed
   */
  @Nullable ByteBuffer read(long max)
      throws InterpretationException, IOException, InterruptedException;

  /** The length of the file by what its blocks say of it. */
  long length() throws InterpretationException, IOException, InterruptedException;

  /** Goes on reading at a byte of the file. */
  void seek(long offset) throws InterpretationException, IOException, InterruptedException;

  /**
   * The file whose root block is {@code root}.
   *
   * @throws InterpretationException if it is not one
   */
  static Source of(NodeView root, Interpretation.BlockSource blocks, int nesting)
      throws InterpretationException {
    if (root.node() instanceof Node.Bytes bytes) {
      return () -> new Single(bytes.buffer());
    }
    if (!(root instanceof NodeView.PbRoot(PbNode pb, NodeView.Plain ignored))) {
      throw new InterpretationException("a part of a file that is neither bytes nor dag-pb");
    }
    if (pb.links().isEmpty()) {
      ByteBuffer inline = fields(pb).data().orElse(ByteBuffer.allocate(0));
      return () -> new Single(inline);
    }
    if (nesting == MAX_NESTING) {
      throw new ProtocolException(
          ProtocolException.DEPTH_BUDGET,
          "a file of more than " + MAX_NESTING + " blocks below one another");
    }
    return () -> new Sharded(pb, blocks, nesting);
  }

  private static UnixFsFields fields(PbNode pb) throws InterpretationException {
    if (pb.data().isEmpty()) {
      throw new InterpretationException("a part of a file without data");
    }
    try {
      return UnixFsFields.decode(pb.data().get());
    } catch (ProtocolException e) {
      throw new InterpretationException("a part of a file that is no UnixFS", e);
    }
  }

  /** The bytes of one block. */
  final class Single implements FileReader {
    private final ByteBuffer data;
    private long offset;

    private Single(ByteBuffer data) {
      this.data = data;
    }

    @Override
    public @Nullable ByteBuffer read(long max) {
      if (offset >= data.limit()) {
        return null;
      }
      int size = (int) Math.min(max, data.limit() - offset);
      ByteBuffer chunk = data.slice((int) offset, size);
      offset += size;
      return chunk;
    }

    @Override
    public long length() {
      return data.limit();
    }

    @Override
    public void seek(long newOffset) {
      offset = newOffset;
    }
  }

  /** A file beneath a link that is followed when it must. */
  final class Deferred implements FileReader {
    private final Cid cid;
    private final Interpretation.BlockSource blocks;
    private final int nesting;
    private @Nullable FileReader loaded;

    private Deferred(Cid cid, Interpretation.BlockSource blocks, int nesting) {
      this.cid = cid;
      this.blocks = blocks;
      this.nesting = nesting;
    }

    private FileReader loaded() throws InterpretationException, IOException, InterruptedException {
      FileReader reader = loaded;
      if (reader == null) {
        reader = of(blocks.load(cid), blocks, nesting).reader();
        loaded = reader;
      }
      return reader;
    }

    @Override
    public @Nullable ByteBuffer read(long max)
        throws InterpretationException, IOException, InterruptedException {
      return loaded().read(max);
    }

    @Override
    public long length() throws InterpretationException, IOException, InterruptedException {
      return loaded().length();
    }

    @Override
    public void seek(long offset)
        throws InterpretationException, IOException, InterruptedException {
      loaded().seek(offset);
    }
  }

  /** A file of several blocks. */
  final class Sharded implements FileReader {
    private final PbNode pb;
    private final Interpretation.BlockSource blocks;
    private final int nesting;
    private final @Nullable UnixFsFields fields;
    private long offset;
    private @Nullable Deque<FileReader> parts;

    private Sharded(PbNode pb, Interpretation.BlockSource blocks, int nesting) {
      this.pb = pb;
      this.blocks = blocks;
      this.nesting = nesting;
      UnixFsFields known;
      try {
        known = fields(pb);
      } catch (InterpretationException e) {
        known = null; // then sizes come from the children
      }
      this.fields = known;
    }

    @Override
    public @Nullable ByteBuffer read(long max)
        throws InterpretationException, IOException, InterruptedException {
      Deque<FileReader> queue = parts;
      if (queue == null) {
        queue = partsFromOffset();
        parts = queue;
      }
      while (!queue.isEmpty()) {
        ByteBuffer chunk = queue.getFirst().read(max);
        if (chunk != null) {
          offset += chunk.remaining();
          return chunk;
        }
        queue.removeFirst();
      }
      return null;
    }

    private Deque<FileReader> partsFromOffset()
        throws InterpretationException, IOException, InterruptedException {
      Deque<FileReader> queue = new ArrayDeque<>();
      List<PbLink> links = pb.links();
      long at = 0;
      for (int i = 0; i < links.size(); i++) {
        Deferred part = new Deferred(links.get(i).cid(), blocks, nesting + 1);
        long size = size(i, part);
        if (offset >= at + size) {
          at += size;
          continue;
        }
        if (at < offset) {
          part.seek(offset - at);
        }
        at += size;
        queue.add(part);
      }
      return queue;
    }

    /** The size of a part, which is loaded only if neither its link nor this block tells it. */
    private long size(int index, Deferred part)
        throws InterpretationException, IOException, InterruptedException {
      PbLink link = pb.links().get(index);
      if (link.cid().codec() == Codec.RAW) {
        return link.tsize()
            .orElseThrow(() -> new InterpretationException("a link to a raw block without a size"));
      }
      if (fields != null && index < fields.blockSizes().size()) {
        return fields.blockSizes().get(index);
      }
      return part.length();
    }

    @Override
    public long length() throws InterpretationException, IOException, InterruptedException {
      if (fields != null && fields.fileSize().isPresent()) {
        return fields.fileSize().getAsLong();
      }
      long length = 0;
      try {
        for (int i = 0; i < pb.links().size(); i++) {
          length += size(i, new Deferred(pb.links().get(i).cid(), blocks, nesting + 1));
        }
      } catch (InterpretationException e) {
        return 0; // so the readers of Go have it
      }
      return length;
    }

    @Override
    public void seek(long newOffset) {
      offset = newOffset;
      parts = null;
    }
  }
}
