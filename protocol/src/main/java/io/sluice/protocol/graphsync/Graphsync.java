package io.sluice.protocol.graphsync;

import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.libp2p.Host;
import io.sluice.protocol.multiformats.PeerId;

/**
 * The GraphSync endpoint of a host: asks peers for DAGs and answers their requests. Thread-safe.
 *
 * <p>Spec: GraphSync 2.0.0 and 1.0.0.
 */
public final class Graphsync implements AutoCloseable {

  private Graphsync() {}

  /**
   * Serves both protocols of a host from now on.
   *
   * @param incoming decides about the requests of peers
   */
  public static Graphsync start(Host host, GraphsyncConfig config, IncomingRequests incoming) {
    return follows();
  }

  /**
   * Asks a peer for a DAG. Returns at once; the walk runs on a virtual thread of its own and may
   * first wait for its turn.
   *
   * @param store where blocks are looked up before they are asked for, and where those that come
   *     are put. They are readable at once; whoever needs them durable calls {@link
   *     BlockStore#sync}
   * @param listener hears how it goes
   */
  public OutgoingRequest request(
      PeerId peer, RequestSpec spec, BlockStore store, RequestListener listener) {
    return follows();
  }

  @SuppressWarnings("TypeParameterUnusedInFormals") // gone once the endpoint is here
  private static <T> T follows() {
    throw new UnsupportedOperationException("the endpoint follows");
  }

  /** Ends all requests and responses without a word, and frees all threads. Idempotent. */
  @Override
  public void close() {}
}
