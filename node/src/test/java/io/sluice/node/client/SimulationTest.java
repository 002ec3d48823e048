package io.sluice.node.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Worlds in which things go wrong; {@code .ci/simulation} runs more of them, or one again. */
@Tag("simulation")
class SimulationTest {
  private static final long FIRST = Long.getLong("simulation.first", 1);
  private static final long SEEDS = Long.getLong("simulation.seeds", 8);
  private static final int AT_ONCE = 2;

  /** A planted bug is found within so many worlds. */
  private static final long FOUND_WITHIN = 200;

  @TempDir Path folder;

  private Optional<Throwable> failure(long seed, Simulation.PlantedBug bug) throws IOException {
    Path home = Files.createDirectory(folder.resolve(bug + "-" + seed));
    try (Simulation simulation = new Simulation(home, FaultPlan.of(seed), bug)) {
      simulation.run();
      return Optional.empty();
    } catch (Throwable e) {
      return Optional.of(e);
    } finally {
      delete(home);
    }
  }

  private static void delete(Path folder) throws IOException {
    try (var files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  @Test
  void givenFaultsOfManyKinds_thenAllHoldsAndEndsWell() throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE)) {
      List<Future<Optional<Throwable>>> runs =
          LongStream.range(FIRST, FIRST + SEEDS)
              .mapToObj(seed -> threads.submit(() -> failure(seed, Simulation.PlantedBug.NONE)))
              .toList();
      for (int i = 0; i < runs.size(); i++) {
        Optional<Throwable> failed = runs.get(i).get();
        if (failed.isPresent()) {
          throw new AssertionError(
              ".ci/simulation 1 " + (FIRST + i) + ": " + FaultPlan.of(FIRST + i), failed.get());
        }
      }
    }
  }

  @Tag("long")
  @ParameterizedTest
  @EnumSource(value = Simulation.PlantedBug.class, mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void givenAPlantedBug_thenSomeWorldFindsIt(Simulation.PlantedBug bug) throws Exception {
    Optional<Throwable> found = Optional.empty();
    for (long seed = 1; seed <= FOUND_WITHIN && found.isEmpty(); seed++) {
      found = failure(seed, bug);
    }
    assertInstanceOf(Simulation.Violation.class, found.orElseThrow(() -> new AssertionError(bug)));
  }

  @Test
  void givenASeed_thenItsPlanIsTheSameAgain() {
    assertEquals(FaultPlan.of(42), FaultPlan.of(42));
    assertNotEquals(FaultPlan.of(42).faults(), FaultPlan.of(43).faults());
  }
}
