package io.sluice.node.pullsync.bee;

import io.sluice.node.pullsync.InFlight;
import io.sluice.node.pullsync.bee.DeliveryCheck.Checked;
import io.sluice.node.pullsync.bee.OfferedPage.OfferedChunk;
import io.sluice.node.pullsync.bee.PullResult.ChunkFailure;
import io.sluice.node.pullsync.bee.PullResult.FailureKind;
import io.sluice.node.pullsync.bee.Reserve.PutResult;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.libp2p.ConnectionLostException;
import io.sluice.protocol.libp2p.Host;
import io.sluice.protocol.libp2p.Stream;
import io.sluice.protocol.libp2p.TimedOutException;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.pullsync.bee.BadPullsync;
import io.sluice.protocol.pullsync.bee.BeeCrypto;
import io.sluice.protocol.pullsync.bee.BeeFrames;
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
import io.sluice.protocol.pullsync.bee.ChunkHash;
import io.sluice.protocol.pullsync.bee.Postage;
import io.sluice.protocol.retrieval.Bytes32;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks a neighbour for what it has, and keeps what is wanted. Blocks; safe for any number of
 * threads. What a neighbour does wrong comes as a {@link ProtocolException}, and what was good
 * until then is kept.
 *
 * <p>Spec: bee v1.0.0 and v2.8.1, {@code pkg/pullsync}, the requesting side.
 */
final class BeeClient {
  private static final Logger LOG = LoggerFactory.getLogger(BeeClient.class);

  /** How long a neighbour may take for a message that is due: it holds back 250 chunks a second. */
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  /** How long to wait for what does not exist yet before asking anew. */
  private static final Duration LIVE_WAIT = Duration.ofMinutes(10);

  /** Versions whose messages are not spoken here, but whose peers take the id of 1.0.0. */
  private static final String BETWEEN = "1.2.0";

  /** How long to wait for chunks that another neighbour is bringing. */
  private static final Duration BESIDE = Duration.ofSeconds(10);

  /** How many chunks are made durable at once. */
  private static final int GROUP = 32;

  private final Host host;
  private final Reserve reserve;
  private final BeeCrypto crypto;
  private final ChunkHash hash;
  private final Postage postage;
  private final Random random;

  /** By address, as 1.0.0 tells no more of what is offered. */
  private final InFlight<Bytes32> inFlight = new InFlight<>();

  BeeClient(Host host, Reserve reserve, BeeCrypto crypto, Postage postage, Random random) {
    this.host = host;
    this.reserve = reserve;
    this.crypto = crypto;
    this.hash = new ChunkHash(crypto);
    this.postage = postage;
    this.random = random;
  }

  /**
   * Where a neighbour is found.
   *
   * @param peer who it is
   * @param addresses where to look
   */
  record BeePeer(PeerId peer, List<Multiaddr> addresses) {
    BeePeer {
      addresses = List.copyOf(addresses);
    }
  }

  /**
   * How far a neighbour is.
   *
   * @param version that it speaks
   * @param numbers the highest of each bin
   * @param epoch of the numbers; 0 by 1.0.0, which has none
   */
  record Cursors(BeeVersion version, List<Long> numbers, long epoch) {
    Cursors {
      numbers = List.copyOf(numbers);
    }
  }

  /**
   * Nothing more is asked of a neighbour that is gone.
   *
   * @throws ConnectionLostException if there is no connection to it
   */
  void requireConnected(BeePeer to) throws ConnectionLostException {
    if (!host.isConnected(to.peer())) {
      throw new ConnectionLostException("no connection to " + to.peer());
    }
  }

  /** Asks how far a neighbour is, and learns which version it speaks. */
  Cursors cursors(BeePeer of) throws IOException {
    String between = BeeVersion.id(BETWEEN, Purpose.CURSORS);
    List<String> ids =
        List.of(
            BeeVersion.V1_4.protocol(Purpose.CURSORS),
            between,
            BeeVersion.V1_0.protocol(Purpose.CURSORS));
    try (Stream stream = host.open(of.peer(), of.addresses(), ids)) {
      if (stream.protocol().equals(between)) {
        throw BadPullsync.because("1.2 or 1.3, which are not spoken here");
      }
      BeeVersion version =
          stream.protocol().equals(ids.getFirst()) ? BeeVersion.V1_4 : BeeVersion.V1_0;
      BeeFrames frames = begin(stream);
      frames.write(new Syn());
      Ack ack = Ack.decode(frames.read());
      for (long each : ack.cursors()) {
        if (each < 0) {
          throw BadPullsync.because("a cursor of " + Long.toUnsignedString(each));
        }
      }
      return new Cursors(version, ack.cursors(), ack.epoch().orElse(0));
    }
  }

  /**
   * Asks for a page and keeps what is wanted of it.
   *
   * @param from first number, 1 or more
   * @param to last number; {@link Long#MAX_VALUE} to wait for what does not exist yet. By 1.4.0
   *     there is no other end
   * @throws IOException if the neighbour cannot be reached or breaks off, or nothing can be stored
   */
  PullResult pull(BeePeer of, BeeVersion version, int bin, long from, long to) throws IOException {
    boolean live = to == Long.MAX_VALUE;
    GetRange range = new GetRange(bin, from, live ? GetRange.LIVE : to);
    int ruid = random.nextInt();
    boolean offered = false;
    Stream stream =
        host.open(of.peer(), of.addresses(), List.of(version.protocol(Purpose.PULLSYNC)));
    try {
      BeeFrames frames = begin(stream);
      if (version == BeeVersion.V1_0) {
        frames.write(new Ruid(ruid));
        frames.write(range);
      } else {
        frames.write(range.endless());
      }
      stream.timeout(live ? LIVE_WAIT : PATIENCE);
      OfferedPage page = offer(version, frames, from, to);
      offered = true;
      stream.timeout(PATIENCE);
      PullResult result = take(version, page, frames);
      if (result.failures().isEmpty()) {
        stream.close();
      }
      return result;
    } catch (TimedOutException e) {
      if (live && !offered) {
        return new PullResult(from - 1, 0, 0, List.of());
      }
      throw e;
    } finally {
      stream.reset(); // does nothing after an end in good order
      if (version == BeeVersion.V1_0 && !offered) {
        cancel(of, ruid);
      }
    }
  }

  private static BeeFrames begin(Stream stream) throws IOException {
    stream.timeout(PATIENCE);
    BeeFrames frames = new BeeFrames(stream);
    frames.write(new Headers());
    var unused = Headers.decode(frames.read());
    return frames;
  }

  private static OfferedPage offer(BeeVersion version, BeeFrames frames, long from, long to)
      throws IOException {
    return switch (version) {
      case V1_0 -> OfferedPage.of(AddressOffer.decode(frames.read()), from, to);
      case V1_4 -> OfferedPage.of(ChunkOffer.decode(frames.read()), from);
    };
  }

  private PullResult take(BeeVersion version, OfferedPage page, BeeFrames frames)
      throws IOException {
    int count = page.chunks().size();
    if (count == 0) {
      return new PullResult(page.topmost(), 0, 0, List.of());
    }
    ArrivingChunks arriving = new ArrivingChunks();
    try (arriving) {
      BitSet wanted = page.wanted(arriving::claims);
      frames.write(Want.of(wanted, count));
      DeliveryCheck check = new DeliveryCheck(version, crypto, hash, postage, page.chosen(wanted));
      try {
        for (int left = wanted.cardinality(); left > 0; left--) {
          arriving.take(check.check(Delivery.decode(frames.read())));
        }
      } catch (IOException | ProtocolException e) {
        arriving.flush(); // what was good is here, whatever follows
        throw e;
      }
      arriving.flush();
    }
    arriving.awaitOthers(); // when it holds nothing that others wait for
    return new PullResult(page.topmost(), count, arriving.stored, arriving.failures);
  }

  private boolean lacks(OfferedChunk chunk) {
    return reserve.rules().within(chunk.address())
        && chunk.id().map(id -> postage.knows(id.batch())).orElse(true)
        && !chunk.id().map(reserve::has).orElseGet(() -> reserve.has(chunk.address()));
  }

  /** Chunks of a page on their way into the reserve; closed when no more come. */
  private final class ArrivingChunks implements AutoCloseable {
    private final List<StampedChunk> group = new ArrayList<>(GROUP);
    private final List<ChunkFailure> failures = new ArrayList<>();
    private final Set<Bytes32> own = new HashSet<>();
    private final Map<OfferedChunk, CompletableFuture<Void>> awaited = new HashMap<>();
    private int stored;

    /** Whether a chunk is to come from here; if another neighbour brings it, it is waited for. */
    boolean claims(OfferedChunk chunk) {
      if (!lacks(chunk)) {
        return false;
      }
      Bytes32 address = chunk.address();
      if (own.contains(address)) {
        return true; // with another stamp
      }
      Optional<CompletableFuture<Void>> other = inFlight.claim(address);
      if (other.isPresent()) {
        awaited.put(chunk, other.get());
        return false;
      }
      if (!lacks(chunk)) { // came between the look and the claim
        inFlight.release(address);
        return false;
      }
      own.add(address);
      return true;
    }

    void awaitOthers() throws InterruptedIOException {
      try {
        CompletableFuture.allOf(awaited.values().toArray(CompletableFuture[]::new))
            .get(BESIDE.toMillis(), TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted before chunks of another neighbour");
      } catch (TimeoutException | ExecutionException late) {
        // what is here counts, the rest is tried again
      }
      awaited.keySet().stream()
          .filter(BeeClient.this::lacks)
          .forEach(
              chunk ->
                  failures.add(
                      new ChunkFailure(
                          FailureKind.ELSEWHERE,
                          chunk.address() + " was to come from another neighbour")));
    }

    @Override
    public void close() {
      own.forEach(inFlight::release);
    }

    void take(Checked checked) throws IOException {
      switch (checked) {
        case Checked.Good good -> group.add(good.chunk());
        case Checked.Bad bad -> failures.add(bad.failure());
      }
      if (group.size() == GROUP) {
        flush();
      }
    }

    void flush() throws IOException {
      List<StampedChunk> all = List.copyOf(group);
      group.clear();
      PutResult put = reserve.put(all);
      stored += put.stored();
      put.outdated()
          .forEach(
              id ->
                  failures.add(
                      new ChunkFailure(
                          FailureKind.OUTDATED, id.address() + " has a later stamp here")));
    }
  }

  /** Otherwise a live request goes on there until the next chunk comes. */
  private void cancel(BeePeer of, int ruid) {
    if (!host.isConnected(of.peer())) {
      return;
    }
    try (Stream stream =
        host.open(of.peer(), of.addresses(), List.of(BeeVersion.V1_0.protocol(Purpose.CANCEL)))) {
      begin(stream).write(new Cancel(ruid));
    } catch (IOException | ProtocolException e) {
      LOG.debug("a request to {} is not cancelled: {}", of.peer(), e.getMessage());
    }
  }
}
