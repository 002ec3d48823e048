package io.sluice.fsm.client;

import static io.sluice.protocol.retrieval.FieldCodecs.AMOUNT;

import io.sluice.protocol.ipld.MapCodec;
import io.sluice.protocol.retrieval.DealOpening;
import io.sluice.protocol.retrieval.TokenAmount;

/**
 * The lane that pays for a deal.
 *
 * @param opening what bound the deal to it, sent again byte for byte with every restart
 * @param base what the lane had paid when the deal took it
 */
public record LaneOpening(DealOpening opening, TokenAmount base) {
  static final MapCodec<LaneOpening> CODEC =
      MapCodec.of(
          f ->
              new LaneOpening(
                  f.get("Opening", DealOpening.CODEC, LaneOpening::opening),
                  f.get("Base", AMOUNT, LaneOpening::base)));
}
