package io.sluice.protocol.ipld;

import static io.sluice.protocol.ProtocolException.DECODE_MALFORMED;
import static io.sluice.protocol.ProtocolException.LINK_BUDGET;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.multiformats.Cid;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The codec of files and directories. Reading keeps the order of links; writing sorts them by the
 * bytes of their names, in a stable way.
 *
 * <p>Spec: ipld/dag-pb.
 */
public final class DagPb {
  private static final int NODE_DATA = 1 << 3 | Protobuf.BYTES;
  private static final int NODE_LINKS = 2 << 3 | Protobuf.BYTES;
  private static final int LINK_HASH = 1 << 3 | Protobuf.BYTES;
  private static final int LINK_NAME = 2 << 3 | Protobuf.BYTES;
  private static final int LINK_TSIZE = 3 << 3 | Protobuf.VARINT;

  /** More links than any block of the usual size can hold with real CIDs. */
  static final int MAX_LINKS = 100_000;

  private static final Comparator<PbLink> BY_NAME_BYTES =
      (a, b) -> java.util.Arrays.compareUnsigned(a.nameOrEmpty().raw(), b.nameOrEmpty().raw());

  private DagPb() {}

  /**
   * Reads a block, which must be all that remains of {@code in}. Data is a view of the input.
   *
   * @throws ProtocolException if it is no dag-pb, or has more links than allowed
   */
  public static PbNode decode(ByteBuffer in) {
    ByteBuffer data = null;
    List<PbLink> links = new ArrayList<>();
    boolean linksEnded = false;
    while (in.hasRemaining()) {
      int tag = Protobuf.tag(in);
      if (tag == NODE_DATA) {
        if (data != null) {
          throw new ProtocolException(DECODE_MALFORMED, "a dag-pb node with data twice");
        }
        data = Protobuf.bytes(in);
        linksEnded = !links.isEmpty();
      } else if (tag == NODE_LINKS) {
        if (linksEnded) {
          throw new ProtocolException(
              DECODE_MALFORMED, "a dag-pb node with data between its links");
        }
        if (links.size() == MAX_LINKS) {
          throw new ProtocolException(LINK_BUDGET, "more than " + MAX_LINKS + " links in a block");
        }
        links.add(link(Protobuf.bytes(in)));
      } else {
        throw new ProtocolException(DECODE_MALFORMED, "a dag-pb node has no field of tag " + tag);
      }
    }
    return new PbNode(Optional.ofNullable(data), links);
  }

  private static PbLink link(ByteBuffer in) {
    @Nullable Cid cid = null;
    Optional<Node.Text> name = Optional.empty();
    OptionalLong tsize = OptionalLong.empty();
    int before = 0;
    while (in.hasRemaining()) {
      int tag = Protobuf.tag(in);
      if (tag <= before) {
        throw new ProtocolException(
            DECODE_MALFORMED, "the fields of a dag-pb link are out of order");
      }
      before = tag;
      switch (tag) {
        case LINK_HASH -> cid = cid(Protobuf.bytes(in));
        case LINK_NAME -> name = Optional.of(text(Protobuf.bytes(in)));
        case LINK_TSIZE -> tsize = OptionalLong.of(Protobuf.varint(in));
        default ->
            throw new ProtocolException(
                DECODE_MALFORMED, "a dag-pb link has no field of tag " + tag);
      }
    }
    if (cid == null) {
      throw new ProtocolException(DECODE_MALFORMED, "a dag-pb link without a hash");
    }
    return new PbLink(name, tsize, cid);
  }

  private static Cid cid(ByteBuffer in) {
    Cid cid = Cid.read(in);
    if (in.hasRemaining()) {
      throw new ProtocolException(
          ProtocolException.BAD_CID, in.remaining() + " bytes behind the CID of a link");
    }
    return cid;
  }

  private static Node.Text text(ByteBuffer in) {
    byte[] bytes = new byte[in.remaining()];
    in.get(bytes);
    return Node.Text.owned(bytes);
  }

  /** Writes a block: links sorted, then the data. */
  public static byte[] encode(PbNode node) {
    List<PbLink> links = new ArrayList<>(node.links());
    links.sort(BY_NAME_BYTES);
    int size = node.data().map(data -> fieldSize(data.remaining())).orElse(0);
    for (PbLink link : links) {
      size = Math.addExact(size, fieldSize(size(link)));
    }
    ByteBuffer out = ByteBuffer.allocate(size);
    for (PbLink link : links) {
      out.put((byte) NODE_LINKS);
      Protobuf.write(out, size(link));
      write(link, out);
    }
    node.data()
        .ifPresent(
            data -> {
              out.put((byte) NODE_DATA);
              Protobuf.write(out, data.remaining());
              out.put(data);
            });
    return out.array();
  }

  private static void write(PbLink link, ByteBuffer out) {
    out.put((byte) LINK_HASH);
    Protobuf.write(out, link.cid().size());
    link.cid().write(out);
    if (link.name().isPresent()) {
      byte[] name = link.name().get().raw();
      out.put((byte) LINK_NAME);
      Protobuf.write(out, name.length);
      out.put(name);
    }
    if (link.tsize().isPresent()) {
      out.put((byte) LINK_TSIZE);
      Protobuf.write(out, link.tsize().getAsLong());
    }
  }

  private static int size(PbLink link) {
    int size = fieldSize(link.cid().size());
    if (link.name().isPresent()) {
      size += fieldSize(link.name().get().raw().length);
    }
    if (link.tsize().isPresent()) {
      size += 1 + Protobuf.size(link.tsize().getAsLong());
    }
    return size;
  }

  private static int fieldSize(int length) {
    return 1 + Protobuf.size(length) + length;
  }
}
