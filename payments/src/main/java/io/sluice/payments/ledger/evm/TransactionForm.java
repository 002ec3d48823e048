package io.sluice.payments.ledger.evm;

import io.sluice.payments.voucher.Keccak;
import io.sluice.payments.voucher.Signatures;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Signature;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.math.BigInteger;
import java.util.Arrays;
import org.web3j.crypto.RawTransaction;
import org.web3j.crypto.Sign;
import org.web3j.crypto.TransactionEncoder;

/** Makes transactions of the second type (EIP-1559) and has them signed. */
final class TransactionForm {
  private static final int R_END = 32;
  private static final int S_END = 64;

  private final long chainId;
  private final TransactionSigner signer;

  TransactionForm(long chainId, TransactionSigner signer) {
    this.chainId = chainId;
    this.signer = signer;
  }

  /**
   * Signs; blocks on the signer.
   *
   * @throws IOException if the signer did not, or not with that account's key
   */
  SignedTransaction sign(Transaction transaction, long nonce, long gas, Fees fees)
      throws IOException {
    return sign(transaction, transaction.to().toString(), nonce, gas, fees);
  }

  /** The same for the creation of a contract, which is sent to nobody. */
  SignedTransaction signCreation(EvmAddress from, RawBytes code, long nonce, long gas, Fees fees)
      throws IOException {
    return sign(
        new Transaction(from, EvmAddress.ZERO, TokenAmount.ZERO, code), "", nonce, gas, fees);
  }

  private SignedTransaction sign(
      Transaction transaction, String to, long nonce, long gas, Fees fees) throws IOException {
    RawTransaction raw =
        RawTransaction.createTransaction(
            chainId,
            BigInteger.valueOf(nonce),
            BigInteger.valueOf(gas),
            to,
            transaction.value().value(),
            Hex.of(transaction.data()),
            fees.tip(),
            fees.most());
    byte[] unsigned = TransactionEncoder.encode(raw);
    Signature signature = signer.sign(transaction.from(), unsigned);
    if (!Signatures.by(transaction.from(), signature, Keccak.hash(unsigned))) {
      throw new IOException("the signer did not sign with the key of " + transaction.from());
    }
    byte[] bytes = signature.bytes();
    Sign.SignatureData data =
        new Sign.SignatureData(
            bytes[S_END], Arrays.copyOf(bytes, R_END), Arrays.copyOfRange(bytes, R_END, S_END));
    return SignedTransaction.of(TransactionEncoder.encode(raw, data), fees);
  }
}
