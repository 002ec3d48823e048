package io.sluice.node.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClientRuntimeTest {
  @TempDir Path folder;

  /** Deals end while a client closes, and what a peer sends may come even later. */
  @Test
  void givenAClosedRuntime_thenWhatWasToComeLaterIsDoneAtOnceAndWorkIsLeft() throws Exception {
    try (Pair pair = new Pair(folder)) {
      ClientRuntime runtime =
          new ClientRuntime(
              pair.client.host.id(),
              pair.client.blocks,
              pair.client.payments.payer(),
              pair.clock,
              Alarms.ofThread(),
              Pair.LIMITS,
              ClientMetrics.NONE);
      List<String> done = new ArrayList<>();
      runtime.close();

      runtime.after(Duration.ofHours(1), () -> done.add("later"));
      runtime.onWorker(() -> done.add("work"));

      assertEquals(List.of("later"), done);
    }
  }
}
