package io.sluice.protocol.libp2p;

/**
 * What moved on a connection in the last whole stretch of time. The host closes what moves next to
 * nothing when it has too many connections, so a peer cannot hold on to one by being quiet on it.
 * Counted by the event loop, read by any thread.
 */
final class RecentTraffic {
  private final long stretchNanos;
  private long moved;
  private long began;
  // A connection is left alone before its first stretch is over: it had no chance to move anything.
  private volatile long recent = Long.MAX_VALUE;

  /** Nothing yet; stretches are so long. */
  RecentTraffic(long now, long stretchNanos) {
    this.began = now;
    this.stretchNanos = stretchNanos;
  }

  /** So many bytes came or went. */
  void moved(int bytes) {
    moved += bytes;
  }

  /** To be told the time now and then; a stretch ends with the first time behind it. */
  void at(long now) {
    if (now - began >= stretchNanos) {
      recent = moved;
      moved = 0;
      began = now;
    }
  }

  /**
   * Bytes of the last whole stretch, both ways; {@link Long#MAX_VALUE} before the first is over.
   */
  long bytes() {
    return recent;
  }
}
