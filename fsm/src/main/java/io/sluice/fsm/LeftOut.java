package io.sluice.fsm;

import static io.sluice.protocol.ipld.NodeCodec.LONG;
import static io.sluice.protocol.retrieval.FieldCodecs.HASH;

import io.sluice.protocol.graphsync.Exclusions;
import io.sluice.protocol.ipld.DagCbor;
import io.sluice.protocol.ipld.MapCodec;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.retrieval.Bytes32;

/**
 * What a deal's first request leaves out because the client has it: neither sent nor charged,
 * whatever later requests say.
 *
 * @param skipFirst visits from the beginning of the walk
 * @param listed how many further blocks the list names
 * @param list SHA-256 of the list in its canonical bytes, in the order in which it came: the client
 *     keeps the list beside the deal, and it comes again with every restart
 */
public record LeftOut(long skipFirst, long listed, Bytes32 list) {
  /** As the deals of both sides store it. */
  public static final MapCodec<LeftOut> CODEC =
      MapCodec.of(
          f ->
              new LeftOut(
                  f.get("SkipFirst", LONG, LeftOut::skipFirst),
                  f.get("Listed", LONG, LeftOut::listed),
                  f.get("List", HASH, LeftOut::list)));

  /** Checks the figures. */
  public LeftOut {
    if (skipFirst < 0 || listed < 0) {
      throw new IllegalArgumentException("left out " + skipFirst + " and " + listed);
    }
  }

  /** What a request with these exclusions leaves out. */
  public static LeftOut of(Exclusions asked) {
    Node list = Node.list(asked.doNotSend().stream().map(Node::of).toList());
    return new LeftOut(
        asked.skipFirst(),
        asked.doNotSend().size(),
        Bytes32.of(EntryHash.sha256(DagCbor.encode(list)).bytes()));
  }

  /** As the deals of both sides store it. */
  public Node toNode() {
    return CODEC.encode(this);
  }

  /** What {@link #toNode} made a node of. */
  public static LeftOut of(Node node) {
    return CODEC.decode(node);
  }
}
