package io.sluice.dealstore.blocks.log;

import io.sluice.protocol.multiformats.Multihash;
import java.io.Closeable;
import java.io.IOException;

/** Under which numbers of a segment a hash may be. Safe for any number of threads. */
interface HashIndex extends Closeable {
  /** Candidates: their hashes begin like this one, and the segment has to confirm them. */
  long[] numbers(Multihash hash) throws IOException;

  /** Whether some hash may be under more than one. */
  boolean repeats();
}
