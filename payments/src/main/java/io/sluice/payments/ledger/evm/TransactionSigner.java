package io.sluice.payments.ledger.evm;

import io.sluice.payments.voucher.AccountSigner;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Signature;
import java.io.IOException;
import java.util.Map;

/** Signs transactions with the keys of accounts, wherever those are. Safe for many threads. */
@FunctionalInterface
public interface TransactionSigner {
  /**
   * Signs the Keccak-256 hash of these bytes. The bytes are given and not their hash, since a
   * signer that is not this process wants to see what it signs.
   *
   * @param account whose key is to be used
   * @param transaction an unsigned transaction as it is hashed, its type in front
   * @return a signature whose v is 27 or 28
   * @throws IOException if the key is not at hand now: it is asked for again later
   */
  Signature sign(EvmAddress account, byte[] transaction) throws IOException;

  /** Signs with whatever signs for an account; asked anew each time, since more may come. */
  static TransactionSigner of(Map<EvmAddress, ? extends AccountSigner> accounts) {
    return (account, transaction) -> {
      AccountSigner signer = accounts.get(account);
      if (signer == null) {
        throw new IOException("no key of " + account + " is unlocked");
      }
      return signer.signTransaction(transaction);
    };
  }
}
