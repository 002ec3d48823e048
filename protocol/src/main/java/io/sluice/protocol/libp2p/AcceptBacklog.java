package io.sluice.protocol.libp2p;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Streams of ours that the peer has not accepted yet. Peers keep a backlog of so many, and reset
 * what goes beyond it. So it is counted by whoever opens, before there is a number: a crowd that
 * asks at once must not overrun it. Safe for all threads.
 */
final class AcceptBacklog {
  private final AtomicInteger waiting = new AtomicInteger();

  /**
   * One more.
   *
   * @throws LimitExceededException if the peer is that far behind; then nothing was counted
   */
  void enter() throws LimitExceededException {
    if (waiting.incrementAndGet() > Yamux.BACKLOG) {
      waiting.decrementAndGet();
      throw new LimitExceededException(Yamux.BACKLOG + " streams wait for the peer to accept them");
    }
  }

  /** One was accepted, or is gone; to be told once for each. */
  void leave() {
    waiting.decrementAndGet();
  }
}
