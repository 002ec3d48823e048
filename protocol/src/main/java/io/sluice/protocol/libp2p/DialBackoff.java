package io.sluice.protocol.libp2p;

import io.sluice.protocol.DoublingPause;
import io.sluice.protocol.LatestEntries;
import io.sluice.protocol.multiformats.PeerId;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;

/**
 * Leaves addresses alone at which a peer was not found: after each failure twice as long. Knows the
 * time only from its callers, in nanoseconds of which differences count. Safe for all threads.
 */
final class DialBackoff {
  static final Duration FIRST = Duration.ofMillis(500);
  static final Duration LONGEST = Duration.ofMinutes(5);
  private static final int MAX_REMEMBERED = 4096;

  private record Place(PeerId peer, InetSocketAddress target) {}

  private record Failures(int count, long until) {}

  private final Map<Place, Failures> failed = LatestEntries.byUse(MAX_REMEMBERED);

  /** How long an address is left alone after so many failures in a row, 1 and up. */
  static Duration pauseAfter(int failures) {
    return new DoublingPause(FIRST, LONGEST).after(failures);
  }

  /** The peer was not found there. */
  synchronized void failed(PeerId peer, InetSocketAddress target, long now) {
    Place place = new Place(peer, target);
    Failures before = failed.get(place);
    int count = before == null ? 1 : Math.min(before.count() + 1, 100);
    failed.put(place, new Failures(count, now + pauseAfter(count).toNanos()));
  }

  /** The peer was found there: what was before does not count any more. */
  synchronized void succeeded(PeerId peer, InetSocketAddress target) {
    failed.remove(new Place(peer, target));
  }

  /** How many nanoseconds an address is still left alone; 0 if it may be tried. */
  synchronized long waitFor(PeerId peer, InetSocketAddress target, long now) {
    Failures known = failed.get(new Place(peer, target));
    return known == null ? 0 : Math.max(0, known.until() - now);
  }
}
