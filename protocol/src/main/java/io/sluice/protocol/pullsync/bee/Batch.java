package io.sluice.protocol.pullsync.bee;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import java.util.List;

/**
 * A batch of postage that somebody bought: how many chunks its owner may stamp. Which ones there
 * are stands on a chain, and here in the configuration.
 *
 * @param id its name
 * @param owner whose signature its stamps have
 * @param depth it is good for 2 to that power of chunks; 16 to 63
 */
public record Batch(Bytes32 id, EvmAddress owner, int depth) {
  /** Addresses are divided into 2 to that power of buckets, by their first bits. */
  public static final int BUCKET_DEPTH = 16;

  private static final int MOST_DEPTH = 63;

  /** Refuses other depths. */
  public Batch {
    if (depth < BUCKET_DEPTH || depth > MOST_DEPTH) {
      throw new ProtocolException(
          "BAD_BATCH", "depth %d, not %d to %d".formatted(depth, BUCKET_DEPTH, MOST_DEPTH));
    }
  }

  /**
   * Reads what {@link #toString} writes.
   *
   * @throws ProtocolException if it is not of that form
   */
  public static Batch parse(String text) {
    List<String> parts = List.of(text.split(":", -1));
    if (parts.size() != 3 || !parts.getLast().matches("[0-9]{1,2}")) {
      throw new ProtocolException("BAD_BATCH", "not BATCH:OWNER:DEPTH: " + text);
    }
    return new Batch(
        Bytes32.parse(parts.get(0)),
        EvmAddress.parse(parts.get(1)),
        Integer.parseInt(parts.get(2)));
  }

  /** Id, owner and depth, with colons between them. */
  @Override
  public String toString() {
    return id + ":" + owner + ":" + depth;
  }
}
