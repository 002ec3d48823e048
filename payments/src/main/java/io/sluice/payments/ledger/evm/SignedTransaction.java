package io.sluice.payments.ledger.evm;

import io.sluice.payments.voucher.Keccak;
import io.sluice.protocol.ipld.MapCodec;
import io.sluice.protocol.ipld.NodeCodec;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.FieldCodecs;
import java.math.BigInteger;

/**
 * A transaction as it goes over the wire.
 *
 * @param bytes what is handed to nodes; empty once nobody will be handed it any more
 * @param hash its name, computed here
 * @param fees what it may cost
 */
record SignedTransaction(RawBytes bytes, Bytes32 hash, Fees fees) {
  private static final NodeCodec<BigInteger> FEE =
      NodeCodec.bytes(BigInteger::toByteArray, BigInteger::new);

  static final MapCodec<SignedTransaction> CODEC =
      MapCodec.of(
          f ->
              new SignedTransaction(
                  f.get("Bytes", RawBytes.CODEC, SignedTransaction::bytes),
                  f.get("Hash", FieldCodecs.HASH, SignedTransaction::hash),
                  new Fees(
                      f.get("Most", FEE, t -> t.fees().most()),
                      f.get("Tip", FEE, t -> t.fees().tip()))));

  static SignedTransaction of(byte[] bytes, Fees fees) {
    return new SignedTransaction(RawBytes.of(bytes), Keccak.hash(bytes), fees);
  }

  /** The same without its bytes: enough to find it by. */
  SignedTransaction nameOnly() {
    return new SignedTransaction(RawBytes.EMPTY, hash, fees);
  }
}
