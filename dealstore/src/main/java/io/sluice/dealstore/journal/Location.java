package io.sluice.dealstore.journal;

/**
 * Where a record lies.
 *
 * @param sequence its number, from 1, over all segments
 * @param segment the number of the first record of its segment
 * @param offset where its frame begins, in bytes
 */
public record Location(long sequence, long segment, long offset) {}
