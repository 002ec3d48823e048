package io.sluice.node.sync;

import io.sluice.fsm.CrashPoint;
import io.sluice.protocol.car.CarWriter;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.BlockMissingException;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.multiformats.Cid;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Blocks as an archive, made piece by piece as it is sent: one block is held at a time. Its first
 * block counts as the root. To be gone through once, by one thread at a time.
 */
final class ArchiveBody implements Iterable<byte[]> {
  /** Small, so that a slow connection shows signs of life within a block. */
  private static final int PIECE_BYTES = 64 << 10;

  private final BlockStore store;
  private final List<Cid> blocks;
  private final Moved moved;
  private volatile int sent;
  private volatile @Nullable IOException failure;

  /**
   * @param blocks at least one; all of them here
   * @param moved hears of what is handed out
   */
  ArchiveBody(BlockStore store, List<Cid> blocks, Moved moved) {
    this.store = store;
    this.blocks = blocks;
    this.moved = moved;
  }

  /** Whether all was handed out. */
  boolean isSent() {
    return sent == blocks.size();
  }

  /**
   * Throws what kept a block from being read here: the transport only says that it could not send.
   */
  void check() {
    IOException found = failure;
    if (found != null) {
      throw new UncheckedIOException(found);
    }
  }

  @Override
  public Iterator<byte[]> iterator() {
    return new Pieces();
  }

  private final class Pieces implements Iterator<byte[]> {
    private final Queue<ByteBuffer> ahead = new ArrayDeque<>();
    private int next;
    private int size;

    Pieces() {
      ahead.add(CarWriter.payloadHead(List.of(blocks.getFirst())));
    }

    @Override
    public boolean hasNext() {
      return !ahead.isEmpty() || next < blocks.size();
    }

    @Override
    public byte[] next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      if (ahead.isEmpty()) {
        read(blocks.get(next++));
      }
      ByteBuffer first = ahead.element();
      byte[] piece = new byte[Math.min(PIECE_BYTES, first.remaining())];
      first.get(piece);
      if (!first.hasRemaining()) {
        ahead.remove();
      }
      moved.sign();
      CrashPoint.DSYNC_SENT.reached();
      if (ahead.isEmpty() && next > 0) {
        moved.block(size);
        sent = next;
      }
      return piece;
    }

    private void read(Cid cid) {
      Block block;
      try {
        block = store.get(cid).orElseThrow(() -> new BlockMissingException(cid));
      } catch (IOException e) {
        failure = e;
        throw new UncheckedIOException(e);
      }
      size = block.size();
      ahead.add(CarWriter.sectionHead(cid, size));
      if (size > 0) {
        ahead.add(block.data());
      }
    }
  }
}
