package io.sluice.protocol.unixfs;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.DagPb;
import io.sluice.protocol.ipld.PbLink;
import io.sluice.protocol.ipld.PbNode;
import io.sluice.protocol.ipld.UnixFsFields;
import io.sluice.protocol.multiformats.Codec;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** One block of a file or a directory, decoded and checked for what can be checked in it alone. */
sealed interface UnixFsNode {
  /** Bytes without links, as they lie in the block. */
  record Leaf(ByteBuffer content) implements UnixFsNode {}

  /** An inner node of a file; {@code ends.get(i)} is where the content below link i ends. */
  record Inner(ByteBuffer inline, List<PbLink> links, List<Long> ends) implements UnixFsNode {
    long size() {
      return ends.isEmpty() ? inline.remaining() : ends.getLast();
    }

    long start(int link) {
      return link == 0 ? inline.remaining() : ends.get(link - 1);
    }
  }

  /**
   * An inner node of a file that does not say how much lies below each link, as old writers left
   * it; only reading tells.
   *
   * @param size of the whole content, if it says that
   */
  record Unsized(ByteBuffer inline, List<PbLink> links, OptionalLong size) implements UnixFsNode {}

  /** A directory in one block; a dag-pb node without data counts as one. */
  record Directory(List<PbLink> links) implements UnixFsNode {}

  /** A part of a sharded directory. */
  record Shard(Hamt hamt, ByteBuffer bitfield, List<PbLink> links) implements UnixFsNode {}

  /** A symbolic link. */
  record Symlink(ByteBuffer target) implements UnixFsNode {}

  /**
   * Decodes a block.
   *
   * @throws ProtocolException {@code BAD_UNIXFS}
   */
  static UnixFsNode of(Block block) {
    if (block.cid().codec() == Codec.RAW) {
      return new Leaf(block.data());
    }
    if (block.cid().codec() != Codec.DAG_PB) {
      throw BadUnixFs.because(block.cid() + " is of codec " + Codec.name(block.cid().codec()));
    }
    try {
      PbNode pb = DagPb.decode(block.data());
      return pb.data().isEmpty()
          ? new Directory(pb.links())
          : of(pb, UnixFsFields.decode(pb.data().get()));
    } catch (ProtocolException e) {
      throw BadUnixFs.because(block.cid().toString(), e);
    }
  }

  /** What a block that is one keeps beside the content. */
  static FileAttributes attributes(Block block) {
    return block.cid().codec() == Codec.RAW
        ? FileAttributes.NONE
        : DagPb.decode(block.data())
            .data()
            .map(UnixFsFields::decode)
            .map(FileAttributes::of)
            .orElse(FileAttributes.NONE);
  }

  private static UnixFsNode of(PbNode pb, UnixFsFields fields) {
    ByteBuffer data = fields.data().orElseGet(() -> ByteBuffer.allocate(0));
    long type = fields.type();
    if (type == UnixFsFields.FILE || type == UnixFsFields.RAW) {
      return file(pb, fields, data);
    } else if (type == UnixFsFields.DIRECTORY) {
      return new Directory(pb.links());
    } else if (type == UnixFsFields.HAMT_SHARD) {
      if (fields.hashType().orElse(0) != Hamt.MURMUR3) {
        throw BadUnixFs.because("shard by hash function " + fields.hashType());
      }
      return new Shard(Hamt.of(fields.fanout().orElse(0)), data, pb.links());
    } else if (type == UnixFsFields.SYMLINK) {
      return new Symlink(data);
    }
    throw BadUnixFs.because("type " + type);
  }

  private static UnixFsNode file(PbNode pb, UnixFsFields fields, ByteBuffer inline) {
    List<Long> sizes = fields.blockSizes();
    if (sizes.isEmpty() && !pb.links().isEmpty()) {
      return new Unsized(inline, pb.links(), fields.fileSize());
    }
    if (sizes.size() != pb.links().size()) {
      throw BadUnixFs.because(pb.links().size() + " links and " + sizes.size() + " sizes");
    }
    Long[] ends = new Long[sizes.size()];
    long end = inline.remaining();
    for (int i = 0; i < ends.length; i++) {
      end += sizes.get(i);
      if (sizes.get(i) < 0 || end < 0) {
        throw BadUnixFs.because("sizes beyond what a file can have");
      }
      ends[i] = end;
    }
    long whole = end;
    if (fields.fileSize().orElse(whole) != whole) {
      throw BadUnixFs.because(
          "file of " + fields.fileSize().getAsLong() + " bytes whose parts have " + whole);
    }
    return ends.length == 0 ? new Leaf(inline) : new Inner(inline, pb.links(), List.of(ends));
  }

  /** Links in the order of their shard with buckets taken from the bit field. */
  static Optional<PbLink> inBucket(Shard shard, int bucket) {
    if (!bit(shard.bitfield(), bucket)) {
      return Optional.empty();
    }
    int before = 0;
    for (int i = 0; i < bucket; i++) {
      before += bit(shard.bitfield(), i) ? 1 : 0;
    }
    if (before >= shard.links().size()) {
      throw BadUnixFs.because("shard with fewer links than its bit field says");
    }
    return Optional.of(shard.links().get(before));
  }

  private static boolean bit(ByteBuffer bitfield, int bit) {
    int index = bitfield.limit() - 1 - bit / Byte.SIZE;
    return index >= bitfield.position() && (bitfield.get(index) >> bit % Byte.SIZE & 1) == 1;
  }
}
