package io.sluice.dealstore.blocks.log;

import io.sluice.dealstore.blocks.index.TailIndex;
import io.sluice.protocol.multiformats.Multihash;

/** The index of the newest segment, in memory. */
record GrowingIndex(TailIndex numbers) implements HashIndex {
  void add(Multihash hash, long number) {
    numbers.add(TailIndex.head(hash.digest()), number);
  }

  @Override
  public long[] numbers(Multihash hash) {
    return numbers.candidates(TailIndex.head(hash.digest()));
  }

  @Override
  public boolean repeats() {
    return true;
  }

  @Override
  public void close() {}
}
