package io.sluice.protocol.retrieval;

import static io.sluice.protocol.ipld.NodeCodec.LINK;

import io.sluice.protocol.ipld.MapCodec;
import io.sluice.protocol.multiformats.Cid;
import java.util.Optional;

/**
 * Asks, as Filecoin does, whether and at what price a provider serves a payload.
 *
 * @param payload root of the wanted content
 * @param piece the piece it must come from; providers of ours ignore it
 */
public record Query(Cid payload, Optional<Cid> piece) {
  private static final MapCodec<Optional<Cid>> PARAMS =
      MapCodec.of(f -> f.findOrNull("PieceCID", LINK, piece -> piece));

  /** The wire form; unknown keys are ignored when reading. */
  public static final MapCodec<Query> CODEC =
      MapCodec.of(
          f ->
              new Query(
                  f.get("PayloadCID", LINK, Query::payload),
                  f.find("QueryParams", PARAMS, query -> Optional.of(query.piece()))
                      .flatMap(piece -> piece)));
}
