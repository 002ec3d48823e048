package io.sluice.node.pullsync;

import io.sluice.protocol.LatestEntries;
import io.sluice.protocol.SteadyRate;
import io.sluice.protocol.multiformats.PeerId;
import java.util.Map;

/**
 * How fast each peer gets blocks. What a peer takes is noted when it is let through, so that one
 * that asks in many ways at once gets no more than one that asks in one. Remembers the peers that
 * were here last; one that was forgotten begins anew. Thread-safe.
 */
final class PeerRates {
  private static final int PEERS = 4096;

  private final SteadyRate blocks;
  private final SteadyRate bytes;
  private final Map<PeerId, Taken> taken = LatestEntries.byUse(PEERS);

  private record Taken(long blocksUntil, long bytesUntil) {}

  PeerRates(SteadyRate blocks, SteadyRate bytes) {
    this.blocks = blocks;
    this.bytes = bytes;
  }

  /**
   * Takes a block.
   *
   * @param size in bytes
   * @param mostNanos with a longer wait than this nothing is taken
   * @return how long to wait before it goes out, in nanoseconds
   */
  synchronized long take(PeerId peer, int size, long now, long mostNanos) {
    Taken before = taken.getOrDefault(peer, new Taken(now, now));
    long wait =
        Math.max(blocks.waitAt(now, before.blocksUntil), bytes.waitAt(now, before.bytesUntil));
    if (wait <= mostNanos) {
      taken.put(
          peer,
          new Taken(
              blocks.after(now, before.blocksUntil, 1), bytes.after(now, before.bytesUntil, size)));
    }
    return wait;
  }
}
