package io.sluice.fsm.provider;

import static io.sluice.fsm.provider.ProviderDealSamples.inputFor;
import static io.sluice.fsm.provider.ProviderDealSamples.opened;
import static io.sluice.fsm.provider.ProviderDealSamples.proposed;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sluice.fsm.Applied;
import io.sluice.fsm.Bytes32;
import io.sluice.fsm.EventRefused;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.MemoryJournal;
import io.sluice.fsm.Row;
import io.sluice.fsm.StoredMachine;
import io.sluice.fsm.engine.Engine;
import io.sluice.fsm.engine.EngineLimits;
import io.sluice.fsm.engine.EngineWatch;
import io.sluice.fsm.engine.Machines;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every state and every event: the engine does what the table says, and nothing where it is silent.
 */
class ProviderDealSquareTest {

  private final MemoryJournal journal = new MemoryJournal();
  private final Engine engine =
      new Engine(
          journal,
          journal,
          Clock.fixed(ProviderDealSamples.NOW, ZoneOffset.UTC),
          Executors.newVirtualThreadPerTaskExecutor(),
          new EngineWatch() {},
          new EngineLimits(1, 16, Duration.ofSeconds(30)));

  @AfterEach
  void close() {
    engine.close();
  }

  static List<Arguments> cells() {
    List<Arguments> cells = new ArrayList<>();
    for (ProviderState state : ProviderState.values()) {
      for (ProviderEvent event : ProviderEvent.values()) {
        cells.add(Arguments.of(state, event));
      }
    }
    return cells;
  }

  @ParameterizedTest
  @MethodSource("cells")
  void engineAndTableAgree(ProviderState state, ProviderEvent event) {
    MachineId id = new MachineId("p-AbCdEfGh-12");
    ProviderDeal before = proposed(true).opened(opened());
    StoredMachine planted =
        new StoredMachine(
            id,
            ProviderDeals.TABLE.name(),
            ProviderDeals.TABLE.version(),
            state.name(),
            ProviderDeals.TABLE.isEnd(state),
            ProviderDeals.TABLE.data().encode(before),
            7,
            Bytes32.ZERO,
            ProviderDealSamples.NOW);
    journal.plant(planted);
    Machines<ProviderState, ProviderEvent, ProviderDeal, ProviderInput> machines =
        engine.machines(ProviderDeals.TABLE, Map.of());
    Optional<Row<ProviderState, ProviderEvent, ProviderDeal, ProviderInput>> row =
        ProviderDeals.TABLE.row(state, event);

    if (row.isPresent()) {
      Applied<ProviderState, ProviderDeal> applied =
          machines.send(id, event, inputFor(event)).join();

      assertEquals(row.get().to(), applied.after());
      assertEquals(row.get().recorder().record(before, inputFor(event)), applied.data());
    } else {
      CompletionException refused =
          assertThrows(
              CompletionException.class, () -> machines.send(id, event, inputFor(event)).join());

      assertEquals(EventRefused.class, refused.getCause().getClass());
      assertEquals(Optional.of(planted), journal.load(id));
      assertEquals(List.of(), journal.entries());
    }
  }
}
