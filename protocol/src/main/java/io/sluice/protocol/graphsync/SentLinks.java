package io.sluice.protocol.graphsync;

import io.sluice.protocol.multiformats.Cid;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which blocks a peer has been sent, or does not want, by its requests that are in progress.
 * Requests in one bucket share what they know; what a request brought in goes with it. Thread-safe.
 * Spec: GraphSync 2.0.0, dedup-by-key.
 */
final class SentLinks {

  private final Map<Optional<String>, Bucket> buckets = new HashMap<>();

  private static final class Bucket {
    final List<CidSet> requests = new ArrayList<>(1);
  }

  /** What one request has sent. */
  final class Sent {
    private final Bucket bucket;
    private final Optional<String> key;
    private final boolean shared;
    private final CidSet mine = new CidSet();

    private Sent(Bucket bucket, Optional<String> key, boolean shared) {
      this.bucket = bucket;
      this.key = key;
      this.shared = shared;
    }

    /** Whether the peer has it, or is getting it by another request. */
    boolean contains(Cid cid) {
      synchronized (bucket) {
        for (CidSet set : bucket.requests) {
          if (set.contains(cid)) {
            return true;
          }
        }
        return false;
      }
    }

    void add(Cid cid) {
      synchronized (bucket) {
        mine.add(cid);
      }
    }

    /** Ends the request's part in it. */
    void release() {
      synchronized (buckets) {
        synchronized (bucket) {
          bucket.requests.remove(mine);
          if (shared && bucket.requests.isEmpty()) {
            buckets.remove(key, bucket);
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
  Sent begin(Optional<String> key, boolean alone, List<Cid> unwanted) {
    synchronized (buckets) {
      Bucket bucket = alone ? new Bucket() : buckets.computeIfAbsent(key, ignored -> new Bucket());
      Sent sent = new Sent(bucket, key, !alone);
      synchronized (bucket) {
        bucket.requests.add(sent.mine);
        unwanted.forEach(sent.mine::add);
      }
      return sent;
    }
  }
}
