package io.sluice.node.provider;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.fsm.JournalEntry;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.engine.MachineView;
import io.sluice.fsm.provider.ProviderDeal;
import io.sluice.fsm.provider.ProviderDeals;
import io.sluice.fsm.provider.ProviderState;
import io.sluice.fsm.replay.KnownTables;
import io.sluice.fsm.replay.Replay;
import io.sluice.fsm.transfer.TransferChannel;
import io.sluice.fsm.transfer.TransferStatus;
import io.sluice.fsm.transfer.TransferTable;
import io.sluice.node.transfer.TransferRecords;
import io.sluice.protocol.datatransfer.ChannelId;
import io.sluice.protocol.datatransfer.MessageType;
import io.sluice.protocol.datatransfer.TypedVoucher;
import io.sluice.protocol.graphsync.Exclusions;
import io.sluice.protocol.graphsync.RequestOutcome;
import io.sluice.protocol.graphsync.TestDag;
import io.sluice.protocol.ipld.MemoryBlockStore;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.DealResult;
import io.sluice.protocol.retrieval.DealStatus;
import io.sluice.protocol.retrieval.RetrievalNames;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a provider does for clients that keep to the rules. */
@Timeout(120)
class ServedDealsTest {

  @TempDir Path folder;
  private Market market;

  @BeforeEach
  void open() throws IOException {
    market = new Market(folder);
    market.price(market.dag.root(), Market.TERMS);
  }

  @AfterEach
  void close() throws IOException {
    market.close();
  }

  /** Pays whatever has come, each time the gate closes, until everything is there. */
  private static void payAlong(Client.Deal deal, long base) {
    long nonce = 1;
    long paid = 0;
    while (deal.result == null || due(deal) > paid) {
      long before = paid;
      Market.until(
          () -> deal.result != null || due(deal) > before,
          () -> "neither data nor end: " + deal.heard);
      long due = due(deal);
      if (due > paid) {
        deal.pay(nonce++, base + due);
        paid = due;
      }
    }
  }

  private static long due(Client.Deal deal) {
    return deal.terms.due(deal.charged).value().longValueExact();
  }

  private static void assertReplays(Market market) {
    for (JournalEntry entry : market.journal.entries()) {
      Replay.of(market.journal.history(entry.machine()), KnownTables.of(ProviderDeals.TABLE))
          .difference()
          .ifPresent(
              difference -> {
                throw new AssertionError(difference.message());
              });
    }
  }

  @Test
  void freeDealIsServedInTheWordsOfOld() throws IOException {
    market.price(market.dag.root(), Terms.FREE);
    Client client = market.client("client");
    Client.Deal deal = client.deal(1, Bytes32.of(new byte[32]), 0);
    deal.terms = Terms.FREE;

    deal.propose();
    Market.until(
        () -> deal.heard.stream().anyMatch(m -> m.type() == MessageType.COMPLETE),
        () -> "not completed: " + deal.heard);

    ProviderDeal ended = market.awaitDeal(client, 1, "COMPLETED");
    assertEquals(RequestOutcome.COMPLETED, deal.awaitEnd().outcome());
    assertEquals(market.dag.bytes(), deal.received);
    assertEquals(market.dag.bytes(), ended.charged());
    assertEquals(TokenAmount.ZERO, ended.credit());
    assertEquals(DealStatus.ACCEPTED.code(), deal.awaitResponse(DealStatus.ACCEPTED).statusCode());
    // The end travels on a stream of its own and may overtake the beginning.
    assertEquals(
        Set.of(MessageType.NEW, MessageType.COMPLETE),
        deal.heard.stream().map(m -> m.type()).collect(Collectors.toSet()));
    assertTrue(
        deal.heard.stream()
            .flatMap(m -> m.result().stream())
            .allMatch(typed -> typed.type().equals(RetrievalNames.RESPONSE)));
    assertReplays(market);
  }

  @Test
  void paidDealEndsPaidToTheUnit() throws IOException {
    Client client = market.client("client");
    Bytes32 channel = client.channel(20_000);
    Client.Deal deal = client.deal(1, channel, 0).propose();

    payAlong(deal, 0);
    ProviderDeal ended = market.awaitDeal(client, 1, "COMPLETED");

    assertEquals(RequestOutcome.COMPLETED, deal.awaitEnd().outcome());
    assertEquals(market.dag.bytes(), deal.received);
    assertEquals(TokenAmount.of(market.dag.bytes()), ended.credit());
    assertEquals(TokenAmount.of(market.dag.bytes()), market.counts.earned());
    assertEquals(
        TokenAmount.of(market.dag.bytes()), market.payments.payee().books().getFirst().vouchered());
    deal.awaitResponse(DealStatus.COMPLETED);
    assertReplays(market);
  }

  @Test
  void courseOfTheTransferIsRecorded() throws IOException {
    TransferRecords records = market.recordTransfers();
    Client client = market.client("client");
    Bytes32 channel = client.channel(20_000);
    Client.Deal deal = client.deal(1, channel, 0).propose();
    MachineId id = TransferRecords.idOf(ProviderService.idOf(client.host.id(), 1));

    payAlong(deal, 0);
    market.awaitDeal(client, 1, "COMPLETED");
    Market.until(
        () -> transfer(records, id).filter(v -> v.state() == TransferStatus.COMPLETED).isPresent(),
        () -> "the channel is " + transfer(records, id));

    TransferChannel course = transfer(records, id).orElseThrow().data();
    assertEquals(market.dag.bytes(), course.queued().bytes());
    Replay.of(market.journal.history(id), KnownTables.of(TransferTable.TABLE))
        .difference()
        .ifPresent(
            difference -> {
              throw new AssertionError(difference.message());
            });
  }

  @Test
  void givenAChannelLeftBehindByItsDeal_whenTheNodeStarts_thenItEndsAsTheDealDid()
      throws IOException {
    Client client = market.client("client");
    Client.Deal deal = client.deal(1, client.channel(20_000), 0).propose();
    payAlong(deal, 0);
    market.awaitDeal(client, 1, "COMPLETED");
    MachineId id = ProviderService.idOf(client.host.id(), 1);
    ChannelId channel = new ChannelId(client.host.id(), market.host.id(), deal.transfer);
    TransferRecords records = market.recordTransfers();
    assertTrue(
        records.opened(
            id,
            new TransferChannel.ChannelOpening(
                channel,
                false,
                true,
                market.dag.root(),
                TestDag.ALL,
                new TypedVoucher(RetrievalNames.PROPOSAL, Node.ofNull()),
                List.of())));
    Market.until(
        () -> transfer(records, TransferRecords.idOf(id)).isPresent(), () -> "it was not opened");

    records.recover();

    Market.until(
        () ->
            transfer(records, TransferRecords.idOf(id))
                .filter(view -> view.state() == TransferStatus.COMPLETED)
                .isPresent(),
        () -> "the channel is " + transfer(records, TransferRecords.idOf(id)));
  }

  private static Optional<MachineView<TransferStatus, TransferChannel>> transfer(
      TransferRecords records, MachineId id) {
    try {
      return records.channels().get(id);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void feeComesBeforeTheFirstByte() throws IOException {
    Terms terms = Market.terms(70);
    market.price(market.dag.root(), terms);
    Client client = market.client("client");
    Bytes32 channel = client.channel(20_000);
    Client.Deal deal = client.deal(1, channel, 0);
    deal.terms = terms;
    deal.propose();

    DealResult demand = deal.awaitResult("FUNDS_NEEDED");
    assertEquals(Optional.of(TokenAmount.of(70)), demand.owed());
    assertEquals(0, deal.received);
    deal.pay(1, 70);
    Market.until(() -> deal.charged > 0, () -> "no data: " + deal.heard);
    payAlong(deal, 0);

    ProviderDeal ended = market.awaitDeal(client, 1, "COMPLETED");
    assertEquals(TokenAmount.of(market.dag.bytes() + 70), ended.credit());
  }

  @Test
  void openingMayComeAsAVoucher() throws IOException {
    Client client = market.client("client");
    Bytes32 channel = client.channel(20_000);
    Client.Deal deal = client.deal(1, channel, 0);
    deal.withOpening = false;
    deal.propose();
    market.awaitDeal(client, 1, ProviderState.AWAITING_OPENING);

    deal.open(deal.opening());
    assertEquals(1_000, Math.floorDiv(deal.awaitClosedGate(), 1_000) * 1_000);
    payAlong(deal, 0);

    market.awaitDeal(client, 1, "COMPLETED");
  }

  @Test
  void laneIsUsedAgainFromWhereItStands() throws IOException {
    Client client = market.client("client");
    Bytes32 channel = client.channel(50_000);
    Client.Deal first = client.deal(1, channel, 5).propose();
    payAlong(first, 0);
    market.awaitDeal(client, 1, "COMPLETED");

    Client.Deal second = client.deal(2, channel, 5);
    long base = market.dag.bytes();
    second.best = Optional.of(client.voucher(channel, 5, 99, base));
    second.into = new MemoryBlockStore();
    second.propose();
    payAlong(second, base);
    ProviderDeal ended = market.awaitDeal(client, 2, "COMPLETED");

    assertEquals(TokenAmount.of(base), ended.money().orElseThrow().lane().base());
    assertEquals(TokenAmount.of(base), ended.credit());
    assertEquals(TokenAmount.of(2 * base), market.counts.earned());
  }

  @Test
  void lostConnectionIsTakenUpAgainWithoutPayingTwice() throws IOException {
    Client client = market.client("client");
    Bytes32 channel = client.channel(20_000);
    Client.Deal deal = client.deal(1, channel, 0).propose();
    deal.awaitClosedGate();
    long charged = deal.charged;
    deal.pay(1, charged);
    Market.until(() -> deal.charged > charged, () -> "no more data");
    deal.awaitClosedGate();
    market.network.cut(market.host, client.host);
    market.awaitDeal(client, 1, ProviderState.SUSPENDED);
    long position = deal.visits;

    deal.received = 0;
    deal.pay(2, deal.charged);
    deal.restart(position);
    payAlong(deal, 0);

    ProviderDeal ended = market.awaitDeal(client, 1, "COMPLETED");
    assertEquals(TokenAmount.of(market.dag.bytes()), ended.credit());
    assertReplays(market);
  }

  @Test
  void crashedProviderGoesOnWhereItWas() throws IOException {
    Client client = market.client("client");
    Bytes32 channel = client.channel(20_000);
    Client.Deal deal = client.deal(1, channel, 0).propose();
    deal.awaitClosedGate();
    long before = deal.charged;
    deal.pay(1, before);
    Market.until(() -> deal.charged > before, () -> "no more data");
    deal.awaitClosedGate();

    market.crash(client);
    market.awaitDeal(client, 1, ProviderState.SUSPENDED);
    deal.awaitEnd();
    deal.pay(2, deal.charged);
    deal.restart(deal.visits);
    payAlong(deal, 0);

    ProviderDeal ended = market.awaitDeal(client, 1, "COMPLETED");
    assertEquals(TokenAmount.of(market.dag.bytes()), ended.credit());
    assertReplays(market);
  }

  @Test
  void missingBlockMakesItPartialAndWhatCameIsPaid() throws IOException {
    Cid lost = market.dag.leaves().get(20);
    market.dag.store().remove(lost);
    Client client = market.client("client");
    Bytes32 channel = client.channel(20_000);
    Client.Deal deal = client.deal(1, channel, 0).propose();

    payAlong(deal, 0);
    ProviderDeal ended = market.awaitDeal(client, 1, "PARTIAL");

    assertEquals(TokenAmount.of(market.dag.bytes() - 250), ended.credit());
    assertEquals(RequestOutcome.PARTIAL, deal.awaitEnd().outcome());
  }

  @Test
  void whatTheFirstRequestLeavesOutIsNeitherSentNorCharged() throws IOException {
    Client client = market.client("client");
    Bytes32 channel = client.channel(20_000);
    Client.Deal deal = client.deal(1, channel, 0);
    List<Cid> had = market.dag.leaves().subList(30, 40);
    for (Cid cid : had) {
      client.store.put(market.dag.store().get(cid).orElseThrow());
    }
    deal.leftOut = new Exclusions(0, had);
    deal.propose();

    payAlong(deal, 0);
    ProviderDeal ended = market.awaitDeal(client, 1, "COMPLETED");

    assertEquals(TokenAmount.of(market.dag.bytes() - 2_500), ended.credit());
    assertEquals(market.dag.bytes() - 2_500, deal.received);
  }

  @Test
  void eitherSideMayCallItOff() throws IOException {
    Client client = market.client("client");
    Bytes32 channel = client.channel(20_000);
    Client.Deal first = client.deal(1, channel, 0).propose();
    first.awaitClosedGate();
    long owed = first.charged;
    first.cancel();
    ProviderDeal cancelled = market.awaitDeal(client, 1, "CANCELLED_UNPAID");
    assertEquals(TokenAmount.of(owed), cancelled.owed());
    first.pay(1, owed);
    market.awaitDeal(client, 1, "CANCELLED");

    Client.Deal second = client.deal(2, channel, 1);
    second.into = new MemoryBlockStore();
    second.propose();
    second.awaitClosedGate();
    second.pay(1, second.charged);
    assertTrue(market.provider.cancel(ProviderService.idOf(client.host.id(), 2)));
    Market.until(
        () -> second.heard.stream().anyMatch(m -> m.type() == MessageType.CANCEL),
        () -> "not told: " + second.heard);
  }
}
