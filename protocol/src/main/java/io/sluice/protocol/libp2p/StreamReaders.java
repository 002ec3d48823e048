package io.sluice.protocol.libp2p;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The threads that read one stream, one after the other, and what they have taken over from it and
 * not yet copied out. They take over all that has come at once, so that many small reads do not
 * each need the lock that the event loop needs for each frame.
 */
final class StreamReaders {
  /** What they read, as they see it. */
  interface Source {
    /**
     * Moves all that has come; waits for it, at most so long.
     *
     * @return false at the end
     */
    boolean takeOver(ReceivedBytes into, long waitNanos) throws IOException;

    /** So much was read, and its room may be granted anew; true if reading was closed meanwhile. */
    boolean consumed(int count);
  }

  private final Source source;

  /** Kept while waiting for the peer, so nobody but readers may need it. */
  private final ReentrantLock readers = new ReentrantLock();

  @GuardedBy("readers")
  private final ReceivedBytes taken = new ReceivedBytes();

  StreamReaders(Source source) {
    this.source = source;
  }

  /** As {@link YamuxStream#read}. */
  int read(ByteBuffer dst, long waitNanos) throws IOException {
    StreamWaits.acquire(readers);
    try {
      if (taken.isEmpty() && !source.takeOver(taken, waitNanos)) {
        return -1;
      }
      int count = taken.read(dst);
      // Closed by another thread meanwhile: what is left will not be asked for.
      if (source.consumed(count)) {
        taken.drop();
      }
      return count;
    } finally {
      readers.unlock();
    }
  }

  /** Reading was closed: what was taken over is thrown away, by this thread or the one at it. */
  void drop() {
    if (readers.tryLock()) { // else a reader is at it, and will come back for more in vain
      try {
        taken.drop();
      } finally {
        readers.unlock();
      }
    }
  }
}
