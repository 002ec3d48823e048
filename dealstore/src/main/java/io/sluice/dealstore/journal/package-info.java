/** The write-ahead log and history: append-only segments of checksummed records. */
@NullMarked
package io.sluice.dealstore.journal;

import org.jspecify.annotations.NullMarked;
