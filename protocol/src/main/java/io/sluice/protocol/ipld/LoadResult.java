package io.sluice.protocol.ipld;

import java.nio.ByteBuffer;

/** What came of the need of a block. */
public sealed interface LoadResult {
  /**
   * The block is there.
   *
   * @param data its bytes, verified; they must not change any more
   */
  record Loaded(ByteBuffer data) implements LoadResult {}

  /** The block is missing: its branch is left out, and the walk goes on. */
  record Skip() implements LoadResult {}
}
