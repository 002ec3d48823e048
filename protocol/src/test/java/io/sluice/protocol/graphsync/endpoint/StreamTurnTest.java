package io.sluice.protocol.graphsync.endpoint;

import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class StreamTurnTest {
  private static final Duration LONG = Duration.ofSeconds(20);

  private final StreamTurn first = new StreamTurn(List.of());
  private final StreamTurn second = new StreamTurn(List.of(first));

  @Test
  void givenTheFirstAtWork_whenItEnds_thenTheSecondBegins() throws Exception {
    AtomicBoolean ended = new AtomicBoolean();
    first.busy();
    CompletableFuture<Boolean> begun =
        CompletableFuture.supplyAsync(
            () -> {
              second.await();
              return ended.get();
            });
    ended.set(true);
    first.end();

    assertTrue(begun.get(20, TimeUnit.SECONDS));
  }

  /** Once for each message it would be half a second for each message. */
  @Test
  void givenTheFirstSilent_whenTheSecondHasWaitedOnce_thenItWaitsNoMore() {
    first.idle();
    assertTimeoutPreemptively(LONG, second::await);
    first.busy();

    assertTimeoutPreemptively(LONG, second::await);
  }
}
