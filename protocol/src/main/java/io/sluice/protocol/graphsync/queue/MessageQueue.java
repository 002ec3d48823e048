package io.sluice.protocol.graphsync.queue;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.sluice.protocol.graphsync.GraphsyncConfig;
import io.sluice.protocol.graphsync.wire.GsRequest;
import io.sluice.protocol.graphsync.wire.LinkMeta;
import io.sluice.protocol.graphsync.wire.RequestNumbers;
import io.sluice.protocol.graphsync.wire.ResponseStatus;
import io.sluice.protocol.graphsync.wire.WireVersion;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.libp2p.Host;
import io.sluice.protocol.libp2p.Stream;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.multiformats.Varint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All that goes out to one peer: one stream, opened when there is something to say and closed once
 * it has been quiet for a while, since Go peers reset streams that are silent for ten seconds.
 * While a message is being written, the next ones fill up.
 *
 * <pre>
 *   any thread ── ask, link, say ──▶ open ── is full ──▶ full, full, … ──▶ writing thread ──▶ stream
 *                 drop (a dead author) takes back from both
 * </pre>
 *
 * <p>Order: what one author says arrives in the order in which it was said, since messages go out
 * in the order in which they were begun, through one stream at a time. Across a change of streams
 * the peer may read the new one first, so nothing is written on it before the old one is closed.
 *
 * <p>Back-pressure: nobody waits here. Whoever adds a block has taken its memory from {@link
 * SendMemory} first, and it goes back when the block is written or dropped; so a peer that does not
 * read holds up the walks that serve it, in their own threads, and nobody else. All ways out of the
 * queue give the memory back exactly once.
 *
 * <p>Thread-safe. What authors are told comes from the writing thread, which holds no lock then.
 * Spec: GraphSync 2.0.0, messages.
 */
public final class MessageQueue {
  private static final Logger LOG = LoggerFactory.getLogger(MessageQueue.class);

  /**
   * What a peer could make us queue without a block: requests and cancels of ours, and refusals.
   */
  private static final int MAX_WAITING = 4096;

  private static final long RETRY_MILLIS = 100;

  /** A requestor that is busy does not read; what holds it up may be a disk or a person. */
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  private final PeerId peer;
  private final Host host;
  private final GraphsyncConfig config;
  private final SendMemory memory;
  private final RequestNumbers numbers;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition filled = lock.newCondition();

  /** Messages that take no more, the oldest first. */
  @GuardedBy("lock")
  private final Deque<MessageBuilder> full = new ArrayDeque<>();

  /** The one being filled. It goes out, however small, as soon as the writer has nothing else. */
  @GuardedBy("lock")
  private MessageBuilder open;

  /** Null while there is nothing to say, so that a peer that is gone costs no thread. */
  @GuardedBy("lock")
  private @Nullable Thread writer;

  @GuardedBy("lock")
  private boolean closed;

  private volatile List<Multiaddr> addresses = List.of();
  private volatile WireVersion preferred = WireVersion.V2;

  // Of the writing thread alone.
  private @Nullable Stream stream;

  /**
   * The responses of which something went out since a stream was lost, on this one or on one that
   * was closed: what was written there may not have arrived. Weak, since most end before that.
   */
  private final Set<MessageAuthor> begun = Collections.newSetFromMap(new WeakHashMap<>());

  private WireVersion version = WireVersion.V2;

  /** A queue for one peer; nothing is opened before there is something to say. */
  public MessageQueue(
      PeerId peer, Host host, GraphsyncConfig config, SendMemory memory, RequestNumbers numbers) {
    this.peer = peer;
    this.host = host;
    this.config = config;
    this.memory = memory;
    this.numbers = numbers;
    this.open = new MessageBuilder(config.messageBytes());
  }

  /** Whom it is for. */
  public PeerId peer() {
    return peer;
  }

  /** How many losses of connections there have been; see {@link Host#losses}. */
  public long losses() {
    return host.losses();
  }

  /** What the peer opens its own streams with, and so surely understands. */
  public void prefer(WireVersion spoken) {
    preferred = spoken;
  }

  /** Where the peer may be dialled, beside what the host knows. */
  public void reachAt(List<Multiaddr> where) {
    if (!where.isEmpty()) {
      addresses = where;
    }
  }

  /** Queues a request of ours, or a word about one. */
  public void ask(GsRequest request, MessageAuthor author) {
    lock.lock();
    try {
      if (!open.takes(request)) {
        roll();
      }
      open.add(request, author);
      wakeWriter();
    } finally {
      lock.unlock();
    }
  }

  /** A visit; the memory of the block, if there is one, has been taken. */
  public void link(MessageAuthor author, LinkMeta entry, @Nullable Block block) {
    int size = block == null ? 0 : block.size();
    boolean refused = false;
    lock.lock();
    try {
      // Asked under the lock that drop takes: what passes here is found by a drop that comes later.
      if (closed || author.isDead()) {
        refused = true;
      } else {
        if (!open.takesBlock(author, size)) {
          roll();
        }
        open.addLink(author, entry);
        if (block != null) {
          open.addBlock(author, block);
        }
        wakeWriter();
      }
    } finally {
      lock.unlock();
    }
    // Outside of the lock, as everywhere: it wakes walks that wait for memory.
    if (refused) {
      memory.give(peer, size);
    }
  }

  /** Sets the status of a response, and adds extensions to it. */
  public void say(MessageAuthor author, ResponseStatus status, Map<String, Node> extensions) {
    lock.lock();
    try {
      if (closed || author.isDead()) {
        return;
      }
      if (!open.takesExtensions(author, extensions)) {
        roll();
      }
      open.say(author, status, extensions);
      wakeWriter();
    } finally {
      lock.unlock();
    }
  }

  /** Takes back all that a dead author said and that has not gone out yet. */
  public void drop(MessageAuthor author) {
    long bytes = 0;
    lock.lock();
    try {
      for (MessageBuilder message : full) {
        bytes += message.drop(author);
      }
      bytes += open.drop(author);
      // An empty message would be a frame about nothing; the open one may stay empty.
      full.removeIf(MessageBuilder::isEmpty);
    } finally {
      lock.unlock();
    }
    memory.give(peer, bytes);
  }

  /** Throws away everything and ends the writer. */
  public void close() {
    List<MessageBuilder> dropped = new ArrayList<>();
    lock.lock();
    try {
      closed = true;
      dropped.addAll(full);
      dropped.add(open);
      full.clear();
      open = new MessageBuilder(config.messageBytes());
      filled.signalAll();
    } finally {
      lock.unlock();
    }
    dropped.forEach(message -> memory.give(peer, message.bytes()));
  }

  /** Whether nothing waits and nobody writes. */
  public boolean isIdle() {
    lock.lock();
    try {
      return writer == null && full.isEmpty() && open.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  private void roll() {
    if (!open.isEmpty()) {
      full.add(open);
      open = new MessageBuilder(config.messageBytes());
    }
    if (full.size() > MAX_WAITING) {
      // Blocks are bounded by memory and metadata by the walk's turn; only control messages could
      // pile up so.
      throw new IllegalStateException(full.size() + " messages wait for " + peer);
    }
  }

  @GuardedBy("lock")
  private void wakeWriter() {
    if (writer == null && !closed) {
      writer = Thread.ofVirtual().name("graphsync-out-" + peer).start(this::write);
    } else {
      filled.signal();
    }
  }

  private void write() {
    try {
      for (MessageBuilder message = next(); message != null; message = next()) {
        deliver(message);
      }
    } finally {
      // Not reset: what was written whole is on its way, and may be all that the peer waits for.
      closeStream();
    }
  }

  /**
   * The next message; null once all has been quiet for a while, and then this thread has ended as
   * the writer.
   */
  private @Nullable MessageBuilder next() {
    lock.lock();
    try {
      long nanos = config.quiet().toNanos();
      while (!closed && full.isEmpty() && open.isEmpty()) {
        if (nanos <= 0) {
          // Nobody may write before the old stream is closed: messages are ordered only within a
          // stream.
          closeStream();
          writer = null;
          return null;
        }
        try {
          nanos = filled.awaitNanos(nanos);
        } catch (InterruptedException e) {
          throw new IllegalStateException("nobody interrupts " + Thread.currentThread(), e);
        }
      }
      if (closed) {
        return null;
      }
      if (full.isEmpty()) {
        roll();
      }
      return full.poll();
    } finally {
      lock.unlock();
    }
  }

  private void deliver(MessageBuilder message) {
    IOException cause = null;
    for (int attempt = 1; attempt <= config.sendAttempts(); attempt++) {
      try {
        Stream out = streamFor(message);
        out.write(framed(version.encode(message.build(), numbers)));
        message.addResponsesTo(begun);
        // Before the authors hear of it: what they do next may need the room.
        memory.give(peer, message.bytes());
        message.written();
        return;
      } catch (IOException e) {
        LOG.debug("attempt {} of a message to {} failed", attempt, peer, e);
        cause = e;
        dropStream();
        // What of them was written before may be lost, too, and a walk is followed without gaps
        // only: also of those of which this message says nothing.
        memory.give(peer, message.giveUp(begun, e));
        List.copyOf(begun).forEach(author -> author.notWritten(e));
        begun.clear();
        if (message.isEmpty()) {
          return;
        }
        // The rest has its first words in this message, and may as well be said on a new stream.
        if (attempt < config.sendAttempts() && !pause(attempt)) {
          break;
        }
      } catch (RuntimeException e) {
        // A message that cannot be encoded is a mistake of ours; its authors must not wait for
        // ever.
        LOG.error("message to {} cannot be sent", peer, e);
        cause = new IOException("message cannot be sent", e);
        dropStream();
        break;
      }
    }
    memory.give(peer, message.bytes());
    message.notWritten(cause == null ? new IOException("not sent") : cause);
  }

  /**
   * Waits a little, on the writing thread alone: what comes meanwhile fills the messages behind.
   * Returns whether another attempt makes sense.
   */
  private boolean pause(int attempt) {
    try {
      TimeUnit.MILLISECONDS.sleep(RETRY_MILLIS * attempt);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
    lock.lock();
    try {
      return !closed;
    } finally {
      lock.unlock();
    }
  }

  private Stream streamFor(MessageBuilder message) throws IOException {
    Stream current = stream;
    // A response is written in the version that its request came in: ids differ between the two.
    if (current != null && !message.isFor(version)) {
      closeStream();
      current = null;
    }
    if (current == null) {
      current = host.open(peer, addresses, protocolsFor(message));
      current.timeout(PATIENCE);
      version = WireVersion.ofProtocol(current.protocol());
      stream = current;
    }
    return current;
  }

  private List<String> protocolsFor(MessageBuilder message) {
    if (message.hasResponses()) {
      return List.of((message.isFor(WireVersion.V1) ? WireVersion.V1 : WireVersion.V2).protocol());
    }
    return preferred == WireVersion.V1
        ? WireVersion.protocols().reversed()
        : WireVersion.protocols();
  }

  private void closeStream() {
    Stream current = stream;
    stream = null;
    if (current != null) {
      try {
        current.close();
      } catch (IOException e) {
        LOG.debug("closing the stream to {}", peer, e);
      }
    }
  }

  private void dropStream() {
    Stream current = stream;
    stream = null;
    if (current != null) {
      current.reset();
    }
  }

  private static ByteBuffer[] framed(List<ByteBuffer> parts) {
    long size = 0;
    for (ByteBuffer part : parts) {
      size += part.remaining();
    }
    if (size > WireVersion.MAX_FRAME) {
      throw new IllegalStateException("frame of " + size + " bytes");
    }
    ByteBuffer[] frame = new ByteBuffer[parts.size() + 1];
    frame[0] = ByteBuffer.wrap(Varint.encode(size));
    for (int i = 0; i < parts.size(); i++) {
      frame[i + 1] = parts.get(i).duplicate();
    }
    return frame;
  }
}
