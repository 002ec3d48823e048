package io.sluice.node.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.dealstore.DealStore;
import io.sluice.dealstore.journal.JournalSettings;
import io.sluice.fsm.DealReason;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.client.ClientDeal;
import io.sluice.fsm.client.ClientDeals;
import io.sluice.fsm.client.ClientState;
import io.sluice.fsm.engine.MachineView;
import io.sluice.fsm.replay.KnownTables;
import io.sluice.protocol.graphsync.Exclusions;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The last voucher of a deal goes out again, ever more rarely, until it is answered or too old. */
class FinalVouchersTest {
  private static final Duration BEAT = Pair.LIMITS.longestPause();
  private static final Duration INSTANT = Duration.ofMillis(1);
  private static final List<String> SENT = List.of("voucher to provider");
  private static final List<String> NOTHING = List.of();

  @TempDir Path folder;
  private final FakeContext context = new FakeContext();
  private final TransferAttempts attempts = new TransferAttempts(context);
  private DealStore store;
  private FinalVoucherStore outbox;
  private FinalVouchers vouchers;

  @BeforeEach
  void open() throws IOException {
    store =
        DealStore.open(
            folder, KnownTables.of(ClientDeals.TABLE), JournalSettings.DEFAULT, cause -> {});
    outbox = new FinalVoucherStore(store);
    vouchers = new FinalVouchers(context, attempts, outbox);
  }

  @AfterEach
  void close() throws IOException {
    store.close();
  }

  private FinalVoucherStore.Unanswered voucher(MachineId deal) {
    return new FinalVoucherStore.Unanswered(
        deal,
        Deals.PROVIDER,
        Deals.PAID.order().addresses(),
        12,
        Deals.voucher(TokenAmount.of(900)).payment(12, 390, true),
        context.now);
  }

  /** Kept and sent just now. */
  private void kept() throws IOException {
    vouchers.keep(voucher(Deals.ID));
    var unused = vouchers.send(voucher(Deals.ID));
    context.said();
  }

  private List<String> overdue() {
    vouchers.sendOverdue();
    return context.said();
  }

  @Test
  void givenAVoucher_thenItReadsBackAsItWasKept() throws IOException {
    kept();

    assertEquals(voucher(Deals.ID), outbox.find(Deals.ID).orElseThrow());
    assertEquals(List.of(voucher(Deals.ID)), outbox.all());
  }

  // ---- sending again

  @Test
  void givenNoAnswer_thenItGoesOutAfterTheLongestPause_andThenAfterTwiceTheTimeEach()
      throws IOException {
    kept();
    context.turn(BEAT);
    assertEquals(NOTHING, overdue());
    context.turn(INSTANT);
    assertEquals(SENT, overdue()); // 201 ms after it went out first: next after 201 ms more
    assertEquals(NOTHING, overdue());
    context.turn(BEAT.plus(INSTANT));
    assertEquals(NOTHING, overdue());
    context.turn(INSTANT);
    assertEquals(SENT, overdue()); // at 403 ms
    context.turn(BEAT.plus(BEAT).plus(INSTANT.multipliedBy(3)));
    assertEquals(NOTHING, overdue());
    context.turn(INSTANT);
    assertEquals(SENT, overdue());
  }

  @Test
  void givenANewProcess_thenTheTimeSinceTheFirstIsWaited() throws IOException {
    vouchers.keep(voucher(Deals.ID));

    context.turn(BEAT);
    assertEquals(NOTHING, overdue());
    context.turn(INSTANT);
    assertEquals(SENT, overdue());
  }

  @Test
  void givenAllAreToBeSent_thenTheyAre_whenever() throws IOException {
    kept();

    vouchers.sendUnanswered();

    assertEquals(SENT, context.said());
  }

  @Test
  void givenAnAttemptOfTheDeal_thenThatSendsWhatIsToBeSent() throws Exception {
    kept();
    attempts.add(
        Deals.ID, new TransferAttempt(context, listener(), Deals.ID, Deals.PAID, nothing()));

    vouchers.sendUnanswered();

    assertEquals(NOTHING, context.said());
  }

  private LocalContent nothing() throws IOException, InterruptedException {
    return LocalContent.of(
        context.blocks, Deals.DAG.root(), Deals.PAID.order().selector(), Exclusions.NONE);
  }

  private static TransferAttempt.AttemptListener listener() {
    return new TransferAttempt.AttemptListener() {
      @Override
      public void progressed(MachineId id, long charged, long received) {}

      @Override
      public void answered(MachineId id, PeerId provider, ProviderAnswer answer) {}

      @Override
      public void refused(
          RefusedAttempt attempt, MachineId id, ClientDeal deal, DealReason reason) {}
    };
  }

  @Test
  void givenAProviderThatSpeaksOfTheDealAgain_thenItIsSent_butNotAtEachWord() throws IOException {
    kept();
    vouchers.sendAgain(Deals.ID);
    assertEquals(NOTHING, context.said());

    context.turn(Pair.LIMITS.pause());
    vouchers.sendAgain(Deals.ID);
    assertEquals(NOTHING, context.said());
    context.turn(INSTANT);
    vouchers.sendAgain(Deals.ID);
    assertEquals(SENT, context.said());
    vouchers.sendAgain(new MachineId("c-99"));
    assertEquals(NOTHING, context.said());
  }

  @Test
  void givenAVoucherThatIsTooOld_thenItIsForgotten_andNotADayBefore() throws IOException {
    kept();
    context.turn(Duration.ofDays(7));
    vouchers.sendUnanswered();
    assertEquals(SENT, context.said());
    assertTrue(outbox.isOpen(Deals.ID));

    context.turn(INSTANT);
    vouchers.sendUnanswered();
    assertEquals(NOTHING, context.said());
    assertFalse(outbox.isOpen(Deals.ID));
  }

  // ---- being answered

  @Test
  void givenAnAnswer_thenItIsNotSentAgain() throws IOException {
    kept();

    vouchers.answered(Deals.ID);
    assertTrue(outbox.isOpen(Deals.ID)); // the answer came on a thread that must not wait
    context.work();

    assertFalse(outbox.isOpen(Deals.ID));
    vouchers.sendUnanswered();
    assertEquals(NOTHING, context.said());
  }

  @Test
  void givenAnAnswer_thenTheAttemptOfAnEndedDealIsClosed_andThatOfALiveOneIsNot() throws Exception {
    TransferAttempt attempt =
        new TransferAttempt(context, listener(), Deals.ID, Deals.PAID, nothing());
    attempt.begin(context.pull);
    attempts.add(Deals.ID, attempt);
    deal(ClientState.FINALIZING, false);
    vouchers.answered(Deals.ID);
    context.work();
    assertEquals(NOTHING, context.said());

    deal(ClientState.ENDED, true);
    vouchers.answered(Deals.ID);
    context.work();
    assertEquals(List.of("pull: close"), context.said());
    assertTrue(attempts.of(Deals.ID).isEmpty());
  }

  private void deal(ClientState state, boolean ended) {
    context.deals.put(
        Deals.ID, new MachineView<>(Deals.ID, state, ended, Deals.PAID, 9, context.now));
  }

  @Test
  void givenNothingIsOpen_thenNobodyWaits() throws InterruptedException {
    vouchers.await(Deals.ID, Duration.ofDays(1));

    assertEquals(NOTHING, context.said());
  }

  @Test
  void givenAProviderToBeDeliveredTo_thenOnlyItsVouchersGoOut() throws Exception {
    kept();

    vouchers.deliver(Set.of(Deals.CLIENT), INSTANT);
    assertEquals(NOTHING, context.said());
    vouchers.deliver(Set.of(Deals.PROVIDER), INSTANT);
    assertEquals(SENT, context.said());
  }
}
