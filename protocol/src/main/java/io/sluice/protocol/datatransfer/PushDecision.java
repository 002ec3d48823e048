package io.sluice.protocol.datatransfer;

import io.sluice.protocol.graphsync.Exclusions;
import io.sluice.protocol.graphsync.RequestListener;
import io.sluice.protocol.ipld.BlockStore;
import java.util.Optional;

/** What becomes of a push. */
public sealed interface PushDecision {
  /** Refuses it. */
  static Reject reject(Optional<TypedVoucher> result) {
    return new Reject(result);
  }

  /**
   * Takes it: the initiator is asked for the data, by GraphSync.
   *
   * @param result goes with the acceptance
   * @param paused whether the acceptance says that we are paused, and nothing is asked for before
   *     the initiator begins it again
   * @param store takes the blocks; what it has is not asked for
   * @param listener hears how it goes
   * @param exclusions what is never charged: that of the channel's first request; empty for what
   *     this request leaves out
   */
  record Accept(
      Optional<TypedVoucher> result,
      boolean paused,
      BlockStore store,
      RequestListener listener,
      Optional<Exclusions> exclusions)
      implements PushDecision {}

  /**
   * Refuses it: the channel does not come into being.
   *
   * @param result says why
   */
  record Reject(Optional<TypedVoucher> result) implements PushDecision {}

  /**
   * All of it came before, and was kept: the initiator is told so once more, in place of an answer.
   */
  record Complete() implements PushDecision {}
}
