package io.sluice.protocol.libp2p;

import io.netty.util.collection.IntObjectHashMap;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.Ticker;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The streams of one session by number, and which numbers and how many there may be. A stream of
 * ours is here from its opening frame on, since only that gives it a number.
 *
 * <p>For the event loop, except where it says otherwise. Spec: yamux, stream ids.
 */
final class StreamTable {
  private final boolean client;
  private final HostLimits limits;
  private final WindowBudget budget;
  private final IntObjectHashMap<YamuxStream> byId = new IntObjectHashMap<>();
  private int nextId;
  private int inbound;

  // Read by the host, which closes connections that nobody has used for long.
  private volatile boolean busy;
  private volatile long idleSince = Ticker.SYSTEM.nanos();

  /**
   * An empty one.
   *
   * @param client whether this end dialled, and so numbers its streams oddly
   */
  StreamTable(boolean client, HostLimits limits, WindowBudget budget) {
    this.client = client;
    this.limits = limits;
    this.budget = budget;
    this.nextId = client ? 1 : 2;
  }

  /** The stream of that number; null if it is gone or never was. */
  @Nullable YamuxStream get(int id) {
    return byId.get(id);
  }

  /**
   * Holds if the peer may open a stream of that number.
   *
   * @throws ProtocolException if it has one, or the number is one of ours
   */
  void checkOpening(int id) {
    if (byId.containsKey(id)) {
      throw new ProtocolException("FRAME_VIOLATION", "stream " + id + " opened twice");
    }
    // The one that dialled has the odd numbers, so two streams never get the same one.
    if (((id & 1) != 0) == client) {
      throw new ProtocolException("FRAME_VIOLATION", "stream " + id + " is not the peer's to open");
    }
  }

  /**
   * Takes the window of one more stream of the peer, if it may have one: before the peer hears of
   * it, since it may fill the first window unasked.
   */
  boolean takeRoom() {
    // Twice the limit: streams whose handler is through still wait for the peer's end.
    int usual = 2 * limits.inboundStreamsPerPeer();
    if (inbound < usual) {
      return budget.tryTake(Yamux.INITIAL_WINDOW);
    }
    // What only waits to be accepted must not take the last of the memory from other peers.
    return inbound < usual + Yamux.BACKLOG && budget.tryCrowd(Yamux.INITIAL_WINDOW);
  }

  /** The peer has opened this one, whose number it was free to give. */
  void addInbound(YamuxStream stream, int id) {
    inbound++;
    add(stream, id);
  }

  /** Numbers one of ours: when it goes out, so that numbers rise on the wire as the spec wants. */
  void addOutbound(YamuxStream stream) {
    add(stream, nextId);
    nextId += 2;
  }

  private void add(YamuxStream stream, int id) {
    stream.id(id);
    byId.put(id, stream);
    busy = true;
  }

  /** Forgets a stream; false if that was done before. */
  boolean remove(YamuxStream stream) {
    if (byId.remove(stream.id()) == null) {
      return false;
    }
    if (stream.inbound()) {
      inbound--;
    }
    if (byId.isEmpty()) {
      // In this order: who sees that it is not busy must not see the time of the last idleness.
      idleSince = Ticker.SYSTEM.nanos();
      busy = false;
    }
    return true;
  }

  /** Forgets all streams, and tells each to somebody first. */
  void clear(Consumer<YamuxStream> last) {
    byId.values().forEach(last);
    byId.clear();
  }

  /** How long no stream has been open; 0 while one is. Any thread. */
  long idleNanos() {
    return busy ? 0 : Ticker.SYSTEM.nanos() - idleSince;
  }
}
