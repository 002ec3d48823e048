/**
 * The journal: append-only segment files that are the write-ahead log and the history of everything
 * a home decides. Start at {@link io.sluice.dealstore.journal.SegmentedJournal}.
 */
@NullMarked
package io.sluice.dealstore.journal;

import org.jspecify.annotations.NullMarked;
