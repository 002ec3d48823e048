package io.sluice.protocol.libp2p;

import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A network in memory, whose hosts behave as real ones do and whose faults a test decides:
 * connections that break, at once or after so many bytes; peers that cannot be reached; streams
 * that are held back while others overtake them; a delay, fixed or drawn for each stream by seed.
 *
 * <pre>{@code
 * TestHosts network = new TestHosts();
 * Host provider = network.host("provider");
 * Host client = network.host("client");
 * network.cutAfter(provider, client, 100_000);
 * }</pre>
 *
 * <p>Safe for all threads. Dialling needs no address; those given are ignored.
 */
public final class TestHosts {
  /** What a stream holds in flight each way. */
  static final int WINDOW = 256 * 1024;

  private final Map<PeerId, MemoryHost> hosts = new ConcurrentHashMap<>();
  private final Set<Link> connected = new HashSet<>();
  private final Map<Link, List<MemoryStream>> streams = new HashMap<>();
  private final Map<Link, Long> cutAfter = new HashMap<>();
  private final Set<Link> blocked = new HashSet<>();
  private final Set<Way> held = new HashSet<>();
  private final LongAdder traffic = new LongAdder();
  private long losses;
  private long delayNanos;
  private long jitterNanos;
  private Random random = new Random(0);

  /** Two peers, whoever dialled. */
  private record Link(PeerId one, PeerId other) {
    static Link between(PeerId a, PeerId b) {
      return a.compareTo(b) < 0 ? new Link(a, b) : new Link(b, a);
    }
  }

  /** A protocol in one direction. */
  private record Way(PeerId from, PeerId to, String protocol) {}

  /** A new host, whose identity follows from its name. */
  public Host host(String name) {
    byte[] seed = new byte[32];
    new Random(name.hashCode()).nextBytes(seed);
    MemoryHost host = new MemoryHost(this, Identity.ofSeed(seed).peerId());
    if (hosts.putIfAbsent(host.id(), host) != null) {
      throw new IllegalArgumentException("there is a host " + name + " already");
    }
    return host;
  }

  /** Breaks the connection between two hosts now. They may connect again. */
  public void cut(Host one, Host other) {
    cut(Link.between(one.id(), other.id()));
  }

  /**
   * Breaks the connection once so many more bytes went from one host to the other, on all streams
   * together.
   */
  public synchronized void cutAfter(Host from, Host to, long bytes) {
    cutAfter.put(new Link(from.id(), to.id()), bytes);
  }

  /** Breaks the connection and refuses every dial until {@link #unblock}. */
  public void block(Host one, Host other) {
    Link link = Link.between(one.id(), other.id());
    synchronized (this) {
      blocked.add(link);
    }
    cut(link);
  }

  /** Lets two hosts connect again. */
  public synchronized void unblock(Host one, Host other) {
    blocked.remove(Link.between(one.id(), other.id()));
  }

  /**
   * Holds back what one host sends the other in a protocol, so that other streams overtake it,
   * until {@link #release}.
   */
  public synchronized void hold(Host from, Host to, String protocol) {
    held.add(new Way(from.id(), to.id(), protocol));
  }

  /** Delivers what was held back, in order. */
  public void release(Host from, Host to, String protocol) {
    synchronized (this) {
      held.remove(new Way(from.id(), to.id(), protocol));
    }
    streamsBetween(from.id(), to.id()).forEach(MemoryStream::wake);
  }

  /** Lets every write arrive so much later. */
  public synchronized void delay(Duration each) {
    delayNanos = each.toNanos();
  }

  /**
   * Lets writes arrive later by what is drawn for each new stream, up to {@code most}: streams
   * overtake each other.
   */
  public synchronized void jitter(long seed, Duration most) {
    random = new Random(seed);
    jitterNanos = most.toNanos();
  }

  // ---- for the hosts and streams of this network ----

  MemoryHost find(PeerId from, PeerId to) throws IOException {
    MemoryHost host = hosts.get(to);
    synchronized (this) {
      if (host == null) {
        throw new UnreachableException("no host " + to);
      }
      if (blocked.contains(Link.between(from, to))) {
        throw new ConnectionRefusedException("no way from " + from + " to " + to);
      }
      connected.add(Link.between(from, to));
      return host;
    }
  }

  synchronized boolean connected(PeerId one, PeerId other) {
    return connected.contains(Link.between(one, other));
  }

  synchronized List<PeerId> peersOf(PeerId peer) {
    List<PeerId> peers = new ArrayList<>();
    for (Link each : connected) {
      if (each.one().equals(peer)) {
        peers.add(each.other());
      } else if (each.other().equals(peer)) {
        peers.add(each.one());
      }
    }
    return peers;
  }

  synchronized void opened(MemoryStream near, MemoryStream far) {
    List<MemoryStream> both =
        streams.computeIfAbsent(
            Link.between(near.local(), near.remotePeer()), link -> new ArrayList<>());
    both.removeIf(MemoryStream::over);
    both.add(near);
    both.add(far);
  }

  synchronized long drawDelay() {
    return delayNanos + (jitterNanos == 0 ? 0 : random.nextLong(jitterNanos));
  }

  synchronized boolean isHeld(PeerId from, PeerId to, String protocol) {
    return held.contains(new Way(from, to, protocol));
  }

  /** All bytes that were ever sent. */
  public long traffic() {
    return traffic.sum();
  }

  /** Counts bytes on their way; how many of them get through before the connection breaks. */
  int pass(PeerId from, PeerId to, int bytes) {
    traffic.add(bytes);
    long left;
    synchronized (this) {
      Link direction = new Link(from, to);
      Long budget = cutAfter.get(direction);
      if (budget == null) {
        return bytes;
      }
      left = budget - bytes;
      if (left > 0) {
        cutAfter.put(direction, left);
        return bytes;
      }
      cutAfter.remove(direction);
    }
    return (int) (bytes + left);
  }

  void cut(PeerId one, PeerId other) {
    cut(Link.between(one, other));
  }

  private synchronized List<MemoryStream> streamsBetween(PeerId one, PeerId other) {
    return List.copyOf(streams.getOrDefault(Link.between(one, other), List.of()));
  }

  private void cut(Link link) {
    List<MemoryStream> broken;
    long number = 0;
    synchronized (this) {
      if (connected.remove(link)) {
        losses++;
        number = losses;
      }
      broken = streams.remove(link);
    }
    if (broken != null) {
      broken.forEach(each -> each.fail(new ConnectionLostException("connection cut by the test")));
    }
    if (number > 0) {
      tell(link.one(), new PeerLoss(link.other(), number));
      tell(link.other(), new PeerLoss(link.one(), number));
    }
  }

  private void tell(PeerId peer, PeerLoss loss) {
    MemoryHost host = hosts.get(peer);
    if (host != null) {
      host.disconnected(loss);
    }
  }

  synchronized long losses() {
    return losses;
  }

  void remove(MemoryHost host) {
    hosts.remove(host.id());
    peersOf(host.id()).forEach(each -> cut(host.id(), each));
  }

  /** A host of this network. */
  static final class MemoryHost implements Host {
    private final TestHosts network;
    private final PeerId id;
    private final Map<String, StreamHandler> handlers = new ConcurrentHashMap<>();
    private final List<Consumer<PeerLoss>> listeners = new CopyOnWriteArrayList<>();

    MemoryHost(TestHosts network, PeerId id) {
      this.network = network;
      this.id = id;
    }

    @Override
    public PeerId id() {
      return id;
    }

    @Override
    public List<Multiaddr> addresses() {
      return List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/4001"));
    }

    @Override
    public void handle(String protocol, StreamHandler handler) {
      handlers.put(protocol, handler);
    }

    @Override
    public void connect(PeerId peer, List<Multiaddr> addresses) throws IOException {
      network.find(id, peer);
    }

    @Override
    public Stream open(PeerId peer, List<Multiaddr> addresses, List<String> protocols)
        throws IOException {
      MemoryHost remote = network.find(id, peer);
      String protocol =
          protocols.stream()
              .filter(remote.handlers::containsKey)
              .findFirst()
              .orElseThrow(() -> new ProtocolNotSupportedException(peer, protocols));
      MemoryStream near = new MemoryStream(network, id, peer, protocol);
      MemoryStream far = new MemoryStream(network, peer, id, protocol);
      near.join(far);
      network.opened(near, far);
      StreamHandler handler = remote.handlers.get(protocol);
      Thread.ofVirtual().name("test stream " + protocol).start(() -> serve(handler, far));
      return near;
    }

    private static void serve(@Nullable StreamHandler handler, Stream stream) {
      try {
        if (handler != null) {
          handler.handle(stream);
        }
        stream.close();
      } catch (IOException | RuntimeException failed) {
        stream.reset();
      }
    }

    @Override
    public Duration ping(PeerId peer, List<Multiaddr> addresses) throws IOException {
      network.find(id, peer);
      return Duration.ofNanos(1 + 2 * network.drawDelay());
    }

    @Override
    public List<Multiaddr> knownAddresses(PeerId peer) {
      return isConnected(peer) ? addresses() : List.of();
    }

    @Override
    public boolean isConnected(PeerId peer) {
      return network.connected(id, peer);
    }

    @Override
    public int connectionCount() {
      return network.peersOf(id).size();
    }

    @Override
    public long losses() {
      return network.losses();
    }

    @Override
    public void onDisconnect(Consumer<PeerLoss> listener) {
      listeners.add(listener);
    }

    void disconnected(PeerLoss loss) {
      Thread.startVirtualThread(() -> listeners.forEach(each -> each.accept(loss)));
    }

    @Override
    public Set<String> protocolsOf(PeerId peer) {
      MemoryHost remote = network.hosts.get(peer);
      return remote == null || !isConnected(peer) ? Set.of() : Set.copyOf(remote.handlers.keySet());
    }

    @Override
    public void close() {
      network.remove(this);
    }
  }

  /** Copies as much as fits. */
  static int move(ByteBuffer from, ByteBuffer to) {
    int length = Math.min(from.remaining(), to.remaining());
    int limit = from.limit();
    from.limit(from.position() + length);
    to.put(from);
    from.limit(limit);
    return length;
  }
}
