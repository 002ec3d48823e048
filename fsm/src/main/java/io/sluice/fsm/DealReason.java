package io.sluice.fsm;

import io.sluice.protocol.ipld.MapCodec;
import io.sluice.protocol.ipld.NodeCodec;
import io.sluice.protocol.retrieval.DealCode;

/**
 * Why a deal stands still or ended badly.
 *
 * @param code what kind of reason; stored by name
 * @param message for a person
 */
public record DealReason(DealCode code, String message) {
  /** The stored form. */
  public static final MapCodec<DealReason> CODEC =
      MapCodec.of(
          f ->
              new DealReason(
                  f.get(
                      "Reason",
                      NodeCodec.TEXT.as(DealCode::named, DealCode::name),
                      DealReason::code),
                  f.get("Message", NodeCodec.TEXT, DealReason::message)));
}
