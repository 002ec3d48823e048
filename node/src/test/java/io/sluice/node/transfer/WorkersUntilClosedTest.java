package io.sluice.node.transfer;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class WorkersUntilClosedTest {
  private final List<String> done = new ArrayList<>();

  @Test
  void givenWorkers_thenTheyDoIt() {
    new WorkersUntilClosed(Runnable::run).execute(() -> done.add("told"));

    assertEquals(List.of("told"), done);
  }

  @Test
  void givenWorkersThatWereShutDown_thenItIsDropped() {
    try (ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor()) {
      workers.shutdown();

      assertDoesNotThrow(() -> new WorkersUntilClosed(workers).execute(() -> done.add("told")));
    }

    assertEquals(List.of(), done);
  }

  @Test
  void givenWorkersThatRefuseOnlyWhenGivenIt_thenItIsDropped() {
    WorkersUntilClosed workers =
        new WorkersUntilClosed(
            task -> {
              throw new RejectedExecutionException("shut down a moment ago");
            });

    assertDoesNotThrow(() -> workers.execute(() -> done.add("told")));
    assertEquals(List.of(), done);
  }
}
