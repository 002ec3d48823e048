package io.sluice.protocol.retrieval;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.ipld.Node;
import java.util.Objects;

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

  /** {@code VOUCHER_MALFORMED} when a figure is out of range. */
  public Payment {
    Objects.requireNonNull(contract, "contract");
    Objects.requireNonNull(channel, "channel");
    Objects.requireNonNull(amount, "amount");
    Objects.requireNonNull(signature, "signature");
    if (lane < 0 || nonce < 0 || bytes < 0) {
      throw new ProtocolException("VOUCHER_MALFORMED", "payment figures out of range");
    }
  }

  /** The wire form. */
  public Node toNode() {
    return Node.map()
        .put("ID", Node.of(id))
        .put("ChainID", Node.of(chainId))
        .put("Contract", Node.of(contract.bytes()))
        .put("Channel", Node.of(channel.bytes()))
        .put("Lane", Node.of(lane))
        .put("Nonce", Node.of(nonce))
        .put("Amount", Node.of(amount.bytes()))
        .put("Bytes", Node.of(bytes))
        .put("Final", Node.of(last))
        .put("Signature", Node.of(signature.bytes()))
        .build();
  }

  /** Reads the wire form; unknown keys are ignored. */
  public static Payment of(Node node) {
    return new Payment(
        Fields.count(node, "ID"),
        Fields.count(node, "ChainID"),
        Fields.address(node, "Contract"),
        Fields.hash(node, "Channel"),
        Fields.count(node, "Lane"),
        Fields.count(node, "Nonce"),
        Fields.amount(node, "Amount"),
        Fields.count(node, "Bytes"),
        node.get("Final").asBoolean(),
        Fields.signature(node));
  }
}
