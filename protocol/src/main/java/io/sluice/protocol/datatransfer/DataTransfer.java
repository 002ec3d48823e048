package io.sluice.protocol.datatransfer;

import io.sluice.protocol.graphsync.Graphsync;
import io.sluice.protocol.graphsync.GraphsyncConfig;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.libp2p.Host;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * The data-transfer endpoint of a host, with a GraphSync endpoint of its own beneath. Opens pulls
 * at peers, has the pulls of peers validated by the type of their voucher, and carries the messages
 * of both, by stream and inside GraphSync. Thread-safe.
 *
 * <p>Spec: data transfer 1.2.0.
 */
public final class DataTransfer implements AutoCloseable {

  private DataTransfer() {}

  /**
   * Serves data transfer and GraphSync from now on. GraphSync requests without a data-transfer
   * message are refused.
   *
   * @param handler hears what belongs to no live conversation, and what initiators say
   */
  public static DataTransfer start(Host host, GraphsyncConfig config, TransferHandler handler) {
    return follows();
  }

  /**
   * Has pulls validated whose voucher is of a type. Those of other types are rejected.
   *
   * @throws IllegalArgumentException if the type has a validator already
   */
  public void register(String voucherType, PullValidator validator) {
    follows();
  }

  /**
   * Opens a pull, or restarts one; a conversation of the same channel that is still open is closed
   * first. Returns at once.
   */
  public Pull open(PullSpec spec, BlockStore store, PullListener listener) {
    return follows();
  }

  /**
   * Sends a message on a stream of its own, trying again where that may help. Messages to one peer
   * go out in the order of the calls.
   *
   * @param addresses where the peer may be dialled, beside what the host knows
   * @return completes when it is written, exceptionally after the last attempt failed
   */
  public CompletableFuture<Void> send(
      PeerId peer, List<Multiaddr> addresses, TransferMessage message) {
    return follows();
  }

  /** The GraphSync endpoint beneath, for requests that have no channel. */
  public Graphsync graphsync() {
    return follows();
  }

  @SuppressWarnings("TypeParameterUnusedInFormals") // gone once the endpoint is here
  private static <T> T follows() {
    throw new UnsupportedOperationException("the endpoint follows");
  }

  /** Ends all conversations without a word. Idempotent. */
  @Override
  public void close() {}
}
