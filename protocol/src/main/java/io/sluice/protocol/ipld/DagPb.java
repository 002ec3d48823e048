package io.sluice.protocol.ipld;

import static io.sluice.protocol.ProtocolException.DECODE_MALFORMED;
import static io.sluice.protocol.ProtocolException.LINK_BUDGET;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.protobuf.ProtobufReader;
import io.sluice.protocol.protobuf.ProtobufWriter;
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
  // Wire types of protobuf.
  private static final int VARINT = 0;
  private static final int LENGTH = 2;

  private static final int NODE_DATA = 1 << 3 | LENGTH;
  private static final int NODE_LINKS = 2 << 3 | LENGTH;
  private static final int LINK_HASH = 1 << 3 | LENGTH;
  private static final int LINK_NAME = 2 << 3 | LENGTH;
  private static final int LINK_TSIZE = 3 << 3 | VARINT;

  /** More links than any block of the usual size can hold with real CIDs. */
  static final int MAX_LINKS = 100_000;

  private static final Comparator<PbLink> BY_NAME_BYTES =
      (a, b) -> java.util.Arrays.compareUnsigned(a.nameOrEmpty().raw(), b.nameOrEmpty().raw());

  private DagPb() {}

  /**
   * Reads a block, which must be all that remains of {@code in}. Data is a view of the input.
   *
   * @throws ProtocolException if it is not dag-pb, or has more links than allowed
   */
  public static PbNode decode(ByteBuffer in) {
    ByteBuffer data = null;
    List<PbLink> links = new ArrayList<>();
    boolean linksEnded = false;
    ProtobufReader fields = new ProtobufReader(in, ProtobufReader.Dialect.IPLD);
    while (fields.next()) {
      int tag = fields.tag();
      if (tag == NODE_DATA) {
        if (data != null) {
          throw new ProtocolException(DECODE_MALFORMED, "a dag-pb node with data twice");
        }
        data = fields.bytes();
        linksEnded = !links.isEmpty();
      } else if (tag == NODE_LINKS) {
        if (linksEnded) {
          throw new ProtocolException(
              DECODE_MALFORMED, "a dag-pb node with data between its links");
        }
        if (links.size() == MAX_LINKS) {
          throw new ProtocolException(LINK_BUDGET, "more than " + MAX_LINKS + " links in a block");
        }
        links.add(link(fields.message()));
      } else {
        throw new ProtocolException(DECODE_MALFORMED, "a dag-pb node has no field of tag " + tag);
      }
    }
    return new PbNode(Optional.ofNullable(data), links);
  }

  private static PbLink link(ProtobufReader in) {
    @Nullable Cid cid = null;
    Optional<Node.Text> name = Optional.empty();
    OptionalLong tsize = OptionalLong.empty();
    int before = 0;
    while (in.next()) {
      int tag = in.tag();
      if (tag <= before) {
        throw new ProtocolException(
            DECODE_MALFORMED, "the fields of a dag-pb link are out of order");
      }
      before = tag;
      switch (tag) {
        case LINK_HASH -> cid = cid(in.bytes());
        case LINK_NAME -> name = Optional.of(Node.Text.owned(in.byteArray()));
        case LINK_TSIZE -> tsize = OptionalLong.of(in.number());
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

  /** Writes a block: links sorted, then the data. */
  public static byte[] encode(PbNode node) {
    List<PbLink> links = new ArrayList<>(node.links());
    links.sort(BY_NAME_BYTES);
    ProtobufWriter out = new ProtobufWriter();
    links.forEach(link -> out.message(NODE_LINKS >>> 3, message(link)));
    node.data().ifPresent(data -> out.bytes(NODE_DATA >>> 3, data));
    return out.toBytes();
  }

  private static ProtobufWriter message(PbLink link) {
    ProtobufWriter out = new ProtobufWriter();
    out.bytes(LINK_HASH >>> 3, link.cid().bytes());
    link.name().ifPresent(name -> out.bytes(LINK_NAME >>> 3, name.raw()));
    link.tsize().ifPresent(size -> out.number(LINK_TSIZE >>> 3, size));
    return out;
  }
}
