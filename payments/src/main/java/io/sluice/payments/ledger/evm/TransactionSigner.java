package io.sluice.payments.ledger.evm;

import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Signature;
import java.io.IOException;

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
}
