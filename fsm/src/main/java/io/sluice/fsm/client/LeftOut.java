package io.sluice.fsm.client;

import io.sluice.protocol.retrieval.Bytes32;
import java.util.Objects;

/**
 * What the deal's first request leaves out because the client has it: neither sent nor charged,
 * whatever later requests say.
 *
 * @param skipFirst visits from the beginning of the walk
 * @param listed how many further blocks the list names
 * @param list SHA-256 of the list in its canonical bytes; the list itself is kept beside the deal
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
