package io.sluice.payments.voucher;

import static io.sluice.protocol.retrieval.FieldCodecs.SIGNATURE;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.ipld.MapCodec;
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
  /** The stored form, also inside journal records; its keys are those of the payment message. */
  public static final MapCodec<SignedVoucher> CODEC =
      MapCodec.of(
          f ->
              new SignedVoucher(
                  f.among(Domain.CODEC, SignedVoucher::domain),
                  f.among(Voucher.CODEC, SignedVoucher::voucher),
                  f.get("Signature", SIGNATURE, SignedVoucher::signature)));

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
