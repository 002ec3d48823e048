package io.sluice.fsm.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.sluice.fsm.Applied;
import io.sluice.fsm.EntryHash;
import io.sluice.fsm.EventRefused;
import io.sluice.fsm.EventType;
import io.sluice.fsm.JournalEntry;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.Row;
import io.sluice.fsm.Step;
import io.sluice.fsm.StoredMachine;
import io.sluice.fsm.TransitionTable;
import io.sluice.fsm.replay.Difference;
import io.sluice.fsm.replay.KnownTables;
import io.sluice.fsm.replay.Replay;
import io.sluice.fsm.replay.StatePage;
import io.sluice.protocol.ipld.DagCbor;
import io.sluice.protocol.ipld.Limits;
import io.sluice.protocol.ipld.Node;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What every table has to pass: the whole square of states and events in the engine, a restart in
 * every state, random lives that replay, and a page in the documents that is not stale.
 *
 * <p>A table's own test extends this class and says which data and inputs to use. Pages are written
 * anew by {@code mvn -pl fsm -am test -Dtest='*TableTest' -Dsluice.docs.write=true}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class TableContract<S extends Enum<S>, D, I> {

  /** Writes pages instead of comparing them. */
  private static final String WRITE = "sluice.docs.write";

  /** Gives the random lives of a failed run again. */
  private static final String SEED = "sluice.seed";

  private static final MachineId ID = new MachineId("m-1");

  /** A reference page made of the table. */
  public record Page(String file, String title, String introduction) {}

  /** The table under test. */
  protected abstract TransitionTable<S, D, I> table();

  /** Data that a machine in this state could have. */
  protected abstract D data(S state);

  /** An input that the event takes, in every state that takes it. */
  protected abstract I input(EventType<?> event, Random random);

  /** The page of this table. */
  protected abstract Page page();

  Stream<Arguments> square() {
    return table().states().stream()
        .flatMap(state -> table().events().stream().map(event -> arguments(state, event)));
  }

  @ParameterizedTest(name = "{1} in {0}")
  @MethodSource("square")
  void engineDoesWhatTheTableSays(S state, EventType<? extends I> event) throws IOException {
    try (EngineFixture fixture = new EngineFixture()) {
      Set<S> stepped = ConcurrentHashMap.newKeySet();
      Machines<S, D, I> machines = fixture.engine.machines(table(), steps(stepped::add));
      StoredMachine before = stored(state);
      fixture.journal.plant(before);
      I input = input(event, new Random(1));
      Optional<Row<S, D>> row = table().row(state, event);

      var answer = send(machines, ID, event, input);

      if (row.isEmpty()) {
        assertInstanceOf(EventRefused.class, EngineFixture.refusalOf(answer));
        assertEquals(before, fixture.journal.load(ID).orElseThrow());
        assertEquals(List.of(), fixture.journal.entries());
        assertEquals(1, machines.refused(state, event));
      } else {
        Applied<S, D> applied = answer.join();
        assertEquals(row.get().to(), applied.after());
        assertEquals(row.get().recorder().record(data(state), input), applied.data());
        assertEquals(row.get().to(), machines.get(ID).orElseThrow().state());
        assertEquals(table().isEnd(row.get().to()), machines.get(ID).orElseThrow().ended());
      }
      fixture.engine.close();
      fixture.workers.close();
      boolean steps = row.isPresent() && row.get().runsStep() && !table().isEnd(row.get().to());
      assertEquals(steps ? Set.of(row.get().to()) : Set.of(), stepped);
      assertEquals(List.of(), fixture.complaints);
    }
  }

  Stream<S> states() {
    return table().states().stream();
  }

  @ParameterizedTest
  @MethodSource("states")
  void givenRestartInAnyState_thenLiveMachinesStepOnceMore(S state) throws IOException {
    try (EngineFixture fixture = new EngineFixture()) {
      Set<S> stepped = ConcurrentHashMap.newKeySet();
      fixture.journal.plant(stored(state));
      Machines<S, D, I> machines = fixture.engine.machines(table(), steps(stepped::add));

      Recovered recovered = machines.recover();
      fixture.engine.close();
      fixture.workers.close();

      Set<S> live = table().isEnd(state) ? Set.of() : Set.of(state);
      assertEquals(new Recovered(live.size(), List.of()), recovered);
      assertEquals(live, stepped);
      assertEquals(stored(state), fixture.journal.load(ID).orElseThrow());
    }
  }

  @Test
  void givenStoredForms_thenTheyReadBack() {
    for (S state : table().states()) {
      Node stored = read(table().data().encode(data(state)));
      assertEquals(data(state), table().data().decode(stored));
    }
    for (EventType<?> event : taken()) {
      I input = input(event, new Random(2));
      assertEquals(input, table().input().decode(read(table().input().encode(input))));
    }
  }

  @Test
  void givenRandomLives_thenTheyReplay() {
    long seed = Long.getLong(SEED, new Random().nextLong());
    Random random = new Random(seed);
    String name = table() + ", -D" + SEED + "=" + seed;
    try (EngineFixture fixture = new EngineFixture()) {
      Machines<S, D, I> machines = fixture.engine.machines(table(), Map.of());
      Map<MachineId, String> states = new HashMap<>();
      for (int life = 0; life < 30; life++) {
        MachineId id = new MachineId("m-" + life);
        Applied<S, D> last = machines.start(id, data(table().initial())).join();
        for (int i = 0; i < 60 && !table().isEnd(last.after()); i++) {
          List<Row<S, D>> open = rowsFrom(last.after());
          var event = table().event(open.get(random.nextInt(open.size())).event().name());
          last = send(machines, id, event, input(event, random)).join();
        }
        states.put(id, table().shown(last.after().name(), last.entry().data()));
      }

      var report = Replay.of(fixture.journal.entries(), KnownTables.of(table()));

      assertEquals(Optional.<Difference>empty(), report.difference(), name);
      assertEquals(states, report.states(), name);
      for (JournalEntry entry : fixture.journal.entries()) {
        assertEquals(entry.hash(), JournalEntry.of(read(entry.toNode())).hash(), name);
      }
    }
  }

  @Test
  void committedPageIsThatOfTheTable() throws IOException {
    Path path = Path.of("..", "docs", "reference", page().file());
    String fresh = StatePage.of(page().title(), page().introduction(), table());
    if (Boolean.getBoolean(WRITE)) {
      Files.createDirectories(path.getParent());
      Files.writeString(path, fresh);
    }
    assertTrue(Files.exists(path), path + " is missing; -D" + WRITE + "=true writes it");
    assertEquals(fresh, Files.readString(path), path + " is stale; -D" + WRITE + "=true writes it");
  }

  private <X extends I> CompletableFuture<Applied<S, D>> send(
      Machines<S, D, I> machines, MachineId id, EventType<X> event, Object input) {
    return machines.send(id, event, event.cast(input));
  }

  private List<Row<S, D>> rowsFrom(S state) {
    return table().rows().stream().filter(row -> row.from() == state).toList();
  }

  private Set<EventType<?>> taken() {
    return table().rows().stream().<EventType<?>>map(Row::event).collect(Collectors.toSet());
  }

  /** A step for each live state that only notes its state. */
  private Map<S, Step<D, I>> steps(Consumer<S> note) {
    return EnumSet.allOf(table().initial().getDeclaringClass()).stream()
        .filter(state -> !table().isEnd(state))
        .collect(
            Collectors.toMap(state -> state, state -> (id, data, reports) -> note.accept(state)));
  }

  private StoredMachine stored(S state) {
    return new StoredMachine(
        ID,
        table().name(),
        table().version(),
        state.name(),
        table().isEnd(state),
        table().data().encode(data(state)),
        7,
        EntryHash.sha256(new byte[] {7}),
        EngineFixture.NOW);
  }

  /** The node as it comes back from a disk. */
  private static Node read(Node node) {
    return DagCbor.decodeStrict(ByteBuffer.wrap(DagCbor.encode(node)), Limits.BLOCK);
  }
}
