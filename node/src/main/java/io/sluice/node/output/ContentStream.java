package io.sluice.node.output;

import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.ServiceException;
import io.sluice.protocol.car.CarWriter;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.ipld.LoadResult;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.ipld.Selector;
import io.sluice.protocol.ipld.Walk;
import io.sluice.protocol.ipld.WalkBudget;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.CidSet;
import io.sluice.protocol.unixfs.ByteRange;
import io.sluice.protocol.unixfs.UnixFsEntry;
import io.sluice.protocol.unixfs.UnixFsReader;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.WritableByteChannel;
import java.util.List;
import java.util.Optional;

/** Content that is written to something which takes bytes and no names. */
public final class ContentStream {
  private ContentStream() {}

  /** One file, without a name: a folder has no place in a stream. */
  public static long file(UnixFsReader reader, Cid cid, WritableByteChannel out)
      throws IOException, ServiceException {
    if (reader.entry(cid).kind() != UnixFsEntry.EntryKind.FILE) {
      throw new ServiceException(
          ErrorCode.USAGE,
          "%s is a folder or a link, which a stream has no form for; add --car, or name a file with -o"
              .formatted(cid));
    }
    return reader.copy(cid, ByteRange.ALL, out);
  }

  /** What a selector leads to, and no more, whatever else is here. */
  static long selected(BlockStore blocks, Cid root, Node selector, WritableByteChannel out)
      throws IOException {
    CarWriter archive = CarWriter.v1(out, List.of(root));
    CidSet written = new CidSet();
    try {
      Walk.run(
          root,
          Selector.parse(selector),
          visit -> load(blocks, visit.cid(), written, archive),
          WalkBudget.DEFAULT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
    return archive.length();
  }

  private static LoadResult load(BlockStore blocks, Cid cid, CidSet written, CarWriter archive)
      throws IOException {
    Optional<Block> block = blocks.get(cid);
    if (block.isEmpty()) {
      return new LoadResult.Skip();
    }
    if (!cid.isIdentity() && written.add(cid)) {
      archive.write(block.get());
    }
    return new LoadResult.Loaded(block.get().data());
  }
}
