package io.sluice.protocol.graphsync;

import io.sluice.protocol.libp2p.ConnectionLostException;
import io.sluice.protocol.libp2p.Host;
import io.sluice.protocol.libp2p.PeerLoss;
import io.sluice.protocol.libp2p.Stream;
import io.sluice.protocol.libp2p.StreamHandler;
import io.sluice.protocol.libp2p.UnreachableException;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** Hosts in one process whose streams are bounded buffers. Connections can be cut. */
public final class MemoryNetwork {

  private static final int BUFFER = 256 << 10;

  private final Map<PeerId, MemoryHost> hosts = new ConcurrentHashMap<>();
  private final List<Pipe> pipes = new CopyOnWriteArrayList<>();
  private final Set<Set<PeerId>> connections = ConcurrentHashMap.newKeySet();
  private final Set<PeerId> unreachable = ConcurrentHashMap.newKeySet();
  private final Set<PeerId> hidden = ConcurrentHashMap.newKeySet();
  private final Map<PeerId, String> mute = new ConcurrentHashMap<>();
  private final Map<PeerId, String> deaf = new ConcurrentHashMap<>();
  private final AtomicLong losses = new AtomicLong();
  private final Semaphore reads = new Semaphore(Integer.MAX_VALUE);

  /** A host with an id made from a number. */
  public MemoryHost host(int number) {
    byte[] key = new byte[36];
    key[0] = 8;
    key[1] = 1;
    key[2] = 0x12;
    key[3] = 0x20;
    key[35] = (byte) number;
    MemoryHost host = new MemoryHost(PeerId.ofPublicKey(key));
    hosts.put(host.id, host);
    return host;
  }

  /** Breaks the connection of two hosts: all their streams fail, and both hear of it. */
  public void cut(Host one, Host other) {
    cutUnheard(one, other).run();
  }

  /** Breaks it, and lets both hear of it when that is run. */
  public Runnable cutUnheard(Host one, Host other) {
    connections.remove(Set.of(one.id(), other.id()));
    long number = losses.incrementAndGet();
    for (Pipe pipe : pipes) {
      if (Set.of(pipe.from, pipe.to).equals(Set.of(one.id(), other.id()))) {
        pipe.fail(new ConnectionLostException("cut"));
      }
    }
    return () -> tellBoth(one.id(), other.id(), number);
  }

  /** Ends the connection of two hosts as one that is done does: what was sent can still be read. */
  public void hangUp(Host one, Host other) {
    connections.remove(Set.of(one.id(), other.id()));
    for (Pipe pipe : pipes) {
      if (Set.of(pipe.from, pipe.to).equals(Set.of(one.id(), other.id()))) {
        pipe.end();
      }
    }
    tellBoth(one.id(), other.id(), losses.incrementAndGet());
  }

  /** Lets nobody read anything until {@link #goOnReading}. */
  public void holdReading() {
    reads.drainPermits();
  }

  /** Ends {@link #holdReading}. */
  public void goOnReading() {
    reads.release(Integer.MAX_VALUE);
  }

  private void tellBoth(PeerId one, PeerId other, long number) {
    tell(one, new PeerLoss(other, number));
    tell(other, new PeerLoss(one, number));
  }

  private void tell(PeerId peer, PeerLoss loss) {
    MemoryHost host = hosts.get(peer);
    if (host != null) {
      host.listeners.forEach(listener -> listener.accept(loss));
    }
  }

  /** Lets nobody connect to a host any more, or again. */
  public void reachable(MemoryHost host, boolean yes) {
    if (yes) {
      unreachable.remove(host.id);
    } else {
      unreachable.add(host.id);
    }
  }

  /** Lets nobody dial a host, which may dial others, and be spoken to by those. */
  public void hide(MemoryHost host) {
    hidden.add(host.id);
  }

  /** Lets a host open no streams of a protocol. */
  public void mute(MemoryHost host, String protocol) {
    mute.put(host.id, protocol);
  }

  /** Lets a host read nothing of the streams of a protocol that others open to it from now on. */
  public void deafen(MemoryHost host, String protocol) {
    deaf.put(host.id, protocol);
  }

  /** Ends {@link #mute} and {@link #deafen}, for new streams. */
  public void heal(MemoryHost host) {
    mute.remove(host.id);
    deaf.remove(host.id);
  }

  /** A host of this network. */
  public final class MemoryHost implements Host {
    private final PeerId id;
    private final Map<String, StreamHandler> handlers = new ConcurrentHashMap<>();
    private final List<Consumer<PeerLoss>> listeners = new CopyOnWriteArrayList<>();
    private final List<MemoryStream> opened = new CopyOnWriteArrayList<>();

    private MemoryHost(PeerId id) {
      this.id = id;
    }

    /** The streams that this host has opened. */
    public List<MemoryStream> opened() {
      return opened;
    }

    /** Serves no protocol but this one of GraphSync. */
    public void speakOnly(String protocol) {
      handlers.keySet().removeIf(known -> known.contains("graphsync") && !known.equals(protocol));
    }

    @Override
    public PeerId id() {
      return id;
    }

    @Override
    public List<Multiaddr> addresses() {
      return List.of();
    }

    @Override
    public void handle(String protocol, StreamHandler handler) {
      handlers.put(protocol, handler);
    }

    @Override
    public void connect(PeerId peer, List<Multiaddr> addresses) throws IOException {
      if (unreachable.contains(peer) || unreachable.contains(id) || !hosts.containsKey(peer)) {
        throw new UnreachableException("nobody at " + peer);
      }
      if (hidden.contains(peer) && !isConnected(peer)) {
        throw new UnreachableException("no address of " + peer);
      }
      connections.add(Set.of(id, peer));
    }

    @Override
    public Stream open(PeerId peer, List<Multiaddr> addresses, List<String> protocols)
        throws IOException {
      connect(peer, addresses);
      MemoryHost other = hosts.get(peer);
      for (String protocol : protocols) {
        StreamHandler handler = other.handlers.get(protocol);
        if (protocol.equals(mute.get(id))) {
          throw new UnreachableException(id + " is mute");
        }
        if (handler != null) {
          Pipe there = new Pipe(id, peer);
          Pipe back = new Pipe(peer, id);
          pipes.add(there);
          pipes.add(back);
          MemoryStream ours = new MemoryStream(peer, protocol, back, there);
          MemoryStream theirs = new MemoryStream(id, protocol, there, back);
          opened.add(ours);
          if (!protocol.equals(deaf.get(peer))) {
            Thread.ofVirtual().start(() -> serve(handler, theirs));
          }
          return ours;
        }
      }
      throw new UnreachableException(peer + " speaks none of " + protocols);
    }

    @Override
    public Duration ping(PeerId peer, List<Multiaddr> addresses) {
      return Duration.ZERO;
    }

    @Override
    public List<Multiaddr> knownAddresses(PeerId peer) {
      return List.of();
    }

    @Override
    public boolean isConnected(PeerId peer) {
      return connections.contains(Set.of(id, peer));
    }

    @Override
    public int connectionCount() {
      return (int) connections.stream().filter(pair -> pair.contains(id)).count();
    }

    @Override
    public long losses() {
      return losses.get();
    }

    @Override
    public void onDisconnect(Consumer<PeerLoss> listener) {
      listeners.add(listener);
    }

    @Override
    public Set<String> protocolsOf(PeerId peer) {
      return new HashSet<>(hosts.get(peer).handlers.keySet());
    }

    @Override
    public void close() {}
  }

  private static void serve(StreamHandler handler, MemoryStream stream) {
    try {
      handler.handle(stream);
      stream.close();
    } catch (IOException | RuntimeException e) {
      stream.reset();
    }
  }

  private static final class Pipe {
    final PeerId from;
    final PeerId to;
    final Deque<ByteBuffer> content = new ArrayDeque<>();
    final ByteArrayOutputStream all = new ByteArrayOutputStream();
    int size;
    boolean ended;
    boolean abandoned;
    IOException failure;

    Pipe(PeerId from, PeerId to) {
      this.from = from;
      this.to = to;
    }

    synchronized void write(ByteBuffer bytes) throws IOException {
      while (size > BUFFER && failure == null && !abandoned) {
        await();
      }
      check();
      ByteBuffer copy = ByteBuffer.allocate(bytes.remaining());
      copy.put(bytes).flip();
      if (all.size() < 16 << 20) {
        all.write(copy.array(), 0, copy.remaining());
      }
      if (!abandoned) {
        content.add(copy);
        size += copy.remaining();
        notifyAll();
      }
    }

    synchronized int read(ByteBuffer dst) throws IOException {
      while (content.isEmpty() && !ended && failure == null) {
        await();
      }
      if (content.isEmpty() && failure == null) {
        return -1;
      }
      check();
      int count = 0;
      while (dst.hasRemaining() && !content.isEmpty()) {
        ByteBuffer first = content.getFirst();
        int take = Math.min(dst.remaining(), first.remaining());
        dst.put(first.slice(first.position(), take));
        first.position(first.position() + take);
        count += take;
        if (!first.hasRemaining()) {
          content.removeFirst();
        }
      }
      size -= count;
      notifyAll();
      return count;
    }

    synchronized void end() {
      ended = true;
      notifyAll();
    }

    synchronized void abandon() {
      abandoned = true;
      notifyAll();
    }

    synchronized void fail(IOException cause) {
      if (failure == null && !(ended && content.isEmpty())) {
        failure = cause;
      }
      notifyAll();
    }

    @SuppressWarnings("WaitNotInLoop") // the callers loop
    private void await() throws IOException {
      try {
        wait();
      } catch (InterruptedException e) {
        throw new java.io.InterruptedIOException();
      }
    }

    private void check() throws IOException {
      if (failure != null) {
        throw failure;
      }
    }
  }

  /** One end of a stream. */
  public final class MemoryStream implements Stream {
    private final PeerId remote;
    private final String protocol;
    private final Pipe in;
    private final Pipe out;

    private MemoryStream(PeerId remote, String protocol, Pipe in, Pipe out) {
      this.remote = remote;
      this.protocol = protocol;
      this.in = in;
      this.out = out;
    }

    /** All that was written to it. */
    public byte[] written() {
      synchronized (out) {
        return out.all.toByteArray();
      }
    }

    /** Whether this end has been closed, or reset. */
    public boolean isClosed() {
      synchronized (out) {
        return out.ended || out.failure != null;
      }
    }

    @Override
    public PeerId remotePeer() {
      return remote;
    }

    @Override
    public Multiaddr remoteAddress() {
      return Multiaddr.parse("/ip4/127.0.0.1/tcp/1");
    }

    @Override
    public String protocol() {
      return protocol;
    }

    @Override
    public int read(ByteBuffer dst) throws IOException {
      int count = in.read(dst);
      reads.acquireUninterruptibly();
      reads.release();
      return count;
    }

    @Override
    public void write(ByteBuffer... src) throws IOException {
      for (ByteBuffer each : src) {
        while (each.hasRemaining()) {
          int part = Math.min(each.remaining(), 64 << 10);
          ByteBuffer piece = each.slice(each.position(), part);
          each.position(each.position() + part);
          out.write(piece);
        }
      }
    }

    @Override
    public void closeWrite() {
      out.end();
    }

    @Override
    public void close() {
      out.end();
      in.abandon();
    }

    @Override
    public void reset() {
      IOException cause = new ConnectionLostException("reset");
      out.fail(cause);
      in.fail(cause);
    }

    @Override
    public void timeout(Duration idle) {}
  }

  /** The frames of a stream, without their lengths. */
  public static List<ByteBuffer> frames(byte[] written) {
    List<ByteBuffer> frames = new ArrayList<>();
    ByteBuffer rest = ByteBuffer.wrap(written);
    while (rest.hasRemaining()) {
      int length = (int) io.sluice.protocol.multiformats.Varint.read(rest);
      frames.add(rest.slice(rest.position(), length));
      rest.position(rest.position() + length);
    }
    return frames;
  }
}
