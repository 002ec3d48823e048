package io.sluice.payments.ledger.evm;

import io.sluice.protocol.retrieval.Bytes32;
import java.util.List;

/**
 * One entry of the chain's log by the contract.
 *
 * @param block number of its block
 * @param blockHash that block
 * @param transaction what caused it
 * @param index its place among all logs of the block
 * @param topics the event's hash, and what is indexed
 * @param data the rest
 */
record ChainLog(
    long block,
    Bytes32 blockHash,
    Bytes32 transaction,
    long index,
    List<Bytes32> topics,
    RawBytes data) {
  ChainLog {
    topics = List.copyOf(topics);
  }
}
