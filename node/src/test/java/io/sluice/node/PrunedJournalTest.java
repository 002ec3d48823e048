package io.sluice.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.dealstore.DealStore;
import io.sluice.dealstore.journal.JournalSettings;
import io.sluice.fsm.DealReason;
import io.sluice.fsm.LeftOut;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.client.ClientDeal;
import io.sluice.fsm.client.ClientDeals;
import io.sluice.fsm.client.ClientEvent;
import io.sluice.fsm.client.ClientInput;
import io.sluice.fsm.client.ClientState;
import io.sluice.fsm.client.DealOrder;
import io.sluice.fsm.engine.Engine;
import io.sluice.fsm.engine.EngineLimits;
import io.sluice.fsm.engine.EngineWatch;
import io.sluice.fsm.engine.Machines;
import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.ServiceException;
import io.sluice.protocol.graphsync.TestDag;
import io.sluice.protocol.libp2p.Identity;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A node that starts on a long history keeps as much of it as it is told to. */
@Timeout(120)
class PrunedJournalTest {
  private static final Instant LONG_AGO = Instant.now().minus(Duration.ofHours(3));
  private static final JournalSettings SMALL = new JournalSettings(2_000, 1 << 16);
  private static final int ENDED = 30;

  @TempDir Path folder;
  private TestNode node;

  @BeforeEach
  void home() throws Exception {
    node =
        new TestNode(folder)
            .with("SLUICE_JOURNAL_RETENTION", "1h")
            .with("SLUICE_CLIENT_PARKED", "90d");
  }

  private long segments() throws IOException {
    try (Stream<Path> files = Files.list(node.home.store().resolve("journal"))) {
      return files.count();
    }
  }

  @Test
  void givenDealsThatEndedLongAgo_whenTheNodeStarts_thenTheirHistoryGoesAndTheLiveDealStays()
      throws Exception {
    history(
        deals -> {
          for (int number = 1; number <= ENDED; number++) {
            refused(deals, number);
          }
          parked(deals, ENDED + 1);
        });
    long before = segments();

    try (TestNode running = node.start();
        NodeService commands = running.commands()) {
      until(() -> segments() < before / 2);
      assertEquals("REJECTED", commands.deal("c-1").state());
      assertEquals(List.of(), commands.deal("c-1").transitions());
      assertEquals("PARKED", commands.deal("c-" + (ENDED + 1)).state());
      assertTrue(commands.deal("c-" + (ENDED + 1)).transitions().size() >= 3);
    }
  }

  @Test
  void givenDealsWhoseHistoryIsGone_whenExported_thenRefusedAndNoFileIsWritten() throws Exception {
    history(
        deals -> {
          MachineId halved = started(deals, 1);
          for (int number = 2; number <= ENDED; number++) {
            refused(deals, number);
          }
          parked(deals, ENDED + 1);
          refuse(deals, halved);
        });
    long before = segments();

    try (TestNode running = node.start();
        NodeService commands = running.commands()) {
      until(() -> segments() < before / 2);
      assertEquals(1, commands.deal("c-1").transitions().size());
      for (String deal : List.of("c-1", "c-2")) {
        Path file = folder.resolve(deal);
        ServiceException failure =
            assertThrows(ServiceException.class, () -> commands.exportDeal(deal, file.toString()));
        assertEquals(ErrorCode.HISTORY_PRUNED, failure.code());
        assertFalse(Files.exists(file));
      }
      commands.exportDeal("c-" + (ENDED + 1), folder.resolve("whole").toString());
    }
  }

  @Test
  void givenALiveDealThatIsOlder_whenTheNodeStarts_thenNothingGoes() throws Exception {
    history(
        deals -> {
          parked(deals, 1);
          for (int number = 2; number <= ENDED; number++) {
            refused(deals, number);
          }
        });
    long before = segments();

    node.start().close(); // the close waits for the pruning that was begun

    assertTrue(segments() >= before);
  }

  private interface Past {
    void with(Machines<ClientState, ClientDeal, ClientInput> deals) throws IOException;
  }

  private void history(Past past) throws IOException {
    try (DealStore store =
            DealStore.open(node.home.store(), SluiceNode.TABLES, SMALL, cause -> {});
        Engine engine =
            new Engine(
                store,
                store,
                Clock.fixed(LONG_AGO, ZoneOffset.UTC),
                Runnable::run,
                new EngineWatch() {},
                EngineLimits.DEFAULT)) {
      past.with(engine.machines(ClientDeals.TABLE, Map.of()));
    }
  }

  private static void refused(Machines<ClientState, ClientDeal, ClientInput> deals, int number) {
    refuse(deals, started(deals, number));
  }

  private static void refuse(Machines<ClientState, ClientDeal, ClientInput> deals, MachineId id) {
    deals
        .send(
            id,
            ClientEvent.UNFUNDED,
            new ClientInput.Stopped(
                LONG_AGO, new DealReason(DealCode.INSUFFICIENT_FUNDS, "nothing to pay with")))
        .join();
  }

  private static void parked(Machines<ClientState, ClientDeal, ClientInput> deals, int number) {
    MachineId id = started(deals, number);
    deals.send(id, ClientEvent.FREE, new ClientInput.At(LONG_AGO)).join();
    deals
        .send(
            id,
            ClientEvent.PARK,
            new ClientInput.Stopped(
                LONG_AGO, new DealReason(DealCode.INTERRUPTED, "put aside by the user")))
        .join();
  }

  private static MachineId started(
      Machines<ClientState, ClientDeal, ClientInput> deals, int number) {
    PeerId provider = Identity.generate(new SecureRandom()).peerId();
    Cid root = TestDag.of(number, 1, 1, 10).root();
    MachineId id = new MachineId("c-" + number);
    deals
        .start(
            id,
            ClientDeal.decided(
                number,
                new DealOrder(
                    provider, List.of(), root, TestDag.ALL, Optional.empty(), TokenAmount.ZERO),
                new LeftOut(0, 0, Bytes32.of(new byte[32])),
                number,
                LONG_AGO))
        .join();
    return id;
  }

  private interface Condition {
    boolean holds() throws IOException;
  }

  private static void until(Condition condition) throws IOException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!condition.holds()) {
      assertTrue(System.nanoTime() < end, "it did not come to that in 30 s");
      LockSupport.parkNanos(5_000_000);
    }
  }
}
