package io.sluice.protocol.retrieval;

import static io.sluice.protocol.ipld.NodeCodec.ANY;
import static io.sluice.protocol.ipld.NodeCodec.LINK;

import io.sluice.protocol.ipld.MapCodec;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import java.util.Optional;

/**
 * Asks, as Filecoin does, whether and at what price a provider serves a payload.
 *
 * @param payload root of the wanted content
 * @param piece the piece it must come from; providers of ours ignore it
 * @param selector what of it, a field that only some of the clients know; absent means everything
 */
public record Query(Cid payload, Optional<Cid> piece, Optional<Node> selector) {
  private record Params(Optional<Cid> piece, Optional<Node> selector) {
    static final Params NONE = new Params(Optional.empty(), Optional.empty());

    static final MapCodec<Params> CODEC =
        MapCodec.of(
            f ->
                new Params(
                    f.findOrNull("PieceCID", LINK, Params::piece),
                    f.find("Selector", ANY, Params::selector)));
  }

  /** The wire form; unknown keys are ignored when reading. */
  public static final MapCodec<Query> CODEC =
      MapCodec.of(
          f ->
              of(
                  f.get("PayloadCID", LINK, Query::payload),
                  f.find("QueryParams", Params.CODEC, query -> Optional.of(query.params()))
                      .orElse(Params.NONE)));

  /** Asks for everything, from whatever piece. */
  public Query(Cid payload) {
    this(payload, Optional.empty(), Optional.empty());
  }

  private static Query of(Cid payload, Params params) {
    return new Query(payload, params.piece(), params.selector());
  }

  private Params params() {
    return new Params(piece, selector);
  }
}
