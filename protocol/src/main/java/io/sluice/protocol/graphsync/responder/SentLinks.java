package io.sluice.protocol.graphsync.responder;

import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.CidSet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which blocks a peer has been sent, or does not want, by its requests that are in progress.
 * Requests of one dedup group share what they know; what a request brought in goes with it.
 * Thread-safe. Spec: GraphSync 2.0.0, dedup-by-key.
 */
final class SentLinks {
  private final Map<Optional<String>, DedupGroup> groups = new HashMap<>();

  private static final class DedupGroup {
    final List<CidSet> requests = new ArrayList<>(1);
  }

  /** What one request has sent. */
  final class Tracker {
    private final DedupGroup group;
    private final Optional<String> key;
    private final boolean shared;
    private final CidSet mine = new CidSet();

    private Tracker(DedupGroup group, Optional<String> key, boolean shared) {
      this.group = group;
      this.key = key;
      this.shared = shared;
    }

    /** Whether the peer has it, or is getting it by another request. */
    boolean contains(Cid cid) {
      synchronized (group) {
        for (CidSet set : group.requests) {
          if (set.contains(cid)) {
            return true;
          }
        }
        return false;
      }
    }

    void add(Cid cid) {
      synchronized (group) {
        mine.add(cid);
      }
    }

    /** Ends the request's part in it. */
    void release() {
      synchronized (groups) {
        synchronized (group) {
          group.requests.remove(mine);
          if (shared && group.requests.isEmpty()) {
            groups.remove(key, group);
          }
        }
      }
    }
  }

  /**
   * Begins a request.
   *
   * @param alone whether it shares nothing with others
   * @param unwanted what the peer does not want sent
   */
  Tracker begin(Optional<String> key, boolean alone, List<Cid> unwanted) {
    synchronized (groups) {
      DedupGroup group =
          alone ? new DedupGroup() : groups.computeIfAbsent(key, ignored -> new DedupGroup());
      Tracker sent = new Tracker(group, key, !alone);
      synchronized (group) {
        group.requests.add(sent.mine);
        unwanted.forEach(sent.mine::add);
      }
      return sent;
    }
  }
}
