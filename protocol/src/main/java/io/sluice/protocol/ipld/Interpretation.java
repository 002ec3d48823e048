package io.sluice.protocol.ipld;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.multiformats.Cid;
import java.io.IOException;

/**
 * The other forms that a selector can ask a node to be seen in: {@code unixfs}, and {@code
 * unixfs-preload}, which loads all blocks of a file or directory at once.
 */
final class Interpretation {
  private static final String LAZY = "unixfs";
  private static final String PRELOAD = "unixfs-preload";

  private Interpretation() {}

  /** Where an interpretation gets further blocks from: the walk it is part of. */
  @FunctionalInterface
  interface BlockSource {
    /**
     * Loads a block.
     *
     * @throws InterpretationException if it is missing or not of its codec
     */
    NodeView load(Cid cid) throws InterpretationException, IOException, InterruptedException;
  }

  /** The node in a form; nodes other than the roots of dag-pb blocks stay as they are. */
  static NodeView of(NodeView node, String form, BlockSource blocks)
      throws InterpretationException, IOException, InterruptedException {
    if (!form.equals(LAZY) && !form.equals(PRELOAD)) {
      throw new ProtocolException(
          ProtocolException.SELECTOR_INVALID, "an interpretation unknown here");
    }
    if (!(node instanceof NodeView.PbRoot root)) {
      return node;
    }
    PbNode pb = root.pb();
    if (pb.data().isEmpty()) {
      return new NodeView.NamedLinks(pb);
    }
    UnixFsFields fields;
    try {
      fields = UnixFsFields.decode(pb.data().get());
    } catch (ProtocolException e) {
      return new NodeView.NamedLinks(pb); // dag-pb that is no UnixFS
    }
    boolean preload = form.equals(PRELOAD);
    // Not a switch: these are longs.
    if (fields.type() == UnixFsFields.FILE || fields.type() == UnixFsFields.RAW) {
      NodeView.FileBytes file = new NodeView.FileBytes(pb, FileReader.of(root, blocks, 0));
      if (preload && fields.type() == UnixFsFields.FILE) {
        file.read(Clause.Match.WHOLE, chunk -> {});
      }
      return file;
    } else if (fields.type() == UnixFsFields.HAMT_SHARD) {
      ShardedDirectory directory = ShardedDirectory.of(pb, fields, blocks);
      if (preload) {
        directory.loadAll(0);
      }
      return directory;
    } else if (fields.type() == UnixFsFields.DIRECTORY
        || fields.type() == UnixFsFields.METADATA
        || fields.type() == UnixFsFields.SYMLINK) {
      return new NodeView.NamedLinks(pb);
    }
    throw new InterpretationException("UnixFS of type " + fields.type());
  }
}
