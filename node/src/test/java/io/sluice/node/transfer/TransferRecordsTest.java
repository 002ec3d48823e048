package io.sluice.node.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.fsm.DealEnd;
import io.sluice.fsm.DealOutcome;
import io.sluice.fsm.DealStanding;
import io.sluice.fsm.EntryHash;
import io.sluice.fsm.LeftOut;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.MemoryJournal;
import io.sluice.fsm.StoredMachine;
import io.sluice.fsm.client.ClientDeal;
import io.sluice.fsm.client.ClientDeals;
import io.sluice.fsm.client.ClientState;
import io.sluice.fsm.client.DealOrder;
import io.sluice.fsm.engine.Engine;
import io.sluice.fsm.engine.EngineLimits;
import io.sluice.fsm.engine.EngineWatch;
import io.sluice.fsm.transfer.TransferChannel;
import io.sluice.fsm.transfer.TransferChannelEvent;
import io.sluice.fsm.transfer.TransferStatus;
import io.sluice.protocol.datatransfer.ChannelId;
import io.sluice.protocol.datatransfer.TypedVoucher;
import io.sluice.protocol.graphsync.Exclusions;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.libp2p.Identity;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What of a transfer's course is recorded, and what becomes of channels that were left behind. */
@Timeout(60)
class TransferRecordsTest {
  private static final MachineId DEAL = new MachineId("c-1");
  private static final MachineId CHANNEL = TransferRecords.idOf(DEAL);
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
  private static final PeerId CLIENT = Identity.ofSeed(new byte[32]).peerId();
  private static final PeerId PROVIDER = Identity.generate().peerId();
  private static final Cid ROOT =
      Cid.parse("bafybeicioqsmc5up2iguonsvsgn7eivczzoo7gny4qgd4cgr3jbzhavjtm");
  private static final TransferChannel.ChannelOpening OPENING =
      new TransferChannel.ChannelOpening(
          new ChannelId(CLIENT, PROVIDER, 1),
          true,
          true,
          ROOT,
          Node.map().build(),
          new TypedVoucher("RetrievalDealProposal/1", Node.ofNull()),
          List.of());

  private final MemoryJournal journal = new MemoryJournal();
  private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
  private Engine engine = engine();
  private TransferRecords records = new TransferRecords(engine, journal);

  private Engine engine() {
    return new Engine(
        journal,
        journal,
        Clock.fixed(NOW, ZoneOffset.UTC),
        workers,
        new EngineWatch() {},
        EngineLimits.DEFAULT);
  }

  @AfterEach
  void close() {
    engine.close();
    workers.close();
  }

  /** The engine ends when all is recorded, and the next one begins on what was. */
  private TransferRecords reopened() {
    settle();
    engine = engine();
    records = new TransferRecords(engine, journal);
    return records;
  }

  /** Nobody is told when something is recorded: steps first, then what they sent. */
  private void settle() {
    while (journal.load(CHANNEL).filter(it -> unsettled(it.state())).isPresent()) {
      Thread.onSpinWait();
    }
    engine.close();
  }

  private static boolean unsettled(String state) {
    return state.equals("COMPLETING") || state.equals("FAILING") || state.equals("CANCELLING");
  }

  private List<String> events() {
    return journal.history(CHANNEL).stream().map(entry -> entry.event()).toList();
  }

  private String state() {
    return journal.load(CHANNEL).orElseThrow().state();
  }

  @Test
  void givenAChannel_whenOpenedAgain_thenItIsTheSame() {
    assertTrue(records.opened(DEAL, OPENING));
    records.happened(DEAL, TransferChannelEvent.TRANSFER_INITIATED);
    awaitEvents(2);

    assertFalse(records.opened(DEAL, OPENING));

    settle();
    assertEquals(List.of("(started)", "TRANSFER_INITIATED"), events());
  }

  private void awaitEvents(int many) {
    while (journal.history(CHANNEL).size() < many) {
      Thread.onSpinWait();
    }
  }

  @Test
  void givenAnAcceptance_whenAcceptedAgain_thenNothingMoreIsRecorded() {
    records.opened(DEAL, OPENING);
    records.happened(DEAL, TransferChannelEvent.TRANSFER_INITIATED);
    awaitEvents(2);

    records.accepted(DEAL);
    awaitEvents(3);
    records.happened(DEAL, TransferChannelEvent.RESPONDER_BEGINS_FINALIZATION);
    awaitEvents(4);
    records.accepted(DEAL); // here the table would take it

    settle();
    assertEquals(
        List.of("(started)", "TRANSFER_INITIATED", "ACCEPT", "RESPONDER_BEGINS_FINALIZATION"),
        events());
    assertEquals(TransferStatus.RESPONDER_FINALIZING.name(), state());
  }

  @Test
  void givenAnEventThatTheTableDoesNotTake_thenItIsDropped() {
    records.happened(DEAL, TransferChannelEvent.ACCEPT); // of no channel
    records.opened(DEAL, OPENING);
    records.happened(DEAL, TransferChannelEvent.CLEANUP_COMPLETE);
    records.happened(DEAL, TransferChannelEvent.RESTART);
    awaitEvents(2);

    settle();
    assertEquals(List.of("(started)", "RESTART"), events());
  }

  @ParameterizedTest
  @CsvSource({"COMPLETE, COMPLETED", "CANCEL, CANCELLED"})
  void givenAnEnd_thenTheChannelIsReleasedByItself(String event, String end) {
    records.opened(DEAL, OPENING);
    records.happened(
        DEAL, event.equals("CANCEL") ? TransferChannelEvent.CANCEL : TransferChannelEvent.COMPLETE);
    awaitEvents(3);

    settle();
    assertEquals(List.of("(started)", event, "CLEANUP_COMPLETE"), events());
    assertEquals(end, state());
  }

  // ---- recovering

  private static ClientDeal deal() {
    return ClientDeal.decided(
        1,
        new DealOrder(
            PROVIDER, List.of(), ROOT, Node.map().build(), Optional.empty(), TokenAmount.ZERO),
        LeftOut.of(Exclusions.NONE),
        1,
        NOW);
  }

  private void plant(ClientState state, boolean ended, ClientDeal deal) {
    journal.plant(
        new StoredMachine(
            DEAL,
            ClientDeals.TABLE.name(),
            ClientDeals.TABLE.version(),
            state.name(),
            ended,
            ClientDeals.TABLE.data().encode(deal),
            5,
            EntryHash.ZERO,
            NOW));
  }

  private String problem() throws IOException {
    return records.channels().get(CHANNEL).orElseThrow().data().message();
  }

  private void recover(int events) throws IOException {
    reopened().recover();
    awaitEvents(events);
    while (unsettled(state())) {
      Thread.onSpinWait();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "COMPLETED, COMPLETED, ''",
    "CANCELLED, CANCELLED, ''",
    "FAILED, FAILED, its deal is FAILED",
    "PARTIAL, FAILED, its deal is PARTIAL"
  })
  void givenADealThatEndedWithoutItsChannel_whenRecovered_thenTheChannelEndsSo(
      DealOutcome outcome, String end, String why) throws IOException {
    records.opened(DEAL, OPENING);
    awaitEvents(1);
    ClientDeal live = deal();
    plant(
        ClientState.ENDED,
        true,
        new ClientDeal(
            live.id(),
            live.order(),
            live.leftOut(),
            live.progress(),
            live.money(),
            new DealStanding(NOW, NOW, Optional.empty(), Optional.of(new DealEnd(NOW, outcome)))));

    recover(3);

    assertEquals(end, state());
    assertEquals(why, problem());
  }

  @Test
  void givenADealThatIsGone_whenRecovered_thenTheChannelFails() throws IOException {
    records.opened(DEAL, OPENING);
    awaitEvents(1);

    recover(3);

    assertEquals("FAILED", state());
    assertEquals("its deal is gone", problem());
  }

  @Test
  void givenADealThatGoesOn_whenRecovered_thenSoDoesTheChannel() throws IOException {
    records.opened(DEAL, OPENING);
    awaitEvents(1);
    plant(ClientState.PARKED, false, deal());

    reopened().recover();

    settle();
    assertEquals(List.of("(started)"), events());
  }

  @Test
  void givenAChannelHalfReleased_whenRecovered_thenItIsReleased() throws IOException {
    records.opened(DEAL, OPENING);
    awaitEvents(1);
    engine.close();
    StoredMachine opened = journal.load(CHANNEL).orElseThrow();
    journal.plant(
        new StoredMachine(
            CHANNEL,
            opened.table(),
            opened.version(),
            TransferStatus.FAILING.name(),
            false,
            opened.data(),
            opened.sequence(),
            opened.head(),
            opened.changed()));
    plant(ClientState.PARKED, false, deal());
    engine = engine();
    records = new TransferRecords(engine, journal);

    records.recover();
    while (!state().equals("FAILED")) {
      Thread.onSpinWait();
    }
    assertEquals(List.of("(started)", "CLEANUP_COMPLETE"), events());
  }
}
