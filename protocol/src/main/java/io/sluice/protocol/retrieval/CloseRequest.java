package io.sluice.protocol.retrieval;

import static io.sluice.protocol.retrieval.FieldCodecs.ADDRESS;
import static io.sluice.protocol.retrieval.FieldCodecs.AMOUNT;
import static io.sluice.protocol.retrieval.FieldCodecs.COUNT;
import static io.sluice.protocol.retrieval.FieldCodecs.HASH;
import static io.sluice.protocol.retrieval.FieldCodecs.SIGNATURE;

import io.sluice.protocol.ipld.MapCodec;

/**
 * A payer asks its payee to consent to a channel's end at once.
 *
 * @param chainId the chain
 * @param contract the contract
 * @param channel the channel's id
 * @param total what the payee shall have got from the channel in all: the sum of its lanes
 * @param deadline the last second of the chain's time at which the consent is good, since 1970
 * @param signature of the channel's signer over that consent, by which the payee knows who asks
 */
public record CloseRequest(
    long chainId,
    EvmAddress contract,
    Bytes32 channel,
    TokenAmount total,
    long deadline,
    Signature signature) {
  /** The wire form; unknown keys are ignored when reading. */
  public static final MapCodec<CloseRequest> CODEC =
      MapCodec.of(
          f ->
              new CloseRequest(
                  f.get("ChainID", COUNT, CloseRequest::chainId),
                  f.get("Contract", ADDRESS, CloseRequest::contract),
                  f.get("Channel", HASH, CloseRequest::channel),
                  f.get("Total", AMOUNT, CloseRequest::total),
                  f.get("Deadline", COUNT, CloseRequest::deadline),
                  f.get("Signature", SIGNATURE, CloseRequest::signature)));
}
