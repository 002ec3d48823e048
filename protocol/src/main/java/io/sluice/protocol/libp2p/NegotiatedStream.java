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
 */
final class NegotiatedStream implements Stream {
  private final PeerConnection connection;
  private final YamuxStream raw;
  private final String protocol;
  private final Duration negotiation;
  private final Runnable onEnd;
  private final AtomicBoolean ended = new AtomicBoolean();
  private volatile long idleNanos;

  /** Guards the two that follow; never taken by an event loop. */
  private final ReentrantLock agreeing = new ReentrantLock();

  private byte @Nullable [] proposal;
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

  private void propose() throws IOException {
    agreeing.lock();
    try {
      if (proposal != null) {
        raw.write(new ByteBuffer[] {ByteBuffer.wrap(proposal)}, negotiation.toNanos());
        proposal = null;
      }
    } finally {
      agreeing.unlock();
    }
  }

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
