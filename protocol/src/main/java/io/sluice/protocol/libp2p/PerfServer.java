package io.sluice.protocol.libp2p;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.multiformats.PeerId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/**
 * Lets peers measure a connection to this host, as far as it likes: such a peer has it take and
 * send whatever it wants, for nothing. Who may not, or wants too much, gets the stream reset. Safe
 * for all threads. Spec: libp2p perf 1.0.0.
 */
public final class PerfServer implements StreamHandler {
  /**
   * How much a measurement may take. All positive.
   *
   * @param bytes each way
   * @param time for all of it
   * @param atOnce measurements at the same time, of all peers together
   */
  public record PerfLimits(long bytes, Duration time, int atOnce) {
    /** Enough for a fast network, and over soon on a slow one. */
    public static final PerfLimits DEFAULT = new PerfLimits(10L << 30, Duration.ofMinutes(2), 2);

    /** Refuses what is not positive. */
    public PerfLimits {
      if (bytes <= 0 || !time.isPositive() || atOnce <= 0) {
        throw new IllegalArgumentException(
            "%d bytes in %s, %d at once".formatted(bytes, time, atOnce));
      }
    }
  }

  private final Predicate<PeerId> allowed;
  private final PerfLimits limits;
  private final Ticker ticker;
  private final AtomicInteger running = new AtomicInteger();

  /** Serves whom {@code allowed} says; asked anew for each measurement. */
  public PerfServer(Predicate<PeerId> allowed, PerfLimits limits, Ticker ticker) {
    this.allowed = allowed;
    this.limits = limits;
    this.ticker = ticker;
  }

  /** Serves the protocol at a host, by each of its names. */
  public void serve(Host host) {
    Perf.PROTOCOLS.forEach(protocol -> host.handle(protocol, this));
  }

  @Override
  public void handle(Stream stream) throws IOException {
    PeerId peer = stream.remotePeer();
    if (!allowed.test(peer)) {
      throw new PeerDeniedException(peer + " may not measure here");
    }
    try {
      if (running.incrementAndGet() > limits.atOnce()) {
        throw new LimitExceededException(limits.atOnce() + " measurements are running");
      }
      answer(stream);
    } finally {
      running.decrementAndGet();
    }
  }

  private void answer(Stream stream) throws IOException {
    long began = ticker.nanos();
    Perf.Deadline deadline =
        () -> {
          if (ticker.nanos() - began > limits.time().toNanos()) {
            throw new LimitExceededException("a measurement takes longer than " + limits.time());
          }
        };
    ByteBuffer head = ByteBuffer.allocate(Long.BYTES);
    while (head.hasRemaining()) {
      if (stream.read(head) < 0) {
        throw new ProtocolException(
            "DECODE_TRUNCATED", "a measurement of %d bytes".formatted(head.position()));
      }
    }
    long wanted = head.getLong(0);
    require(Long.compareUnsigned(wanted, limits.bytes()) <= 0);
    ByteBuffer buffer = ByteBuffer.allocate(Perf.CHUNK);
    long taken = 0;
    for (int count = 0; count >= 0; count = stream.read(buffer.clear())) {
      deadline.check();
      taken += count;
      require(taken <= limits.bytes());
    }
    Perf.send(stream, wanted, deadline);
  }

  private void require(boolean within) throws LimitExceededException {
    if (!within) {
      throw new LimitExceededException(
          "a measurement of more than %d bytes".formatted(limits.bytes()));
    }
  }
}
