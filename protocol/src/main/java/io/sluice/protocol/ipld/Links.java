package io.sluice.protocol.ipld;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Codec;
import java.util.ArrayList;
import java.util.List;

/** The links in a block, for whoever needs a whole DAG and not a walk by selector. */
public final class Links {
  private Links() {}

  /**
   * All links of a block in the order of its data model, repeated ones too; none for codecs that
   * are unknown here.
   *
   * @throws ProtocolException if the block is not of its codec
   */
  public static List<Cid> of(Block block) {
    long codec = block.cid().codec();
    if (codec == Codec.DAG_PB) {
      return DagPb.decode(block.data()).links().stream().map(PbLink::cid).toList();
    }
    List<Cid> links = new ArrayList<>();
    if (codec == Codec.DAG_CBOR || codec == Codec.DAG_JSON || codec == Codec.GIT_RAW) {
      collect(Codecs.decode(codec, block.data()), links);
    }
    return links;
  }

  private static void collect(Node node, List<Cid> into) {
    switch (node) {
      case Node.Link link -> into.add(link.cid());
      case Node.List list -> list.items().forEach(item -> collect(item, into));
      case Node.Map map -> {
        for (int i = 0; i < map.size(); i++) {
          collect(map.value(i), into);
        }
      }
      case Node.Null ignored -> {}
      case Node.Bool ignored -> {}
      case Node.Int ignored -> {}
      case Node.Float ignored -> {}
      case Node.Text ignored -> {}
      case Node.Bytes ignored -> {}
    }
  }
}
