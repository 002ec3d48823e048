package io.sluice.node.pullsync.bee;

import io.sluice.protocol.multiformats.PeerId;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Requests of 1.0.0 by the name that their peer gave them, to be cancelled. A name is its peer's
 * own: bee v1.0.0 lets any peer cancel another's request. Safe for any number of threads.
 */
final class RequestNames {
  private final Map<RequestName, Runnable> ends = new ConcurrentHashMap<>();

  private record RequestName(PeerId peer, int ruid) {}

  /** A request is under way until this is closed. */
  interface Named {
    /** The request is over. */
    void close();
  }

  /** Names a request; a later one of that name takes it over. */
  Named name(PeerId peer, int ruid, Runnable end) {
    RequestName name = new RequestName(peer, ruid);
    ends.put(name, end);
    return () -> ends.remove(name, end);
  }

  /** Ends a request, if the peer has one of that name. */
  void cancel(PeerId peer, int ruid) {
    Runnable end = ends.remove(new RequestName(peer, ruid));
    if (end != null) {
      end.run();
    }
  }
}
