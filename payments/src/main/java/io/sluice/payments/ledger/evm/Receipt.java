package io.sluice.payments.ledger.evm;

import io.sluice.protocol.retrieval.Bytes32;
import java.util.List;

/**
 * What became of a transaction that is in a block.
 *
 * @param transaction its hash
 * @param block the block's number
 * @param blockHash that block
 * @param succeeded whether it was not reverted
 * @param gasUsed what it took
 * @param logs what the contract logged by it, in order
 */
record Receipt(
    Bytes32 transaction,
    long block,
    Bytes32 blockHash,
    boolean succeeded,
    long gasUsed,
    List<ChainLog> logs) {
  Receipt {
    logs = List.copyOf(logs);
  }
}
