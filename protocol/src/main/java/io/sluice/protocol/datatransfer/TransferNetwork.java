package io.sluice.protocol.datatransfer;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.libp2p.Host;
import io.sluice.protocol.libp2p.Stream;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Messages on streams of their own: one message, then the stream is closed, and never an answer on
 * it. Empty streams are probes of reachability, and cut messages happen when the sender's process
 * ends; both are nobody's error.
 *
 * <p>Thread-safe. What goes to one peer goes in order: one thread a peer sends, while there is
 * something to send, and a message that fails is tried again before the next. So a peer that cannot
 * be reached holds up what is said to it and nothing else. Callers never wait; what becomes of a
 * message is in its future, and too many for one peer are refused at once.
 *
 * <p>What comes is read on the stream's own thread, which hands it on. A peer can send any bytes,
 * for as long as it likes: a message is bounded, and so is the time without progress; how many
 * streams it may have at once is the host's to say. Spec: data transfer 1.2, messages.
 */
final class TransferNetwork {
  static final String PROTOCOL = "/fil/datatransfer/1.2.0";

  private static final Logger LOG = LoggerFactory.getLogger(TransferNetwork.class);
  private static final int MAX_MESSAGE = 256 << 10;

  /**
   * Up to this many bytes each piece that comes is looked at, since some peers leave the stream
   * open behind the message. Looking again and again at a large one would cost the square of its
   * length.
   */
  private static final int EAGER = 64 << 10;

  private static final int ATTEMPTS = 4;
  private static final long FIRST_WAIT_MILLIS = 250;
  private static final int WAIT_FACTOR = 4;
  private static final int MAX_WAITING = 1024;
  private static final Duration PROGRESS = Duration.ofSeconds(10);

  private record OutgoingMessage(
      List<Multiaddr> addresses, ByteBuffer bytes, CompletableFuture<Void> sent) {}

  private final Host host;
  private final BiConsumer<PeerId, TransferMessage> receiver;
  private final Map<PeerId, Deque<OutgoingMessage>> waiting = new HashMap<>();
  private volatile boolean closed;

  TransferNetwork(Host host, BiConsumer<PeerId, TransferMessage> receiver) {
    this.host = host;
    this.receiver = receiver;
    host.handle(PROTOCOL, this::read);
  }

  CompletableFuture<Void> send(PeerId peer, List<Multiaddr> addresses, TransferMessage message) {
    CompletableFuture<Void> sent = new CompletableFuture<>();
    OutgoingMessage outgoing =
        new OutgoingMessage(addresses, ByteBuffer.wrap(TransferCodec.encode(message)), sent);
    boolean first;
    synchronized (waiting) {
      Deque<OutgoingMessage> queue = waiting.computeIfAbsent(peer, ignored -> new ArrayDeque<>());
      if (closed || queue.size() >= MAX_WAITING) {
        sent.completeExceptionally(
            new IOException(
                closed ? "the endpoint is closed" : queue.size() + " messages wait for " + peer));
        return sent;
      }
      first = queue.isEmpty();
      queue.add(outgoing);
    }
    if (first) {
      Thread.ofVirtual().name("data-transfer-out-" + peer).start(() -> drain(peer));
    }
    return sent;
  }

  /** Takes nothing more; what waits is tried once each, and fails when the host is closed. */
  void close() {
    closed = true;
  }

  /**
   * Sends what waits for a peer, until nothing does. A message stays first in its queue while it is
   * being sent.
   */
  private void drain(PeerId peer) {
    for (OutgoingMessage message = next(peer, null);
        message != null;
        message = next(peer, message)) {
      try {
        deliver(peer, message);
        message.sent().complete(null);
      } catch (IOException | RuntimeException e) {
        // Whoever gave it decides what that means; the next may be for another channel.
        LOG.debug("message to {} was not sent", peer, e);
        message.sent().completeExceptionally(e);
      }
    }
  }

  /**
   * The next to be sent, behind the one that is done; null once there is none, with no queue left.
   */
  private @Nullable OutgoingMessage next(PeerId peer, @Nullable OutgoingMessage done) {
    synchronized (waiting) {
      Deque<OutgoingMessage> queue = waiting.get(peer);
      if (queue == null) {
        return null;
      }
      if (done != null) { // it stood there so that nobody would begin a second thread
        queue.removeFirst();
      }
      if (queue.isEmpty()) {
        waiting.remove(peer);
        return null;
      }
      return queue.getFirst();
    }
  }

  private void deliver(PeerId peer, OutgoingMessage message) throws IOException {
    long wait = FIRST_WAIT_MILLIS;
    for (int attempt = 1; ; attempt++) {
      try {
        write(peer, message);
        return;
      } catch (IOException e) {
        // It may have arrived all the same. That does no harm: receivers take what is said twice.
        if (attempt == ATTEMPTS || closed) {
          throw e;
        }
        LOG.debug("attempt {} of a message to {} failed", attempt, peer, e);
      }
      try {
        TimeUnit.MILLISECONDS.sleep(wait);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
      wait *= WAIT_FACTOR;
    }
  }

  /** On a new stream: Go reads one message from each, and closes it. */
  private void write(PeerId peer, OutgoingMessage message) throws IOException {
    Stream stream = host.open(peer, message.addresses(), List.of(PROTOCOL));
    boolean done = false;
    try {
      stream.timeout(PROGRESS);
      stream.write(message.bytes().duplicate());
      stream.close();
      done = true;
    } finally {
      if (!done) { // else a cut message would look whole to a peer that waits for the end
        stream.reset();
      }
    }
  }

  /**
   * Some peers put several messages into a stream, and some leave it open: a message counts once it
   * is whole.
   */
  private void read(Stream stream) throws IOException {
    stream.timeout(PROGRESS);
    ByteBuffer buffer = ByteBuffer.allocate(4096);
    int taken = 0;
    while (true) {
      if (!buffer.hasRemaining()) {
        buffer = grown(buffer);
      }
      boolean more;
      try {
        more = stream.read(buffer) >= 0;
      } catch (IOException e) {
        LOG.debug("stream of {} was cut after {} bytes", stream.remotePeer(), buffer.position(), e);
        return;
      }
      if (!more || buffer.position() < EAGER) {
        taken = take(stream.remotePeer(), buffer, taken);
      }
      if (!more) {
        return;
      }
    }
  }

  /** Hands on what is whole, from there on; returns how far that was. */
  private int take(PeerId from, ByteBuffer buffer, int taken) {
    ByteBuffer rest = buffer.duplicate().flip().position(taken);
    int done = taken;
    while (rest.hasRemaining()) {
      TransferMessage message;
      try {
        message = TransferCodec.decodePrefix(rest);
      } catch (ProtocolException e) {
        // Maybe the rest is under way. At the end it is nobody's error, see above.
        if (e.code().equals(ProtocolException.DECODE_TRUNCATED)) {
          return done;
        }
        throw e;
      }
      done = rest.position();
      receiver.accept(from, message);
    }
    return done;
  }

  private static ByteBuffer grown(ByteBuffer full) {
    if (full.capacity() >= MAX_MESSAGE) {
      throw new ProtocolException(
          ProtocolException.MESSAGE_TOO_LARGE, "message of more than " + MAX_MESSAGE + " bytes");
    }
    // The old buffer stays as it is: messages are views of it.
    return ByteBuffer.allocate(Math.min(MAX_MESSAGE, full.capacity() * 4)).put(full.flip());
  }
}
