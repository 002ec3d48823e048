package io.sluice.fsm.replay;

import io.sluice.fsm.EntryHash;

/**
 * What ends an exported history, so that a cut-off or changed one is noticed.
 *
 * @param count how many entries there are
 * @param head a hash over all of them in their order; see {@link HistoryDigest}
 */
public record HistoryFooter(long count, EntryHash head) {}
