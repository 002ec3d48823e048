package io.sluice.protocol.libp2p;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A stream whose protocol is agreed on, or as good as: where the peer has said before that it
 * speaks it, the proposal goes out with the first bytes, and the answer is read with the first that
 * come back. That saves a round trip.
 *
 * <p>What a peer said before may not hold any more: then the first read, or the close, fails as the
 * opening would have, and nothing that was written has been taken by a handler. The proposal is
 * written once, by whoever writes, reads or closes first; others wait for that, since nothing may
 * go before it.
 *
 * <p>Closing does not wait for the peer. It gets a while to end its side, in which the stream still
 * counts as open in yamux, and then it is reset. Spec: multistream-select, and its lazy form.
 */
final class NegotiatedStream implements Stream {
  private final PeerConnection connection;
  private final YamuxStream raw;
  private final String protocol;
  private final Duration negotiation;
  private final Runnable onEnd;

  /** Closed or reset here; whichever comes first gives the place among the open streams back. */
  private final AtomicBoolean ended = new AtomicBoolean();

  private volatile long idleNanos;

  /** Guards the two that follow; never taken by an event loop. */
  private final ReentrantLock agreeing = new ReentrantLock();

  private byte @Nullable [] proposal;
  // Volatile for those that look without the lock. It turns false once.
  private volatile boolean unconfirmed;

  /**
   * Wraps one.
   *
   * @param agreed false if the peer has not even been asked yet
   * @param onEnd runs once, when the stream is closed or reset
   */
  NegotiatedStream(
      PeerConnection connection,
      YamuxStream raw,
      String protocol,
      boolean agreed,
      HostTimeouts timeouts,
      Runnable onEnd) {
    this.connection = connection;
    this.raw = raw;
    this.protocol = protocol;
    this.negotiation = timeouts.negotiation();
    this.onEnd = onEnd;
    this.proposal = agreed ? null : StreamNegotiation.opening(protocol);
    this.unconfirmed = !agreed;
    timeout(timeouts.streamIdle());
  }

  @Override
  public PeerId remotePeer() {
    return connection.peer();
  }

  @Override
  public Multiaddr remoteAddress() {
    return connection.remoteAddress();
  }

  @Override
  public String protocol() {
    return protocol;
  }

  @Override
  public int read(ByteBuffer dst) throws IOException {
    // A look at a volatile field for each read; the lock only until the answer has come.
    if (unconfirmed) {
      confirm();
    }
    return raw.read(dst, idleNanos);
  }

  @Override
  public void write(ByteBuffer... src) throws IOException {
    if (unconfirmed) {
      propose();
    }
    raw.write(src, idleNanos);
  }

  @Override
  public void closeWrite() throws IOException {
    if (unconfirmed) {
      propose(); // the answer may come after our end: the peer may want the whole request first
    }
    raw.closeWrite();
  }

  @Override
  public void close() throws IOException {
    if (!ended.compareAndSet(false, true)) {
      return;
    }
    try {
      if (unconfirmed && !raw.ended()) {
        propose();
        raw.closeWrite();
        confirm(); // else a peer that says no would go unnoticed
      }
      raw.closeWrite();
      raw.closeRead();
      // Yamux has no word for "read no more": until the peer ends its side the stream stays.
      raw.session().linger(raw);
    } catch (IOException | RuntimeException failed) {
      raw.reset(ResetCode.NONE);
      throw failed;
    } finally {
      onEnd.run();
    }
  }

  @Override
  public void reset() {
    reset(ResetCode.NONE);
  }

  void reset(ResetCode code) {
    // Also when it was closed: that leaves the peer time, and a reset does not.
    raw.reset(code);
    if (ended.compareAndSet(false, true)) {
      onEnd.run();
    }
  }

  @Override
  public void timeout(Duration idle) {
    if (idle.isNegative()) {
      throw new IllegalArgumentException("idle time-out " + idle + " is negative");
    }
    idleNanos = idle.isZero() ? Long.MAX_VALUE : idle.toNanos();
  }

  /** Says the protocol, if nobody has: with the first bytes, or alone where there are none. */
  private void propose() throws IOException {
    agreeing.lock();
    try {
      // Null behind the write, not before: one that failed is made again by the next that tries.
      if (proposal != null) {
        raw.write(new ByteBuffer[] {ByteBuffer.wrap(proposal)}, negotiation.toNanos());
        proposal = null;
      }
    } finally {
      agreeing.unlock();
    }
  }

  /** Reads the answer, if nobody has; what stands behind it is the handler's first word. */
  private void confirm() throws IOException {
    agreeing.lock();
    try {
      propose();
      if (unconfirmed) {
        new StreamNegotiation(raw, negotiation).confirm(connection.peer(), protocol);
        unconfirmed = false;
      }
    } catch (ProtocolException malformed) {
      raw.reset(ResetCode.NEGOTIATION_FAILED);
      throw new HandshakeException("negotiation: " + malformed.getMessage(), malformed);
    } finally {
      agreeing.unlock();
    }
  }

  @Override
  public String toString() {
    return protocol + " with " + connection.peer();
  }
}
