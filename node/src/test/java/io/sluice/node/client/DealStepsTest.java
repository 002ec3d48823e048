package io.sluice.node.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.dealstore.DealStore;
import io.sluice.dealstore.disk.StorageFullException;
import io.sluice.dealstore.journal.JournalSettings;
import io.sluice.fsm.Attachment;
import io.sluice.fsm.DealOutcome;
import io.sluice.fsm.DealReason;
import io.sluice.fsm.EventSink;
import io.sluice.fsm.EventType;
import io.sluice.fsm.LeftOut;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.client.ClientDeal;
import io.sluice.fsm.client.ClientDeals;
import io.sluice.fsm.client.ClientInput;
import io.sluice.fsm.client.ClientProgress;
import io.sluice.fsm.client.ClientState;
import io.sluice.fsm.replay.KnownTables;
import io.sluice.payments.PaymentException;
import io.sluice.protocol.graphsync.Exclusions;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.ipld.MemoryBlockStore;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.DealOpening;
import io.sluice.protocol.retrieval.RetrievalNames;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What each state's step does, and the event by which it says how it went. */
class DealStepsTest {
  @TempDir Path folder;
  private static final RefusalRemedies.Debts NO_DEBTS =
      new RefusalRemedies.Debts() {
        @Override
        public boolean pay(PeerId provider, TokenAmount most) {
          return false;
        }

        @Override
        public Optional<String> named(PeerId provider, long deal, long charged) {
          return Optional.empty();
        }
      };

  private final FakeContext context = new FakeContext();
  private final TransferAttempts attempts = new TransferAttempts(context);
  private final RefusalRemedies remedies = new RefusalRemedies(context, NO_DEBTS);
  private final DealWatchers watchers = new DealWatchers();
  private DealStore store;
  private FinalVoucherStore outbox;
  private DealSteps steps;

  private final TransferAttempt.AttemptListener listener =
      new TransferAttempt.AttemptListener() {
        @Override
        public void progressed(MachineId id, long charged, long received) {}

        @Override
        public void answered(MachineId id, PeerId provider, ProviderAnswer answer) {}

        @Override
        public void refused(
            RefusedAttempt attempt, MachineId id, ClientDeal deal, DealReason reason) {}
      };

  private final EventSink<ClientInput> events =
      new EventSink<>() {
        @Override
        public <X extends ClientInput> CompletableFuture<?> send(
            EventType<X> event, X input, List<Attachment> attachments) {
          context.report(Deals.ID, event, input);
          return CompletableFuture.completedFuture(null);
        }

        @Override
        public boolean isCurrent() {
          return true;
        }
      };

  @BeforeEach
  void open() throws IOException {
    store =
        DealStore.open(
            folder, KnownTables.of(ClientDeals.TABLE), JournalSettings.DEFAULT, cause -> {});
    outbox = new FinalVoucherStore(store);
    steps =
        new DealSteps(
            context,
            attempts,
            listener,
            new FinalVouchers(context, attempts, outbox),
            this::payDebts,
            remedies,
            watchers,
            new ExclusionLists(store));
  }

  @AfterEach
  void close() throws IOException {
    store.close();
  }

  private boolean payDebts(PeerId provider, TokenAmount most) {
    context.payments.calls.add("debts up to " + most);
    return false;
  }

  private void run(ClientState state, ClientDeal deal) throws Exception {
    steps.byState().get(state).run(Deals.ID, deal, events);
  }

  private ClientInput last() {
    return context.inputs.getLast();
  }

  private DealReason lastReason() {
    return assertInstanceOf(ClientInput.Stopped.class, last()).reason();
  }

  // ---- NEW

  @Test
  void givenNewAndFree_thenNoMoneyIsAskedFor() throws Exception {
    run(ClientState.NEW, Deals.FREE);

    assertEquals(List.of("FREE"), context.said());
    assertEquals(List.of(), context.payments.calls());
  }

  @Test
  void givenNewAndPaid_thenItIsFunded() throws Exception {
    run(ClientState.NEW, Deals.PAID);

    assertEquals(List.of("FUNDED"), context.said());
    assertEquals(new ClientInput.Funded(context.now, Deals.LANE), last());
    assertEquals(List.of("debts up to 1000000", "fund"), context.payments.calls());
  }

  @Test
  void givenNew_whenMoneyIsRefused_thenUnfunded_inTheDealsOwnWords() throws Exception {
    context.payments.refusal = Optional.of(new PaymentException(DealCode.MAX_DEPOSIT, "too much"));

    run(ClientState.NEW, Deals.PAID);

    assertEquals(List.of("UNFUNDED"), context.said());
    assertEquals(new DealReason(DealCode.DEPOSIT_USED, "too much"), lastReason());
  }

  @Test
  void givenNew_whenTheLedgerFails_thenItIsGivenUp() throws Exception {
    context.payments.failure = Optional.of(new IOException("no disk"));

    run(ClientState.NEW, Deals.PAID);

    assertEquals(List.of("GIVE_UP"), context.said());
    assertEquals(new DealReason(DealCode.INTERNAL, "no disk"), lastReason());
  }

  // ---- PROPOSED

  @Test
  void givenProposed_thenANewRequestGoesOut_withTheOpeningOfItsLane() throws Exception {
    run(ClientState.PROPOSED, Deals.funded(Deals.PAID, 0));

    assertEquals(List.of("open: new"), context.said());
    assertEquals(List.of(), context.payments.calls());
    assertTrue(attempts.of(Deals.ID).isPresent());
    assertEquals(
        DealOpening.CODEC.encode(Deals.LANE.opening()),
        context.opened.orElseThrow().request().extensions().get(RetrievalNames.OPEN_EXTENSION));
  }

  @Test
  void givenProposedAgain_thenTheAttemptBeforeIsClosed() throws Exception {
    run(ClientState.PROPOSED, Deals.FREE);
    run(ClientState.PROPOSED, Deals.FREE);

    assertEquals(List.of("open: new", "pull: close", "open: new"), context.said());
  }

  @Test
  void givenAnsweredBefore_thenWhatIsHereIsPaidForBeforeTheRestart() throws Exception {
    context.blocks = Deals.DAG.store();
    run(ClientState.PROPOSED, Deals.answered(Deals.funded(Deals.PAID, 0), 100));

    assertEquals(List.of("voucher to provider", "open: restart"), context.said());
    assertEquals(List.of("pay " + Deals.DAG.bytes()), context.payments.calls());
    assertEquals(Deals.DAG.bytes(), context.vouchers.getFirst().bytes());
    assertFalse(context.vouchers.getFirst().last());
  }

  @Test
  void givenAnsweredBeforeAndFree_thenNothingIsPaid() throws Exception {
    run(ClientState.PROPOSED, Deals.answered(Deals.FREE, 100));

    assertEquals(List.of("open: restart"), context.said());
    assertEquals(List.of(), context.payments.calls());
  }

  @Test
  void givenProposed_whenThePaymentBeforeIsRefused_thenItIsGivenUp() throws Exception {
    context.payments.refusal =
        Optional.of(new PaymentException(DealCode.BUDGET_EXCEEDED, "too much"));

    run(ClientState.PROPOSED, Deals.answered(Deals.funded(Deals.PAID, 0), 100));

    assertEquals(List.of("GIVE_UP"), context.said());
    assertEquals(DealCode.BUDGET_USED, lastReason().code());
  }

  @Test
  void givenWhatIsHereWasFoundBefore_thenTheFirstProposalDoesNotWalk_butTheNextDoes()
      throws Exception {
    BlockStore full = Deals.DAG.store();
    LocalContent found =
        LocalContent.of(full, Deals.DAG.root(), Deals.PAID.order().selector(), Exclusions.NONE);
    ClientDeal deal =
        ClientDeal.decided(12, Deals.FREE.order(), LeftOut.of(found.exclusions()), 12, context.now);
    steps.found(Deals.ID, found);

    run(ClientState.PROPOSED, deal); // the context's store is empty: a walk would find nothing
    assertEquals(found.position(), verified().position());
    assertEquals(0, verified().charged());

    run(ClientState.PROPOSED, deal);
    assertEquals(0, verified().position());
  }

  private ClientInput.Verified verified() {
    return attempts.of(Deals.ID).orElseThrow().verified();
  }

  // ---- TRANSFERRING

  @Test
  void givenTransferring_thenNothingIsDone_butInANewProcessTheConnectionIsLost() throws Exception {
    run(ClientState.TRANSFERRING, Deals.FREE);
    assertEquals(List.of("CONNECTION_LOST"), context.said());

    run(ClientState.PROPOSED, Deals.FREE);
    context.said();
    run(ClientState.TRANSFERRING, Deals.FREE);
    assertEquals(List.of(), context.said());
  }

  // ---- RETRYING

  private ClientDeal retrying(DealCode code, boolean answered, long retries) {
    return Deals.because(
        Deals.at(Deals.PAID, new ClientProgress(12, answered, 0, 0, 0, retries)),
        new DealReason(code, "gone"));
  }

  @ParameterizedTest
  @CsvSource({
    "CONNECTION_LOST, false, 5, RETRY",
    "CONNECTION_LOST, false, 6, GIVE_UP",
    "CONNECTION_LOST, true, 15, RETRY",
    "CONNECTION_LOST, true, 16, GIVE_UP",
    "OVERCHARGED, true, 1, RETRY",
    "OVERCHARGED, true, 2, GIVE_UP",
  })
  void givenRetrying_thenAsOftenAsTheLimitsSay(
      DealCode code, boolean answered, long retries, String event) throws Exception {
    run(ClientState.RETRYING, retrying(code, answered, retries));

    assertEquals(List.of(event), context.said());
  }

  @Test
  void givenRetriesUsedUp_thenTheReasonStaysAndSaysHowOften() throws Exception {
    run(ClientState.RETRYING, retrying(DealCode.TIMEOUT, false, 6));

    assertEquals(new DealReason(DealCode.TIMEOUT, "given up after 6 attempts: gone"), lastReason());
    assertEquals(List.of(), context.pauses);
  }

  @Test
  void givenRetrying_thenAfterThePauseOfThatAttempt() throws Exception {
    run(ClientState.RETRYING, retrying(DealCode.TIMEOUT, false, 3));

    assertEquals(List.of(Duration.ofMillis(80)), context.pauses);
    assertEquals(new ClientInput.Going(context.now, 12), last());
  }

  // ---- PARKED

  @Test
  void givenParked_thenWhatIsVerifiedIsPaidFor_andTheAttemptEnds() throws Exception {
    ClientDeal deal = Deals.answered(Deals.funded(Deals.PAID, 0), 300);
    run(ClientState.PROPOSED, deal);
    context.said();
    context.payments.calls();

    run(ClientState.PARKED, deal);

    assertEquals(List.of("pull: close", "PROGRESS", "voucher to provider"), context.said());
    assertEquals(List.of("pay 300"), context.payments.calls());
    assertEquals(List.of(), outbox.all()); // it goes on: the last voucher is another
    assertTrue(attempts.of(Deals.ID).isEmpty());
  }

  @Test
  void givenParkedBeforeAByteCame_thenNothingIsPaid() throws Exception {
    run(ClientState.PARKED, Deals.funded(Deals.PAID, 0));

    assertEquals(List.of(), context.payments.calls());
    assertEquals(List.of(), context.said());
  }

  // ---- FINALIZING

  @Test
  void givenFinalizing_thenTheFinalVoucherIsKept_thenSent_thenTheLaneIsLeft() throws Exception {
    ClientDeal deal = Deals.answered(Deals.funded(Deals.PAID, 100), 300);

    run(ClientState.FINALIZING, deal);

    assertEquals(List.of("voucher to provider", "FINAL_SENT"), context.said());
    assertEquals(List.of("pay 300", "leave"), context.payments.calls());
    assertTrue(context.vouchers.getFirst().last());
    assertEquals(TokenAmount.of(810), context.vouchers.getFirst().amount());
    assertEquals(
        new FinalVoucherStore.Unanswered(
            Deals.ID,
            Deals.PROVIDER,
            deal.order().addresses(),
            12,
            context.vouchers.getFirst(),
            context.now),
        outbox.find(Deals.ID).orElseThrow());
  }

  @Test
  void givenFinalizing_whenTheVoucherCannotBeSent_thenItStaysInTheOutbox() throws Exception {
    context.network = CompletableFuture.failedFuture(new IOException("nobody there"));

    run(ClientState.FINALIZING, Deals.answered(Deals.funded(Deals.PAID, 100), 300));

    assertEquals(List.of("voucher to provider", "FINAL_SENT"), context.said());
    assertTrue(outbox.isOpen(Deals.ID));
  }

  @Test
  void givenFinalizingAndFree_thenNothingIsSent() throws Exception {
    run(ClientState.FINALIZING, Deals.answered(Deals.FREE, 300));

    assertEquals(List.of("FINAL_SENT"), context.said());
    assertFalse(outbox.isOpen(Deals.ID));
  }

  @Test
  void givenFinalizing_whenTheBudgetIsUsedUp_thenTheDealIsLeft() throws Exception {
    context.payments.refusal =
        Optional.of(new PaymentException(DealCode.BUDGET_EXCEEDED, "too much"));

    run(ClientState.FINALIZING, Deals.answered(Deals.funded(Deals.PAID, 0), 300));

    assertEquals(List.of("CANCEL"), context.said());
    assertEquals(DealCode.BUDGET_USED, lastReason().code());
    assertFalse(context.payments.calls().contains("leave"));
  }

  @Test
  void givenFinalizing_whenTheJournalFails_thenTheDealStaysForTheNextStart() throws Exception {
    context.payments.failure = Optional.of(new IOException("no disk"));

    run(ClientState.FINALIZING, Deals.answered(Deals.funded(Deals.PAID, 0), 300));

    assertEquals(List.of(), context.said());
  }

  @Test
  void givenAFullDisk_thenTheDealIsPutAside_whereverItStands() throws Exception {
    context.payments.failure = Optional.of(new StorageFullException("no room in /blocks"));
    ClientDeal deal = Deals.answered(Deals.funded(Deals.PAID, 0), 300);

    run(ClientState.FINALIZING, deal);
    assertEquals(List.of("PARK"), context.said());
    assertEquals(DealCode.STORAGE_FULL, lastReason().code());
    run(ClientState.PROPOSED, deal);
    assertEquals(List.of("PARK"), context.said());
    run(ClientState.PARKED, deal); // cannot be paid yet, and stays
    assertEquals(List.of(), context.said());
    run(ClientState.NEW, Deals.PAID); // nothing to be put aside
    assertEquals(List.of("GIVE_UP"), context.said());
    assertEquals(DealCode.STORAGE_FULL, lastReason().code());
  }

  // ---- LEAVING

  @ParameterizedTest
  @CsvSource({
    "PARTIAL, PARTIAL, true",
    "CANCELLED, CANCELLED, true",
    "NOT_FOUND, REJECTED, true",
    "DEPOSIT_USED, REJECTED, true",
    "OVERCHARGED, REJECTED, true",
    "BUDGET_USED, REJECTED, false",
    "TIMEOUT, FAILED, true",
    "INTERNAL, FAILED, true",
    "VERIFICATION_FAILED, FAILED, false",
    "BLOCK_HASH_MISMATCH, FAILED, false",
  })
  void givenLeaving_thenPaidForWhereThatIsDue_andEndedAsTheReasonSays(
      DealCode code, DealOutcome outcome, boolean paid) throws Exception {
    ClientDeal deal = Deals.answered(Deals.funded(Deals.PAID, 0), 300);

    run(ClientState.LEAVING, Deals.because(deal, new DealReason(code, "so")));

    List<String> said = new ArrayList<>(paid ? List.of("voucher to provider") : List.of());
    if (code == DealCode.CANCELLED) { // nothing is under way that could tell the provider
      said.add("cancel to provider");
    }
    said.add("LEFT");
    assertEquals(said, context.said());
    assertEquals(paid, outbox.isOpen(Deals.ID));
    assertEquals(new ClientInput.Left(context.now, outcome), last());
    assertTrue(context.vouchers.stream().noneMatch(voucher -> voucher.last()));
  }

  @Test
  void givenLeavingBeforeAnAnswer_thenNothingIsPaid_andTheProviderIsTold() throws Exception {
    ClientDeal deal = Deals.funded(Deals.PAID, 0);
    run(ClientState.PROPOSED, deal);
    context.said();

    run(ClientState.LEAVING, Deals.because(deal, new DealReason(DealCode.CANCELLED, "called off")));

    assertEquals(List.of("pull: cancel", "pull: close", "LEFT"), context.said());
    assertEquals(List.of("leave"), context.payments.calls());
    assertTrue(attempts.of(Deals.ID).isEmpty());
  }

  @Test
  void givenLeaving_whenThePaymentFails_thenItIsLeftAllTheSame() throws Exception {
    context.payments.refusal =
        Optional.of(new PaymentException(DealCode.CHANNEL_CLOSING, "settled"));
    ClientDeal deal = Deals.answered(Deals.funded(Deals.PAID, 0), 300);

    run(ClientState.LEAVING, Deals.because(deal, new DealReason(DealCode.TIMEOUT, "quiet")));

    assertEquals(List.of("LEFT"), context.said());
    assertEquals(List.of("pay 300", "leave owing"), context.payments.calls());
  }

  // ---- durable before it is paid for

  private void noteSyncs() {
    context.blocks =
        new MemoryBlockStore() {
          @Override
          public void sync() {
            context.payments.calls.add("sync");
          }
        };
  }

  /** A process that was killed may have left blocks that only look as if they were on the disk. */
  @Test
  void givenARestart_thenWhatIsHereIsSyncedBeforeItIsPaidFor() throws Exception {
    noteSyncs();

    run(ClientState.PROPOSED, Deals.answered(Deals.funded(Deals.PAID, 0), 100));

    assertEquals(List.of("sync", "pay 0"), context.payments.calls(), "of which there is nothing");
  }

  @Test
  void givenADealThatIsPutAside_thenWhatCameIsSyncedBeforeItIsPaidFor() throws Exception {
    noteSyncs();
    ClientDeal deal = Deals.answered(Deals.funded(Deals.PAID, 0), 300);
    run(ClientState.PROPOSED, deal);
    context.payments.calls();

    run(ClientState.PARKED, deal);

    assertEquals(List.of("sync", "pay 300"), context.payments.calls());
  }

  @Test
  void givenADealThatRests_whenItIsPaid_thenWhatIsHereIsSyncedBefore() throws Exception {
    noteSyncs();
    ClientDeal deal = Deals.answered(Deals.funded(Deals.PAID, 0), 300);

    steps.payParked(Deals.ID, deal);

    assertEquals(List.of("sync", "pay 300"), context.payments.calls());
    assertEquals(List.of("voucher to provider"), context.said());
    assertEquals(false, context.vouchers.getFirst().last(), "it goes on");
  }
}
