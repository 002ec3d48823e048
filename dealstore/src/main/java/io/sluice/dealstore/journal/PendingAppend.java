package io.sluice.dealstore.journal;

import io.sluice.dealstore.disk.StorageFullException;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** A record on its way to the disk. */
public final class PendingAppend {
  private final CompletableFuture<Location> done;

  PendingAppend(CompletableFuture<Location> done) {
    this.done = done;
  }

  /** Whether {@link #await} would not wait. */
  public boolean isDone() {
    return done.isDone();
  }

  /**
   * Waits until the record survives power loss.
   *
   * @throws IOException if it may not; nobody knows what is on the disk
   */
  public Location await() throws IOException {
    try {
      return done.get();
    } catch (ExecutionException e) {
      throw said("the journal could not be written", Objects.requireNonNullElse(e.getCause(), e));
    } catch (InterruptedException e) {
      // The record may be durable or not; the caller cannot know, so this counts as a failed write.
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while the journal was written", e);
    }
  }

  /** In the caller's own exception: the cause is one object for all who waited. */
  static IOException said(String what, Throwable cause) {
    return StorageFullException.isFull(cause)
        ? new StorageFullException(what + ": " + cause.getMessage())
        : new IOException(what + ": " + cause.getMessage(), cause);
  }
}
