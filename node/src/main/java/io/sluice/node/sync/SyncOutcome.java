package io.sluice.node.sync;

/**
 * What a push or a pull came to that was done.
 *
 * @param nodes blocks of the DAG
 * @param missing of these, blocks that the receiver lacked at the beginning
 * @param moved blocks that were sent, or that came and were kept; more than missing if some had to
 *     be sent again
 * @param bytes of those blocks
 */
public record SyncOutcome(long nodes, long missing, long moved, long bytes) {}
