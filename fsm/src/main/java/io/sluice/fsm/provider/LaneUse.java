package io.sluice.fsm.provider;

import static io.sluice.protocol.ipld.NodeCodec.LONG;
import static io.sluice.protocol.retrieval.FieldCodecs.ADDRESS;
import static io.sluice.protocol.retrieval.FieldCodecs.AMOUNT;
import static io.sluice.protocol.retrieval.FieldCodecs.HASH;

import io.sluice.protocol.ipld.MapCodec;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Payee;
import io.sluice.protocol.retrieval.TokenAmount;

/**
 * The lane that pays for a deal, and from where on.
 *
 * @param payee where the money goes
 * @param channel the channel's id
 * @param lane the lane, no other live deal's
 * @param base what the lane had paid when the deal took it; credit is what is above
 * @param payer the account that signs
 * @param opening SHA-256 of the opening's canonical bytes: another one is another deal
 */
public record LaneUse(
    Payee payee, Bytes32 channel, long lane, TokenAmount base, EvmAddress payer, Bytes32 opening) {
  static final MapCodec<LaneUse> CODEC =
      MapCodec.of(
          f ->
              new LaneUse(
                  f.get("Payee", Payee.CODEC, LaneUse::payee),
                  f.get("Channel", HASH, LaneUse::channel),
                  f.get("Lane", LONG, LaneUse::lane),
                  f.get("Base", AMOUNT, LaneUse::base),
                  f.get("Payer", ADDRESS, LaneUse::payer),
                  f.get("Opening", HASH, LaneUse::opening)));
}
