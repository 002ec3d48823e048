package io.sluice.protocol.datatransfer;

import io.sluice.protocol.graphsync.RequestDecision;
import io.sluice.protocol.ipld.BlockStore;
import java.util.Optional;

/** What becomes of a pull. */
public sealed interface PullDecision {
  /** Serves it from a store, with a result. */
  static Accept accept(BlockStore store, Optional<TypedVoucher> result) {
    return new Accept(result, false, RequestDecision.accept(store));
  }

  /** Refuses it. */
  static Reject reject(Optional<TypedVoucher> result) {
    return new Reject(result);
  }

  /**
   * Serves it.
   *
   * @param result goes with the acceptance
   * @param paused whether the acceptance says that we are paused, and no block goes out until
   *     {@link ServedPull#resume}
   * @param serving how: store, gate, listener, exclusions. Its own extensions are added to those of
   *     the acceptance
   */
  record Accept(Optional<TypedVoucher> result, boolean paused, RequestDecision.Serve serving)
      implements PullDecision {
    /** The same, paused to begin with or not. */
    public Accept paused(boolean atFirst) {
      return new Accept(result, atFirst, serving);
    }

    /** The same, served like this. */
    public Accept served(RequestDecision.Serve how) {
      return new Accept(result, paused, how);
    }
  }

  /**
   * Refuses it: the channel does not come into being.
   *
   * @param result says why
   */
  record Reject(Optional<TypedVoucher> result) implements PullDecision {}
}
