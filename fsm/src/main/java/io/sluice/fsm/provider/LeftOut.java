package io.sluice.fsm.provider;

import io.sluice.protocol.retrieval.Bytes32;
import java.util.Objects;

/**
 * What the deal's first request left out, and what is therefore neither sent nor charged, whatever
 * later requests say.
 *
 * @param skipFirst visits from the beginning of the walk
 * @param listed how many blocks the list names
 * @param list SHA-256 of the list in its canonical bytes, in the order in which it came: the list
 *     itself comes again with every restart and only has to be the same
 */
public record LeftOut(long skipFirst, long listed, Bytes32 list) {

  /** Checks the figures. */
  public LeftOut {
    Objects.requireNonNull(list, "list");
    if (skipFirst < 0 || listed < 0) {
      throw new IllegalArgumentException("left out " + skipFirst + " and " + listed);
    }
  }
}
