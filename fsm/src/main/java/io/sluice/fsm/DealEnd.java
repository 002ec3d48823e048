package io.sluice.fsm;

import io.sluice.protocol.ipld.MapCodec;
import io.sluice.protocol.ipld.NodeCodec;
import java.time.Instant;

/**
 * The end of a deal.
 *
 * @param at when it ended
 * @param outcome how
 */
public record DealEnd(Instant at, DealOutcome outcome) {
  static final MapCodec<DealEnd> CODEC =
      MapCodec.of(
          f ->
              new DealEnd(
                  f.get("At", NodeCodec.MILLIS, DealEnd::at),
                  f.get(
                      "Outcome",
                      NodeCodec.TEXT.as(DealOutcome::valueOf, DealOutcome::name),
                      DealEnd::outcome)));
}
