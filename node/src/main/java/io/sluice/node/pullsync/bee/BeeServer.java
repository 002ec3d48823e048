package io.sluice.node.pullsync.bee;

import io.sluice.node.pullsync.bee.RequestNames.Named;
import io.sluice.node.pullsync.bee.SharedPages.PageTicket;
import io.sluice.protocol.LatestEntries;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.SteadyRate;
import io.sluice.protocol.Throttle;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.libp2p.Host;
import io.sluice.protocol.libp2p.PeerDeniedException;
import io.sluice.protocol.libp2p.Stream;
import io.sluice.protocol.libp2p.StreamHandler;
import io.sluice.protocol.libp2p.StreamResetException;
import io.sluice.protocol.libp2p.TimedOutException;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.pullsync.bee.BeeFrames;
import io.sluice.protocol.pullsync.bee.BeeMessage;
import io.sluice.protocol.pullsync.bee.BeeMessage.Ack;
import io.sluice.protocol.pullsync.bee.BeeMessage.AddressOffer;
import io.sluice.protocol.pullsync.bee.BeeMessage.Cancel;
import io.sluice.protocol.pullsync.bee.BeeMessage.ChunkOffer;
import io.sluice.protocol.pullsync.bee.BeeMessage.Delivery;
import io.sluice.protocol.pullsync.bee.BeeMessage.GetRange;
import io.sluice.protocol.pullsync.bee.BeeMessage.Headers;
import io.sluice.protocol.pullsync.bee.BeeMessage.Ruid;
import io.sluice.protocol.pullsync.bee.BeeMessage.Syn;
import io.sluice.protocol.pullsync.bee.BeeMessage.Want;
import io.sluice.protocol.pullsync.bee.BeeVersion;
import io.sluice.protocol.pullsync.bee.BeeVersion.Purpose;
import io.sluice.protocol.pullsync.bee.ChunkId;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;

/**
 * Gives chunks of the reserve to those who may have them. A stream is one request; whatever is
 * wrong with it ends in a reset, which says no more. A wait for what does not exist yet ends when
 * the peer resets the stream, and not only with the next chunk as bee's does.
 *
 * <p>Spec: bee v1.0.0 and v2.8.1, {@code pkg/pullsync}, the handlers.
 */
final class BeeServer {
  /** How long a peer may take for a message that is due. */
  static final Duration PATIENCE = Duration.ofSeconds(30);

  /** As bee's own: a page at once. */
  private static final SteadyRate RATE = SteadyRate.aSecond(250, BeeVersion.V1_4.page());

  private static final int MOST_PEERS = 1024;

  private final Reserve reserve;
  private final SharedPages pages;
  private final Predicate<PeerId> readers;
  private final Ticker ticker;
  private final Delays delays;
  private final RequestNames names = new RequestNames();
  private final Map<PeerId, Throttle> rates = LatestEntries.byUse(MOST_PEERS);

  BeeServer(
      Reserve reserve, SharedPages pages, Predicate<PeerId> readers, Ticker ticker, Delays delays) {
    this.reserve = reserve;
    this.pages = pages;
    this.readers = readers;
    this.ticker = ticker;
    this.delays = delays;
  }

  /** Answers the peers of a host from here on, in those versions. */
  void serve(Host host, BeeVersion... versions) {
    for (BeeVersion version : versions) {
      handle(host, version, Purpose.PULLSYNC, (stream, frames) -> page(version, stream, frames));
      handle(host, version, Purpose.CURSORS, (stream, frames) -> cursors(version, frames));
      if (version == BeeVersion.V1_0) {
        handle(host, version, Purpose.CANCEL, this::cancel);
      }
    }
  }

  private interface Conversation {
    void have(Stream stream, BeeFrames frames) throws IOException;
  }

  private void handle(Host host, BeeVersion version, Purpose purpose, Conversation conversation) {
    StreamHandler handler =
        stream -> {
          if (!readers.test(stream.remotePeer())) {
            throw new PeerDeniedException(stream.remotePeer() + " is no neighbour by bee");
          }
          stream.timeout(PATIENCE);
          BeeFrames frames = new BeeFrames(stream);
          var unused = Headers.decode(frames.read());
          frames.write(new Headers());
          conversation.have(stream, frames);
        };
    host.handle(version.protocol(purpose), handler);
  }

  private void cursors(BeeVersion version, BeeFrames frames) throws IOException {
    var unused = Syn.decode(frames.read());
    OptionalLong epoch =
        version == BeeVersion.V1_4 ? OptionalLong.of(reserve.epoch()) : OptionalLong.empty();
    frames.write(new Ack(reserve.cursors(), epoch));
  }

  private void cancel(Stream stream, BeeFrames frames) throws IOException {
    names.cancel(stream.remotePeer(), Cancel.decode(frames.read()).ruid());
  }

  private void page(BeeVersion version, Stream stream, BeeFrames frames) throws IOException {
    switch (version) {
      case V1_0 -> {
        int ruid = Ruid.decode(frames.read()).ruid();
        Named named = names.name(stream.remotePeer(), ruid, stream::reset);
        try {
          page(version, GetRange.decode(frames.read()), stream, frames);
        } finally {
          named.close();
        }
      }
      case V1_4 -> page(version, GetRange.decodeEndless(frames.read()), stream, frames);
    }
  }

  private void page(BeeVersion version, GetRange range, Stream stream, BeeFrames frames)
      throws IOException {
    CompletableFuture<ByteBuffer> next = readAhead(stream, frames);
    PageView page = await(PageRequest.of(version, range), next);
    stream.timeout(PATIENCE);
    frames.write(offer(version, page));
    if (page.chunks().isEmpty()) {
      return;
    }
    BitSet wanted = Want.decode(get(next)).of(page.chunks().size());
    List<ChunkId> chunks = wanted.stream().mapToObj(page.chunks()::get).toList();
    if (!chunks.isEmpty()) {
      pause(rate(stream.remotePeer()).take(chunks.size()));
      deliver(version, chunks, frames);
    }
  }

  /**
   * Reads what comes behind the request: nothing but a reset or the end may come while the peer
   * waits, and either ends the wait.
   */
  private static CompletableFuture<ByteBuffer> readAhead(Stream stream, BeeFrames frames) {
    stream.timeout(Duration.ZERO);
    CompletableFuture<ByteBuffer> next = new CompletableFuture<>();
    Thread.ofVirtual()
        .name("bee request")
        .start(
            () -> {
              try {
                next.complete(frames.read());
              } catch (IOException | RuntimeException e) {
                next.completeExceptionally(e);
              }
            });
    return next;
  }

  private PageView await(PageRequest request, CompletableFuture<ByteBuffer> next)
      throws IOException {
    try (PageTicket ticket = pages.join(request)) {
      var unused =
          next.whenComplete(
              (frame, failed) -> {
                if (failed != null) {
                  ticket.page().completeExceptionally(failed);
                }
              });
      return ticket.page().get();
    } catch (InterruptedException e) {
      throw interrupted(e);
    } catch (ExecutionException e) {
      throw cause(e);
    }
  }

  private static ByteBuffer get(CompletableFuture<ByteBuffer> next) throws IOException {
    try {
      return next.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      throw interrupted(e);
    } catch (TimeoutException e) {
      throw new TimedOutException("nothing is wanted for " + PATIENCE);
    } catch (ExecutionException e) {
      throw cause(e);
    }
  }

  private static IOException cause(ExecutionException e) {
    return switch (e.getCause()) {
      case IOException io -> io;
      case ProtocolException peers -> throw peers;
      case null, default -> throw new CompletionException(e);
    };
  }

  private static InterruptedIOException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    InterruptedIOException stopped = new InterruptedIOException("interrupted before a page");
    stopped.initCause(e);
    return stopped;
  }

  private static BeeMessage offer(BeeVersion version, PageView page) {
    return switch (version) {
      case V1_0 ->
          new AddressOffer(page.topmost(), page.chunks().stream().map(ChunkId::address).toList());
      case V1_4 -> new ChunkOffer(page.topmost(), page.chunks());
    };
  }

  private Throttle rate(PeerId peer) {
    synchronized (rates) {
      return rates.computeIfAbsent(peer, any -> new Throttle(RATE, ticker));
    }
  }

  private void pause(Duration wait) throws IOException {
    if (wait.isZero()) {
      return;
    }
    CompletableFuture<Void> over = new CompletableFuture<>();
    Delays.Pending pending = delays.after(wait, () -> over.complete(null));
    try {
      var unused = over.get();
    } catch (InterruptedException e) {
      pending.cancel();
      throw interrupted(e);
    } catch (ExecutionException e) {
      throw cause(e);
    }
  }

  /** By 1.0.0 all is there or the request has failed; later what is gone is said to be. */
  private void deliver(BeeVersion version, List<ChunkId> chunks, BeeFrames frames)
      throws IOException {
    List<Delivery> deliveries = new ArrayList<>(chunks.size());
    for (ChunkId id : chunks) {
      Optional<StampedChunk> chunk =
          version == BeeVersion.V1_0 ? reserve.get(id.address()) : reserve.get(id);
      if (chunk.isEmpty() && version == BeeVersion.V1_0) {
        throw new StreamResetException(false, 0);
      }
      deliveries.add(chunk.map(BeeServer::delivery).orElse(Delivery.GONE));
    }
    for (Delivery each : deliveries) {
      frames.write(each);
    }
  }

  private static Delivery delivery(StampedChunk chunk) {
    return new Delivery(
        ByteBuffer.wrap(chunk.address().bytes()),
        chunk.data(),
        ByteBuffer.wrap(chunk.stamp().encode()));
  }
}
