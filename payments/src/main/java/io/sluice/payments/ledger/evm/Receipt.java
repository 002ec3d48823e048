package io.sluice.payments.ledger.evm;

import io.sluice.protocol.retrieval.Bytes32;
import java.math.BigInteger;
import java.util.List;
import java.util.Optional;

/**
 * What became of a transaction that is in a block.
 *
 * @param transaction its hash
 * @param block the block's number
 * @param blockHash that block
 * @param succeeded whether it was not reverted
 * @param gasUsed what it took
 * @param gasPrice what a unit of that cost, in the native coin's base units; not every node says so
 * @param logs what the contract logged by it, in order
 */
record Receipt(
    Bytes32 transaction,
    long block,
    Bytes32 blockHash,
    boolean succeeded,
    long gasUsed,
    Optional<BigInteger> gasPrice,
    List<ChainLog> logs) {
  Receipt {
    logs = List.copyOf(logs);
  }

  /** What gas has cost its sender, by the node's word; none if it does not say. */
  BigInteger fee() {
    return gasPrice.orElse(BigInteger.ZERO).multiply(BigInteger.valueOf(gasUsed));
  }
}
