package io.sluice.node.pullsync;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.libp2p.Stream;
import io.sluice.protocol.libp2p.TimedOutException;
import io.sluice.protocol.pullsync.BadPullsync;
import io.sluice.protocol.pullsync.MessageStream;
import io.sluice.protocol.pullsync.Pullsync;
import io.sluice.protocol.pullsync.PullsyncMessage;
import io.sluice.protocol.pullsync.Want;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Listens to a requestor while its answer is made, on a thread of its own: when the requestor ends
 * or resets its stream, whoever waits here is woken, and whoever writes to the stream is let go.
 */
final class RequestWatch {
  private final Stream stream;
  private final MessageStream messages;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  private @Nullable Want want;
  private @Nullable ProtocolException violation;
  private boolean over;
  private boolean risen;
  private boolean answered;

  /** The requestor wants no more. */
  static final class CalledOffException extends IOException {
    private static final long serialVersionUID = 1L;

    CalledOffException() {
      super("called off");
    }
  }

  /** Begins to listen; ends when the stream does. */
  static RequestWatch of(Stream stream, MessageStream messages) {
    RequestWatch watch = new RequestWatch(stream, messages);
    Thread.ofVirtual().name("pullsync watch").start(watch::listen);
    return watch;
  }

  private RequestWatch(Stream stream, MessageStream messages) {
    this.stream = stream;
    this.messages = messages;
  }

  private void listen() {
    try {
      while (true) {
        try {
          Optional<PullsyncMessage> next = messages.read(Pullsync.REQUEST_BYTES);
          if (next.isEmpty()) {
            end(null);
            return;
          }
          take(next.get());
        } catch (TimedOutException e) {
          // it has nothing to say meanwhile
        }
      }
    } catch (IOException e) {
      end(null);
    } catch (ProtocolException e) {
      end(e);
    }
  }

  private void take(PullsyncMessage message) {
    lock.lock();
    try {
      if (!(message instanceof Want next) || want != null) {
        throw BadPullsync.because("a message out of turn");
      }
      want = next;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void end(@Nullable ProtocolException why) {
    boolean inTheMiddle;
    lock.lock();
    try {
      over = true;
      violation = why;
      inTheMiddle = !answered && why == null;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    if (inTheMiddle) {
      stream.reset(); // whoever writes would wait for a peer that reads no more
    }
  }

  /** All was said: from here on an end is what it should be. */
  void answered() {
    lock.lock();
    try {
      answered = true;
    } finally {
      lock.unlock();
    }
  }

  /** The log grew. */
  void rise() {
    lock.lock();
    try {
      risen = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until the log has grown since the last call.
   *
   * @return false if the time was over first
   */
  boolean awaitRise(long nanos) throws IOException {
    lock.lock();
    try {
      await(() -> risen, nanos);
      boolean rose = risen;
      risen = false;
      return rose;
    } finally {
      lock.unlock();
    }
  }

  /** Waits for what is wanted. */
  Want awaitWant(Duration patience) throws IOException {
    lock.lock();
    try {
      await(() -> want != null, patience.toNanos());
      if (want == null) {
        throw new TimedOutException("nothing was said about an offer within " + patience);
      }
      return want;
    } finally {
      lock.unlock();
    }
  }

  /** Lets time pass. */
  void pause(long nanos) throws IOException {
    lock.lock();
    try {
      await(() -> false, nanos);
    } finally {
      lock.unlock();
    }
  }

  private void await(BooleanSupplier until, long nanos) throws IOException {
    long left = nanos;
    try {
      while (!until.getAsBoolean() && left > 0) {
        requireGoingOn();
        left = changed.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      InterruptedIOException stopped = new InterruptedIOException("interrupted while waiting");
      stopped.initCause(e);
      throw stopped;
    }
    requireGoingOn();
  }

  /**
   * Throws if the requestor wants no more.
   *
   * @throws ProtocolException if it said what cannot be
   */
  void requireGoingOn() throws CalledOffException {
    lock.lock();
    try {
      if (violation != null) {
        throw violation;
      }
      if (over) {
        throw new CalledOffException();
      }
    } finally {
      lock.unlock();
    }
  }
}
