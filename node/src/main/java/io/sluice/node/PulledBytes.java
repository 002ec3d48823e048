package io.sluice.node;

import io.sluice.node.content.ContentRecord;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;

/**
 * How much room content of neighbours takes: what is listed here because they list it, and what
 * came and is not listed yet. Thread-safe.
 */
final class PulledBytes {
  private static final Duration LATELY = Duration.ofMinutes(1);

  private final SluiceNode node;
  private Instant looked = Instant.MIN;
  private long bytes;

  PulledBytes(SluiceNode node) {
    this.node = node;
  }

  /** As it was not long ago. */
  synchronized long lately() throws IOException {
    return node.clock().instant().isAfter(looked.plus(LATELY)) ? now() : bytes;
  }

  /** As it is now; costs a walk of what was listed since syncs had everything last. */
  synchronized long now() throws IOException {
    Instant at = node.clock().instant();
    long listed =
        node.contents().all().values().stream()
            .filter(record -> record.adopted().isPresent())
            .mapToLong(ContentRecord::size)
            .sum();
    bytes = listed + node.numbers().unclaimed().bytes();
    looked = at;
    return bytes;
  }
}
