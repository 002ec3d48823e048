package io.sluice.node.client;

import static io.sluice.node.client.Pair.until;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.fsm.JournalEntry;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.engine.MachineView;
import io.sluice.fsm.replay.KnownTables;
import io.sluice.fsm.replay.Replay;
import io.sluice.fsm.transfer.TransferChannel;
import io.sluice.fsm.transfer.TransferStatus;
import io.sluice.fsm.transfer.TransferTable;
import io.sluice.node.provider.ProviderService;
import io.sluice.node.transfer.TransferRecords;
import io.sluice.protocol.datatransfer.ChannelId;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The course of a deal's transfer channel, as both ends record it. */
@Timeout(120)
class TransferCourseTest {
  private static final Terms PAID =
      new Terms(TokenAmount.of(3_000_001), TokenAmount.ZERO, 4_000, 0, 4_000, 600);
  private static final MachineId DEAL = new MachineId("c-1");

  @TempDir Path folder;
  private Pair pair;

  @BeforeEach
  void open() throws IOException {
    pair = new Pair(folder);
    pair.offer(PAID);
  }

  @AfterEach
  void close() throws IOException {
    pair.close();
  }

  private MachineId served() {
    return ProviderService.idOf(pair.client.host.id(), 1);
  }

  @Test
  void givenADeal_whenItIsOver_thenBothEndsHaveItsChannelFromBeginningToEnd() throws Exception {
    long vouchers =
        pair.retrieval()
            .run((charged, received) -> {}, quote -> {})
            .bought()
            .orElseThrow()
            .vouchers();

    TransferChannel pulled = completed(pair.client, DEAL);
    TransferChannel sold = completed(pair.provider, served());
    ChannelId channel = new ChannelId(pair.client.host.id(), pair.provider.host.id(), 1);
    assertEquals(channel, pulled.opening().id());
    assertEquals(channel, sold.opening().id());
    assertEquals(pulled.opening().selector(), sold.opening().selector());
    assertEquals(pair.dag.bytes(), pulled.received().bytes());
    assertEquals(pair.dag.bytes(), sold.queued().bytes());
    assertEquals(
        List.of(
            JournalEntry.STARTED,
            "TRANSFER_INITIATED",
            "ACCEPT",
            "FINISH_TRANSFER",
            "RESPONDER_COMPLETES",
            "CLEANUP_COMPLETE"),
        events(pair.client, DEAL).stream().filter(event -> !event.startsWith("DATA_")).toList());
    assertTrue(vouchers > events(pair.provider, served()).size(), "a record for each voucher");
    replays(pair.client, DEAL);
    replays(pair.provider, served());
  }

  @Test
  void givenACrashOfTheProvider_whenTheDealGoesOn_thenItsChannelIsRestartedAndCompleted()
      throws Exception {
    AtomicLong seen = new AtomicLong();
    Retrieval retrieval = pair.retrieval();
    CompletableFuture<Retrieval.RetrievalOutcome> running = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                running.complete(
                    retrieval.run((charged, received) -> seen.set(charged), quote -> {}));
              } catch (Exception e) {
                running.completeExceptionally(e);
              }
            });
    until(() -> seen.get() > 20_000);
    pair.provider.crash();
    running.get(60, TimeUnit.SECONDS);

    completed(pair.client, DEAL);
    completed(pair.provider, served());
    assertTrue(events(pair.client, DEAL).contains("DISCONNECTED"));
    assertTrue(events(pair.client, DEAL).contains("RESTART"));
    assertTrue(events(pair.provider, served()).contains("RESTART"));
    replays(pair.client, DEAL);
    replays(pair.provider, served());
  }

  private TransferChannel completed(Pair.Node node, MachineId deal) throws IOException {
    until(() -> channel(node, deal).state() == TransferStatus.COMPLETED);
    return channel(node, deal).data();
  }

  private static MachineView<TransferStatus, TransferChannel> channel(
      Pair.Node node, MachineId deal) {
    try {
      return node.channels.channels().get(TransferRecords.idOf(deal)).orElseThrow();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static List<String> events(Pair.Node node, MachineId deal) throws IOException {
    return node.store.history(TransferRecords.idOf(deal)).stream()
        .map(JournalEntry::event)
        .toList();
  }

  private static void replays(Pair.Node node, MachineId deal) throws IOException {
    Replay.of(node.store.history(TransferRecords.idOf(deal)), KnownTables.of(TransferTable.TABLE))
        .difference()
        .ifPresent(
            difference -> {
              throw new AssertionError(difference.message());
            });
  }
}
