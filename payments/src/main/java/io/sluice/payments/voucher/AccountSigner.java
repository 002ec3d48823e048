package io.sluice.payments.voucher;

import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Signature;
import java.io.IOException;

/**
 * Signs for one account, wherever its key is: {@link SigningKey} has it in memory. What is returned
 * is a signature of that account over exactly what was asked for. Safe for many threads; may block.
 */
public interface AccountSigner {
  /** The account. */
  EvmAddress address();

  /**
   * Signs a channel's message for a contract.
   *
   * @throws IOException if the key is not at hand now: asking again later may do
   */
  Signature signature(Domain domain, TypedMessage message) throws IOException;

  /**
   * Signs a transaction.
   *
   * @param unsigned as it is hashed, its type in front
   * @return a signature whose v is 27 or 28
   * @throws IOException if the key is not at hand now: asking again later may do
   */
  Signature signTransaction(byte[] unsigned) throws IOException;
}
