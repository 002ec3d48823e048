package io.sluice.node.transfer;

import io.sluice.fsm.transfer.TransferChannel;
import io.sluice.fsm.transfer.TransferInput.Totals;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** What this process does for one channel that is no deal's. Thread-safe. */
abstract class Conversation {
  /** A last word is worth no longer than this. */
  private static final long SAYING_SECONDS = 10;

  /** Begins it, or begins it again: also after the process was another one. */
  abstract void begin(TransferChannel data);

  /** The user paused or resumed this end, which is durable. */
  abstract void paused(boolean now);

  /** The user, or the other end, wants it begun again. */
  abstract void restart();

  /** The other end said on a stream that it pauses, or goes on. */
  abstract void peerPaused(boolean now);

  /** Looks whether something has to be done because of the time. */
  abstract void tick();

  /** The connection to the other end is gone. */
  abstract void disconnected();

  /** Bytes of it that a peer has pushed here and that are not complete. */
  long arriving() {
    return 0;
  }

  /** How far the data are, more exactly than it is recorded. */
  abstract Totals moved();

  /**
   * Ends it, since the channel is complete, and says so if that is this end's to say; may block.
   */
  abstract void complete();

  /**
   * Ends it; may block for as long as a last word takes.
   *
   * @param tell whether the other end is told: not if it was the one that gave up
   */
  abstract void giveUp(boolean tell);

  /** Waits until a last word is out. Whoever does not hear it asks, and is told again. */
  static void said(CompletableFuture<Void> word) {
    try {
      word.get(SAYING_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      // the peer cannot be reached
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
