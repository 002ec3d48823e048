package io.sluice.fsm;

import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.retrieval.TokenAmount;
import java.time.Instant;

/** Reads what the records of machines have in common: sums as bytes, times in milliseconds. */
public final class Stored {
  private Stored() {}

  /** The sum under a key. */
  public static TokenAmount amount(Node node, String key) {
    return TokenAmount.ofBytes(node.get(key).asByteArray());
  }

  /** The time that a node holds. */
  public static Instant instant(Node node) {
    return Instant.ofEpochMilli(node.asLong());
  }
}
