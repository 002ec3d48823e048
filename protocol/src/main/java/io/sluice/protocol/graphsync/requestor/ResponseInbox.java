package io.sluice.protocol.graphsync.requestor;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.sluice.protocol.graphsync.wire.GsResponse;
import io.sluice.protocol.graphsync.wire.LinkAction;
import io.sluice.protocol.graphsync.wire.LinkMeta;
import io.sluice.protocol.graphsync.wire.ResponseStatus;
import io.sluice.protocol.multiformats.Cid;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What a responder has said about one request and the walk has not come to yet. Bounded by bytes:
 * the stream is not read while it is full, which holds the responder back and harms nobody but that
 * peer.
 *
 * <p>One thread puts, the walk's takes, anybody stops. A responder can send metadata without
 * blocks, blocks without metadata, and both for ever: all of it has a weight, and what nobody takes
 * stops the reading.
 */
final class ResponseInbox {
  /** A rough weight of one entry, so that metadata without blocks is bounded too. */
  private static final int ENTRY = 128;

  private record Chunk(List<LinkMeta> metadata, Arrival arrival, long weight) {}

  private final long limit;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  @GuardedBy("lock")
  private final Deque<Chunk> chunks = new ArrayDeque<>();

  @GuardedBy("lock")
  private long weight;

  @GuardedBy("lock")
  private @Nullable ResponseStatus terminal;

  @GuardedBy("lock")
  private boolean stopped;

  @GuardedBy("lock")
  private boolean lost;

  // Of the walk's thread alone.
  private @Nullable Chunk current;
  private Map<Cid, ByteBuffer> blocks = Map.of();
  private int at;
  private long unrequested;

  ResponseInbox(long limit) {
    this.limit = limit;
  }

  // ---- the reading thread

  /** Takes what a message says, and waits while there is too much. */
  void put(GsResponse response, Arrival arrival) {
    lock.lock();
    try {
      if (stopped || lost) {
        return;
      }
      List<LinkMeta> metadata = response.metadata();
      if (!metadata.isEmpty() || arrival.bytes() > 0) {
        long size = arrival.bytes() + (long) metadata.size() * ENTRY;
        chunks.add(new Chunk(metadata, arrival, size));
        weight += size;
      }
      if (response.status().terminal()) {
        terminal = response.status();
      }
      changed.signalAll();
      // After it was added: a single message may be larger than the limit, and must not wait for
      // ever.
      while (weight > limit && !stopped && !lost) {
        changed.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  // ---- anybody

  /**
   * Throws away what is here, and whatever comes from now on; the walk leaves by {@link WalkEnded}.
   */
  void stop() {
    lock.lock();
    try {
      stopped = true;
      chunks.clear();
      weight = 0;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes nothing more: what came behind a gap would be in the wrong place. What is here stays, and
   * the walk leaves by {@link WalkEnded} when it has come to its end.
   */
  void lose() {
    lock.lock();
    try {
      lost = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  // ---- the walk's thread

  /** The next entry, without taking it; null once the responder is done and all is taken. */
  @Nullable LinkMeta peek() {
    while (current == null || at == current.metadata().size()) {
      if (!advance(Long.MAX_VALUE)) {
        return null;
      }
    }
    return current.metadata().get(at);
  }

  /** The next entry; null once the responder is done and all is taken. */
  @Nullable LinkMeta take() {
    LinkMeta entry = peek();
    at++;
    return entry;
  }

  /** The bytes that came with the entry taken last: for its first mention in a message only. */
  @Nullable ByteBuffer bytesFor(LinkMeta entry) {
    return entry.action() == LinkAction.PRESENT ? blocks.remove(entry.link()) : null;
  }

  /** Waits for the responder's last status. Returns whether anything but that was still to come. */
  boolean drain(Duration patience) {
    if (current != null && at < current.metadata().size()) {
      return true;
    }
    while (advance(patience.toNanos())) {
      if (current != null && at < current.metadata().size()) {
        return true;
      }
    }
    return false;
  }

  /** The last status, if it has come. */
  @Nullable ResponseStatus terminal() {
    lock.lock();
    try {
      return terminal;
    } finally {
      lock.unlock();
    }
  }

  /** Blocks that came and that no metadata spoke of. */
  long unrequested() {
    return unrequested;
  }

  private boolean advance(long patience) {
    Chunk next = poll(patience);
    if (next == null) {
      return false;
    }
    current = next;
    at = 0;
    blocks = next.arrival().blocks();
    unrequested += next.arrival().unrequested();
    return true;
  }

  private @Nullable Chunk poll(long patience) {
    lock.lock();
    try {
      if (current != null) {
        // Room is made only now, when the walk is through with the message.
        weight -= stopped ? 0 : current.weight();
        current = null;
        blocks = Map.of();
        changed.signalAll();
      }
      long nanos = patience;
      while (chunks.isEmpty() && terminal == null && !stopped && !lost && nanos > 0) {
        nanos = changed.awaitNanos(nanos);
      }
      // A last status that came counts more than the loss behind it.
      if (stopped || (lost && chunks.isEmpty() && terminal == null)) {
        throw new WalkEnded();
      }
      return chunks.poll();
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts " + Thread.currentThread(), e);
    } finally {
      lock.unlock();
    }
  }
}
