package io.sluice.node.client;

import io.sluice.fsm.DealReason;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.DealResult;
import java.util.Optional;

/** An attempt to which the provider said no. */
interface RefusedAttempt {
  /** Our own result, which may come behind the classic one; empty if it does not. Blocks. */
  Optional<DealResult> resultWith(DealCode code) throws InterruptedException;

  /** Whether the provider had agreed before: then its deal stands as it was opened. */
  boolean isAccepted();

  /** Ends the attempt; the deal makes another one later. */
  void lost(DealReason reason);
}
