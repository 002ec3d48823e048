package io.sluice.protocol.libp2p;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * What this end is through with and the peer is not: it gets a while to be so too. Peers may leave
 * their end open for ever, by mistake or to use up what a stream holds; the memory of its window is
 * not theirs.
 *
 * @param <S> the streams
 */
final class LingeringStreams<S> {
  private record Lingering<S>(S stream, long deadline) {}

  // Filled by any thread, swept by the event loop, since the deadlines are nobody's but its own.
  private final Queue<S> fresh = new ConcurrentLinkedQueue<>();
  private final ArrayDeque<Lingering<S>> waiting = new ArrayDeque<>();

  private final long patienceNanos;
  private final Predicate<S> ended;

  /**
   * None yet.
   *
   * @param patienceNanos how long the peer may take, from the sweep that first sees it
   * @param ended whether the peer is through as well
   */
  LingeringStreams(long patienceNanos, Predicate<S> ended) {
    this.patienceNanos = patienceNanos;
    this.ended = ended;
  }

  /** Any thread: this end is through with it. */
  void add(S stream) {
    fresh.add(stream);
  }

  /** Hands on those whose time is over. */
  void sweep(long now, Consumer<S> overdue) {
    for (S each = fresh.poll(); each != null; each = fresh.poll()) {
      if (!ended.test(each)) {
        waiting.add(new Lingering<>(each, now + patienceNanos));
      }
    }
    // All have the same patience, so they stand in the order of their deadlines.
    while (!waiting.isEmpty() && waiting.getFirst().deadline() - now <= 0) {
      overdue.accept(waiting.removeFirst().stream());
    }
  }
}
