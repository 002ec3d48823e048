package io.sluice.payments.voucher;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Payment;
import io.sluice.protocol.retrieval.Signature;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.Optional;

/**
 * A voucher with the signature that makes it money, and the contract it is good for.
 *
 * @param domain chain and contract
 * @param voucher what is promised
 * @param signature over the voucher's digest in that domain; not yet checked
 */
public record SignedVoucher(Domain domain, Voucher voucher, Signature signature) {
  /** The voucher inside a payment message; {@code VOUCHER_MALFORMED} if there can be none. */
  public static SignedVoucher of(Payment payment) {
    if (payment.chainId() < 0) {
      throw new ProtocolException("VOUCHER_MALFORMED", "chain id " + payment.chainId());
    }
    return new SignedVoucher(
        new Domain(payment.chainId(), payment.contract()),
        new Voucher(payment.channel(), payment.lane(), payment.nonce(), payment.amount()),
        payment.signature());
  }

  /** The payment message that carries this voucher. */
  public Payment payment(long dealId, long bytes, boolean last) {
    return new Payment(
        dealId,
        domain.chainId(),
        domain.contract(),
        voucher.channel(),
        voucher.lane(),
        voucher.nonce(),
        voucher.amount(),
        bytes,
        last,
        signature);
  }

  /** The stored form, also inside journal records; its keys are those of the payment message. */
  public Node toNode() {
    return Node.map()
        .put("ChainID", domain.chainId())
        .put("Contract", domain.contract().bytes())
        .put("Channel", voucher.channel().bytes())
        .put("Lane", voucher.lane())
        .put("Nonce", voucher.nonce())
        .put("Amount", voucher.amount().bytes())
        .put("Signature", signature.bytes())
        .build();
  }

  /** Reads the stored form; {@link ProtocolException} if it is not one. */
  public static SignedVoucher of(Node node) {
    return new SignedVoucher(
        new Domain(node.get("ChainID").asLong(), EvmAddress.of(node.get("Contract").asByteArray())),
        new Voucher(
            Bytes32.of(node.get("Channel").asByteArray()),
            node.get("Lane").asLong(),
            node.get("Nonce").asLong(),
            TokenAmount.ofBytes(node.get("Amount").asByteArray())),
        Signature.of(node.get("Signature").asByteArray()));
  }

  /** All that the lane has paid so far. */
  public TokenAmount amount() {
    return voucher.amount();
  }

  /** Whose key signed this; recovering it costs about a millisecond. */
  public Optional<EvmAddress> signer() {
    return Signatures.signer(signature, voucher.digest(domain));
  }

  /** Whether {@code account} signed this. */
  public boolean signedBy(EvmAddress account) {
    return signer().filter(account::equals).isPresent();
  }
}
