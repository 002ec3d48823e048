package io.sluice.protocol.graphsync;

import io.sluice.protocol.multiformats.Cid;
import java.util.List;

/**
 * What the first request of a deal leaves out, since the requestor has it: never sent and never
 * charged, for the whole life of the deal and after any restart.
 *
 * @param skipFirst how many visits from the beginning of the walk, missing and repeated ones
 *     included
 * @param doNotSend blocks, by CID
 */
public record Exclusions(long skipFirst, List<Cid> doNotSend) {
  /** Nothing is left out. */
  public static final Exclusions NONE = new Exclusions(0, List.of());

  /** Copies the list. */
  public Exclusions {
    if (skipFirst < 0) {
      throw new IllegalArgumentException("skipFirst is " + skipFirst);
    }
    doNotSend = List.copyOf(doNotSend);
  }
}
