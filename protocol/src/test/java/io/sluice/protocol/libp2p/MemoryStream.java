package io.sluice.protocol.libp2p;

import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** One end of a stream of {@link TestHosts}: it owns what is on its way to it. */
final class MemoryStream implements Stream {

  /** Bytes, or the end if there are none, that may be read from a time on. */
  private record Delivery(ByteBuffer bytes, long due) {}

  private final TestHosts network;
  private final PeerId local;
  private final PeerId remote;
  private final String protocol;
  private final long delayNanos;
  private @Nullable MemoryStream far;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<Delivery> incoming = new ArrayDeque<>();
  private int buffered;
  private boolean discarding;
  private boolean writeClosed;
  private @Nullable IOException failure;
  private volatile long idleNanos = HostTimeouts.DEFAULT.streamIdle().toNanos();

  MemoryStream(TestHosts network, PeerId local, PeerId remote, String protocol) {
    this.network = network;
    this.local = local;
    this.remote = remote;
    this.protocol = protocol;
    this.delayNanos = network.drawDelay();
  }

  void join(MemoryStream other) {
    far = other;
    other.far = this;
  }

  private MemoryStream far() {
    if (far == null) {
      throw new IllegalStateException("stream has one end only");
    }
    return far;
  }

  PeerId local() {
    return local;
  }

  @Override
  public PeerId remotePeer() {
    return remote;
  }

  @Override
  public Multiaddr remoteAddress() {
    return Multiaddr.parse("/ip4/127.0.0.1/tcp/4001");
  }

  @Override
  public String protocol() {
    return protocol;
  }

  @Override
  public int read(ByteBuffer dst) throws IOException {
    if (!dst.hasRemaining()) {
      return 0;
    }
    lock.lock();
    try {
      long deadline = deadline();
      while (true) {
        if (failure != null) {
          throw failure;
        }
        Delivery next = incoming.peek();
        long now = System.nanoTime();
        if (next == null || network.isHeld(remote, local, protocol)) {
          await(deadline, "nothing to read");
        } else if (next.due() - now > 0) {
          await(Math.min(deadline, next.due()), null);
        } else if (!next.bytes().hasRemaining()) {
          return -1;
        } else {
          return take(next, dst);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private int take(Delivery next, ByteBuffer dst) {
    int count = TestHosts.move(next.bytes(), dst);
    buffered -= count;
    if (!next.bytes().hasRemaining()) {
      incoming.remove();
    }
    changed.signalAll();
    return count;
  }

  @Override
  public void write(ByteBuffer... src) throws IOException {
    for (ByteBuffer each : src) {
      while (each.hasRemaining()) {
        writeSome(each);
      }
    }
  }

  private void writeSome(ByteBuffer src) throws IOException {
    lock.lock();
    try {
      if (failure != null) {
        throw failure;
      }
      if (writeClosed) {
        throw new StreamResetException(false, 0);
      }
    } finally {
      lock.unlock();
    }
    int room = far().awaitRoom(deadline());
    int wanted = Math.min(room, src.remaining());
    int passed = network.pass(local, remote, wanted);
    ByteBuffer copy = ByteBuffer.allocate(passed);
    TestHosts.move(src, copy);
    far().deliver(copy.flip(), delayNanos);
    if (passed < wanted || passed == 0) {
      network.cut(local, remote);
    }
  }

  private int awaitRoom(long deadline) throws IOException {
    lock.lock();
    try {
      while (buffered >= TestHosts.WINDOW && failure == null && !discarding) {
        await(deadline, "the peer takes nothing");
      }
      if (failure != null) {
        throw failure;
      }
      return discarding ? TestHosts.WINDOW : TestHosts.WINDOW - buffered;
    } finally {
      lock.unlock();
    }
  }

  private void deliver(ByteBuffer bytes, long delay) {
    lock.lock();
    try {
      if (!discarding) {
        buffered += bytes.remaining();
        if (bytes.hasRemaining()) {
          incoming.add(new Delivery(bytes, System.nanoTime() + delay));
        }
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void closeWrite() {
    lock.lock();
    try {
      if (writeClosed || failure != null) {
        return;
      }
      writeClosed = true;
    } finally {
      lock.unlock();
    }
    far().end(delayNanos);
  }

  private void end(long delay) {
    lock.lock();
    try {
      incoming.add(new Delivery(ByteBuffer.allocate(0), System.nanoTime() + delay));
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    closeWrite();
    lock.lock();
    try {
      discarding = true;
      incoming.clear();
      buffered = 0;
      if (failure == null) {
        failure = new StreamResetException(false, 0);
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void reset() {
    if (!over()) {
      fail(new StreamResetException(false, 0));
      far().fail(new StreamResetException(true, 0));
    }
  }

  void fail(IOException why) {
    lock.lock();
    try {
      if (failure == null) {
        failure = why;
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  boolean over() {
    if (!lock.tryLock()) {
      return false; // in use, so not over; waiting here for a reader that waits for the network's
      // lock would last
    }
    try {
      return failure != null;
    } finally {
      lock.unlock();
    }
  }

  void wake() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void timeout(Duration idle) {
    idleNanos = idle.toNanos();
  }

  private long deadline() {
    return idleNanos == 0 ? Long.MAX_VALUE : System.nanoTime() + idleNanos;
  }

  @SuppressWarnings("WaitNotInLoop") // the loop is the caller's
  private void await(long deadline, @Nullable String idle) throws IOException {
    long left = deadline == Long.MAX_VALUE ? Long.MAX_VALUE : deadline - System.nanoTime();
    if (left <= 0 && idle != null) {
      throw new TimedOutException("stream idle: " + idle);
    }
    try {
      var unused = changed.awaitNanos(left);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for a stream");
    }
  }
}
