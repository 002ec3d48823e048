package io.sluice.protocol.libp2p;

import io.sluice.protocol.Ticker;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Finds a way to a peer: its addresses one after the other, in the {@link DialOrder}, each with a
 * head start, until the first secured connection stands. Callers who want the same peer at the same
 * time share one search.
 *
 * <p>A peer that many want something of hangs up on some of them, whoever they are; so an address
 * that hung up during the handshake is tried again a few times, each time a little later.
 *
 * <p>The search runs on the caller's thread, and attempts on event loops; they meet in one queue of
 * results. Whatever way the search ends, what is still under way is given up, so that a peer with
 * many addresses is left with one connection.
 *
 * <p>Addresses are what peers say, so many of them may be lies. There is a bound to how many are
 * tried, each is asked of the gater after it was resolved, and what failed is left alone for a
 * while ({@link DialBackoff}): nobody can have us knock at a third party again and again.
 */
final class Dialer {
  private static final int MAX_ADDRESSES = 32;

  /** At one address, in a row; a node that is that busy says no. */
  static final int MAX_TRIES = 5;

  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);

  /** Makes one connection; what comes of it arrives in the future. */
  interface Connector {
    /** Begins to connect. */
    Attempt connect(PeerId peer, InetSocketAddress address);
  }

  /** A connection in the making. */
  interface Attempt {
    /** Completes with the connection, or with one of {@link Libp2pException}. */
    CompletableFuture<PeerConnection> outcome();

    /** Gives up, closing also what stands already. */
    void abandon();
  }

  /**
   * What is looked for, and where.
   *
   * @param named by callers, who want them tried whatever happened before
   * @param addresses these and those that are remembered
   */
  private record Search(
      Set<Multiaddr> named, Set<Multiaddr> addresses, CompletableFuture<PeerConnection> found) {}

  private record DialResult(
      Try tried,
      Attempt attempt,
      @Nullable PeerConnection connection,
      @Nullable Throwable failure) {}

  /** One address, for the n-th time, not before its time. */
  private record Try(InetSocketAddress target, Duration headStart, int number, long due) {
    static Try first(DialOrder.Ranked ranked) {
      return new Try(ranked.target(), ranked.headStart(), 1, Ticker.SYSTEM.nanos());
    }

    /** The next, if another may be of use. */
    Optional<Try> after(Libp2pException failure) {
      if (number == MAX_TRIES
          || !(failure instanceof HandshakeException handshake && handshake.isCutOff())) {
        return Optional.empty();
      }
      return Optional.of(
          new Try(target, headStart, number + 1, Ticker.SYSTEM.nanos() + pauseAfter(number)));
    }
  }

  private final Connector connector;
  private final HostTimeouts timeouts;
  private final ConnectionGater gater;
  private final DialBackoff backoff = new DialBackoff();
  private final AtomicLong failedTargets = new AtomicLong();
  private final ConcurrentMap<PeerId, Search> searches = new ConcurrentHashMap<>();

  Dialer(Connector connector, HostTimeouts timeouts, ConnectionGater gater) {
    this.connector = connector;
    this.timeouts = timeouts;
    this.gater = gater;
  }

  /** How many attempts at single addresses have failed so far. */
  long failures() {
    return failedTargets.get();
  }

  /** How many nanoseconds to wait when a peer has hung up for the n-th time. */
  static long pauseAfter(int number) {
    return FIRST_PAUSE.toNanos() << (number - 1);
  }

  /**
   * Blocks until there is a connection, or no hope for one.
   *
   * @param addresses named by the caller: tried whatever happened there before
   * @param remembered left alone for a while after each failure
   */
  PeerConnection dial(PeerId peer, List<Multiaddr> addresses, List<Multiaddr> remembered)
      throws IOException {
    if (!gater.mayDial(peer)) {
      throw new PeerDeniedException(peer + " is denied here");
    }
    Set<Multiaddr> named = new LinkedHashSet<>();
    addresses.forEach(each -> named.add(each.withoutPeer()));
    Set<Multiaddr> wanted = new LinkedHashSet<>(named);
    remembered.forEach(each -> wanted.add(each.withoutPeer()));
    while (true) {
      Search mine = new Search(named, wanted, new CompletableFuture<>());
      Search running = searches.putIfAbsent(peer, mine);
      // Callers meet here, and the first of them searches for all.
      if (running == null) {
        return lead(peer, mine);
      }
      try {
        return follow(running);
      } catch (Libp2pException failed) {
        if (running.named().containsAll(named) && running.addresses().containsAll(wanted)) {
          throw failed;
        } // else somebody else's addresses were no good, and ours have not been tried
      }
    }
  }

  /** Searches, for itself and for those that follow. */
  private PeerConnection lead(PeerId peer, Search search) throws IOException {
    try {
      PeerConnection found = search(peer, search);
      search.found().complete(found);
      return found;
    } catch (IOException | RuntimeException failed) {
      search.found().completeExceptionally(failed);
      throw failed;
    } finally {
      searches.remove(peer, search); // behind its result: a follower that comes late leads the next
    }
  }

  /** Waits for the search of another caller. */
  private static PeerConnection follow(Search running) throws IOException {
    try {
      return running.found().get();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while dialling");
    } catch (ExecutionException failed) {
      throw typed(failed.getCause());
    }
  }

  private PeerConnection search(PeerId peer, Search search) throws IOException {
    List<Libp2pException> failures = new ArrayList<>();
    Deque<Try> tries = new ArrayDeque<>();
    resolve(peer, search, failures).forEach(ranked -> tries.add(Try.first(ranked)));
    Duration headStart = Duration.ZERO;
    BlockingQueue<DialResult> results = new LinkedBlockingQueue<>();
    Set<Attempt> pending = new HashSet<>();
    long deadline = Ticker.SYSTEM.nanos() + timeouts.dial().toNanos();
    try {
      while (!tries.isEmpty() || !pending.isEmpty()) {
        // Beside what is under way: an address that does not answer must not hold up the next.
        if (!tries.isEmpty() && tries.getFirst().due() - Ticker.SYSTEM.nanos() <= 0) {
          Try next = tries.removeFirst();
          headStart = next.headStart();
          pending.add(start(peer, next, results));
        }
        // Until the first of these: a result, the next try, the end of all patience.
        long now = Ticker.SYSTEM.nanos();
        long left = deadline - now;
        DialResult result =
            results.poll(Math.min(left, nextTry(tries, headStart, now)), TimeUnit.NANOSECONDS);
        if (result != null) {
          pending.remove(result.attempt());
          InetSocketAddress target = result.tried().target();
          if (result.connection() != null) {
            backoff.succeeded(peer, target);
            return result.connection();
          }
          Libp2pException failure = typed(result.failure());
          failures.add(failure);
          result
              .tried()
              .after(failure)
              .ifPresentOrElse(tries::addLast, () -> failed(peer, target, failure));
        } else if (left <= 0) {
          // Among the failures, not in their place: what an address said is worth more than this.
          failures.add(
              new TimedOutException("no connection to " + peer + " in " + timeouts.dial()));
          break;
        }
      }
      throw worst(peer, failures);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while dialling");
    } finally {
      pending.forEach(Attempt::abandon);
    }
  }

  /** What this host's own limits and rules stopped says nothing about the address. */
  private void failed(PeerId peer, InetSocketAddress target, Libp2pException failure) {
    failedTargets.incrementAndGet();
    if (!(failure instanceof LimitExceededException || failure instanceof PeerDeniedException)) {
      backoff.failed(peer, target, Ticker.SYSTEM.nanos());
    }
  }

  /** How long to wait for what is under way before the next is tried beside it. */
  private static long nextTry(Deque<Try> tries, Duration headStart, long now) {
    if (tries.isEmpty()) {
      return Long.MAX_VALUE;
    }
    Try next = tries.getFirst();
    return next.number() == 1 ? headStart.toNanos() : Math.max(0, next.due() - now);
  }

  private Attempt start(PeerId peer, Try next, BlockingQueue<DialResult> results) {
    Attempt attempt = connector.connect(peer, next.target());
    var unused =
        attempt
            .outcome()
            .whenComplete(
                (connection, failure) ->
                    results.add(new DialResult(next, attempt, connection, failure)));
    return attempt;
  }

  /** The sockets to try, best first; what is left out is noted among the failures. */
  private List<DialOrder.Ranked> resolve(
      PeerId peer, Search search, List<Libp2pException> failures) {
    Set<InetSocketAddress> targets = new LinkedHashSet<>();
    long longest = 0;
    for (Multiaddr each : search.addresses()) {
      try {
        for (InetSocketAddress target : TcpAddress.resolve(each)) {
          long wait =
              search.named().contains(each)
                  ? 0
                  : backoff.waitFor(peer, target, Ticker.SYSTEM.nanos());
          longest = Math.max(longest, wait);
          if (!gater.mayTouch(target.getAddress())) {
            failures.add(new PeerDeniedException(each + " is in a range that is denied here"));
          } else if (wait == 0) {
            targets.add(target);
          }
        }
      } catch (UnreachableException useless) {
        failures.add(useless);
      }
    }
    if (targets.isEmpty() && longest > 0) {
      failures.add(
          new UnreachableException(
              "%s was not found where it is known to be; that is tried again in %d ms"
                  .formatted(peer, TimeUnit.NANOSECONDS.toMillis(longest))));
    }
    return DialOrder.of(targets).stream().limit(MAX_ADDRESSES).toList();
  }

  /** The failure that says most, with the others beside it. */
  private static Libp2pException worst(PeerId peer, List<Libp2pException> failures) {
    Libp2pException worst =
        failures.stream()
            .min(Comparator.comparingInt(Dialer::rank))
            .orElseGet(() -> new UnreachableException("no address known of " + peer));
    failures.stream().filter(each -> each != worst).forEach(worst::addSuppressed);
    return worst;
  }

  private static int rank(Libp2pException failure) {
    return switch (failure) {
      case PeerDeniedException denied -> 0;
      case PeerMismatchException mismatch -> 0;
      case LimitExceededException limit -> 1;
      case HandshakeException handshake -> 2;
      case ConnectionRefusedException refused -> 3;
      case TimedOutException timedOut -> 4;
      default -> 5;
    };
  }

  private static Libp2pException typed(@Nullable Throwable failure) {
    return failure instanceof Libp2pException typed
        ? typed
        : new UnreachableException("dial failed: " + failure, failure);
  }
}
