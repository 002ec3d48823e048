package io.sluice.node.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClientDeskTest {
  @TempDir Path folder;

  /** Deals end while a client closes, and what a peer sends may come even later. */
  @Test
  void givenAClosedDesk_thenWhatWasToComeLaterIsDoneAtOnceAndWorkIsLeft() throws Exception {
    try (Pair pair = new Pair(folder)) {
      ClientDesk desk =
          new ClientDesk(
              pair.client.host.id(),
              pair.client.blocks,
              pair.client.payments.payer(),
              pair.clock,
              Pair.LIMITS,
              ClientMetrics.NONE);
      List<String> done = new ArrayList<>();
      desk.close();

      desk.after(Duration.ofHours(1), () -> done.add("later"));
      desk.onWorker(() -> done.add("work"));

      assertEquals(List.of("later"), done);
    }
  }
}
