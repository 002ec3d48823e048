package io.sluice.node.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.DealResult;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LatestResultTest {
  private static final DealResult BUSY = DealResult.of(1, DealCode.LANE_BUSY);
  private static final DealResult BEHIND = DealResult.of(1, DealCode.LANE_BEHIND);
  private final LatestResult results = new LatestResult();

  private Optional<DealResult> now(DealCode code) throws InterruptedException {
    return results.with(code, Duration.ZERO);
  }

  @Test
  void givenResults_thenOnlyTheLatestCounts_andOnlyWithItsCode() throws Exception {
    assertEquals(Optional.empty(), now(DealCode.LANE_BUSY));
    results.heard(BUSY);
    assertEquals(Optional.of(BUSY), now(DealCode.LANE_BUSY));
    results.heard(BEHIND);
    assertEquals(Optional.empty(), now(DealCode.LANE_BUSY));
    assertEquals(Optional.of(BEHIND), now(DealCode.LANE_BEHIND));
  }

  @Test
  void givenSomebodyWhoWaits_thenTheResultThatFitsWakesThem() throws Exception {
    CompletableFuture<Optional<DealResult>> waiting = new CompletableFuture<>();
    Thread.startVirtualThread(
        () -> {
          try {
            waiting.complete(results.with(DealCode.LANE_BEHIND, Duration.ofMinutes(1)));
          } catch (InterruptedException e) {
            waiting.completeExceptionally(e);
          }
        });
    results.heard(BUSY);
    results.heard(BEHIND);

    assertEquals(Optional.of(BEHIND), waiting.get(30, TimeUnit.SECONDS));
  }
}
