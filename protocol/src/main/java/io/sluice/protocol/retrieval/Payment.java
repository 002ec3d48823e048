package io.sluice.protocol.retrieval;

import static io.sluice.protocol.ipld.NodeCodec.BOOL;
import static io.sluice.protocol.retrieval.FieldCodecs.ADDRESS;
import static io.sluice.protocol.retrieval.FieldCodecs.AMOUNT;
import static io.sluice.protocol.retrieval.FieldCodecs.COUNT;
import static io.sluice.protocol.retrieval.FieldCodecs.HASH;
import static io.sluice.protocol.retrieval.FieldCodecs.SIGNATURE;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.ipld.MapCodec;

/**
 * Pays a provider for bytes already received and verified: one signed voucher and what it is for.
 *
 * @param id the client's number for the deal
 * @param chainId the chain of the channel's contract
 * @param contract the payment channel contract
 * @param channel the channel's id
 * @param lane the deal's lane, below 2^63
 * @param nonce orders the lane's vouchers, below 2^63
 * @param amount all that the lane has paid so far, this deal and earlier ones; it only grows
 * @param bytes the charged bytes that the client counts
 * @param last whether the client has everything it wants
 * @param signature r ‖ s ‖ v, 65 bytes, over the EIP-712 voucher
 */
public record Payment(
    long id,
    long chainId,
    EvmAddress contract,
    Bytes32 channel,
    long lane,
    long nonce,
    TokenAmount amount,
    long bytes,
    boolean last,
    Signature signature) {

  /** The wire form; unknown keys are ignored when reading. */
  public static final MapCodec<Payment> CODEC =
      MapCodec.of(
          f ->
              new Payment(
                  f.get("ID", COUNT, Payment::id),
                  f.get("ChainID", COUNT, Payment::chainId),
                  f.get("Contract", ADDRESS, Payment::contract),
                  f.get("Channel", HASH, Payment::channel),
                  f.get("Lane", COUNT, Payment::lane),
                  f.get("Nonce", COUNT, Payment::nonce),
                  f.get("Amount", AMOUNT, Payment::amount),
                  f.get("Bytes", COUNT, Payment::bytes),
                  f.get("Final", BOOL, Payment::last),
                  f.get("Signature", SIGNATURE, Payment::signature)));

  /** {@code VOUCHER_MALFORMED} when a figure is out of range. */
  public Payment {
    if (lane < 0 || nonce < 0 || bytes < 0) {
      throw new ProtocolException("VOUCHER_MALFORMED", "payment figures out of range");
    }
  }
}
