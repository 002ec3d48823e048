package io.sluice.node.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.fsm.MachineId;
import io.sluice.fsm.MemoryJournal;
import io.sluice.fsm.transfer.TransferChannel.ChannelOpening;
import io.sluice.fsm.transfer.TransferStatus;
import io.sluice.protocol.datatransfer.TypedVoucher;
import io.sluice.protocol.graphsync.MemoryNetwork;
import io.sluice.protocol.graphsync.TestDag;
import io.sluice.protocol.ipld.MemoryBlockStore;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Pulls between two managers, through limits, pauses, cuts and deaths of either end. */
@Timeout(60)
class PulledTransfersTest {
  private static final int HALF = 20;
  private static final long LIMIT = 10_000;

  private final TestDag dag = TestDag.of(1, 4, 10, 1000);
  private final MemoryNetwork network = new MemoryNetwork();
  private final Rules rules = new Rules();
  private final TransferEndpoint sender;
  private final TransferEndpoint recipient;

  PulledTransfersTest() throws IOException {
    sender = new TransferEndpoint(network, 1, dag.store());
    recipient = new TransferEndpoint(network, 2, new MemoryBlockStore());
    sender.validate("Ticket/1", rules);
  }

  @AfterEach
  void close() {
    sender.close();
    recipient.close();
  }

  private static TypedVoucher ticket(String says) {
    return new TypedVoucher("Ticket/1", Node.of(says));
  }

  /** What a test has decided beforehand. */
  static final class Rules implements TransferValidator {
    volatile Verdict opening = Verdict.accept();
    volatile Verdict paying = Verdict.accept();
    volatile Optional<TypedVoucher> demand = Optional.empty();
    final List<TypedVoucher> paid = new CopyOnWriteArrayList<>();

    @Override
    public Verdict opened(ChannelOpening opening) {
      return this.opening;
    }

    @Override
    public Verdict paid(TransferState transfer, TypedVoucher voucher) {
      paid.add(voucher);
      return paying;
    }

    @Override
    public Optional<TypedVoucher> demand(TransferState transfer) {
      return demand;
    }
  }

  private MachineId pull() throws IOException {
    return recipient.manager.pull(
        sender.host.id(), List.of(), dag.root(), TestDag.ALL, ticket("please"));
  }

  private void assertComplete(MachineId id) throws Exception {
    TransferManager.TransferEnd here = recipient.end(id);
    assertEquals(TransferStatus.COMPLETED, here.status(), here.message());
    TransferManager.TransferEnd there = sender.end(sender.only());
    assertEquals(TransferStatus.COMPLETED, there.status(), there.message());
    for (Cid leaf : dag.leaves()) {
      assertTrue(recipient.blocks.has(leaf));
    }
  }

  // ---- as it should be

  @Test
  void givenPull_thenBothEndsGoThroughTheStatusesThatGoRecorded() throws Exception {
    MachineId id = pull();

    assertComplete(id);
    List<String> statuses = recipient.statuses(id);
    assertEquals(
        List.of("REQUESTED", "AWAITING_ACCEPTANCE", "ONGOING"),
        statuses.subList(0, 3),
        statuses::toString);
    // The word that it is complete may overtake the last blocks.
    assertTrue(List.of("TRANSFER_FINISHED", "RESPONDER_COMPLETED").contains(statuses.get(3)));
    assertEquals(List.of("COMPLETING", "COMPLETED"), statuses.subList(4, statuses.size()));
    MachineId there = sender.only();
    assertEquals(
        List.of("REQUESTED", "QUEUED", "ONGOING", "COMPLETING", "COMPLETED"),
        sender.statuses(there));
    assertEquals(dag.bytes(), recipient.channel(id).received().bytes());
    assertEquals(dag.bytes(), sender.channel(there).queued().bytes());
    assertEquals(dag.bytes(), sender.channel(there).sent().bytes());
    assertTrue(recipient.kept.isEmpty(), "nobody pushed it");
  }

  @Test
  void givenAllOfItHere_thenNobodyIsAsked() throws Exception {
    pull();
    recipient.end(recipient.only());
    network.reachable(sender.host, false);

    MachineId second = pull();

    assertEquals(TransferStatus.COMPLETED, recipient.end(second).status());
    assertEquals(
        List.of("REQUESTED", "AWAITING_ACCEPTANCE", "COMPLETING", "COMPLETED"),
        recipient.statuses(second));
  }

  // ---- refused

  @Test
  void givenVoucherOfATypeThatNobodyJudges_thenRefused() throws Exception {
    MachineId id =
        recipient.manager.pull(
            sender.host.id(),
            List.of(),
            dag.root(),
            TestDag.ALL,
            new TypedVoucher("Other/1", Node.of("please")));

    assertTrue(recipient.end(id).message().startsWith("REFUSED: "), recipient.end(id).message());
    assertTrue(sender.journal.entries().isEmpty());
  }

  @Test
  void givenVoucherThatIsNoGood_thenRefusedWithTheReasonAndNothingIsRecordedThere()
      throws Exception {
    rules.opening = Verdict.refuse(Optional.of(PushVouchers.refusal("not today")));

    MachineId id = pull();

    TransferManager.TransferEnd end = recipient.end(id);
    assertEquals(TransferStatus.FAILED, end.status());
    assertTrue(end.message().endsWith(": not today"), end.message());
    assertTrue(sender.journal.entries().isEmpty());
  }

  @Test
  void givenBlockThatTheResponderLacks_thenBothEndsFail() throws Exception {
    MemoryBlockStore holey = new MemoryBlockStore();
    holey.put(dag.store().get(dag.root()).orElseThrow());
    try (TransferEndpoint lacking = new TransferEndpoint(network, 3, holey)) {
      lacking.validate("Ticket/1", rules);

      MachineId id =
          recipient.manager.pull(
              lacking.host.id(), List.of(), dag.root(), TestDag.ALL, ticket("please"));

      assertTrue(recipient.end(id).message().startsWith("PARTIAL: "), recipient.end(id).message());
      TransferManager.TransferEnd there = lacking.end(lacking.only());
      assertTrue(there.message().startsWith("PARTIAL: "), there.message());
    }
  }

  @Test
  void givenDiskThatFillsUp_thenBothEndsEnd() throws Exception {
    recipient.blocks.fill();
    sender.blocks.closeAfter(HALF);

    MachineId id = pull();

    assertTrue(recipient.end(id).message().contains("cannot be kept"));
    assertEquals(TransferStatus.CANCELLED, sender.end(sender.only()).status());
  }

  // ---- limits and vouchers

  @Test
  void givenLimit_whenAVoucherRaisesIt_thenTheRestComes() throws Exception {
    rules.opening = Verdict.accept().upTo(LIMIT);
    rules.demand = Optional.of(ticket("more, please"));
    MachineId id = pull();
    TransferEndpoint.awaited(() -> recipient.channel(id).results().count() == 1);
    TransferEndpoint.awaited(() -> recipient.channel(id).responderPaused());
    MachineId there = sender.only();
    // What was queued is recorded beside what is said.
    TransferEndpoint.awaited(() -> sender.channel(there).queued().bytes() >= LIMIT);
    long flowed = sender.channel(there).queued().bytes();
    assertTrue(flowed >= LIMIT && flowed < LIMIT + 2000, "flowed " + flowed);
    rules.demand = Optional.empty();
    rules.paying = Verdict.accept().saying(ticket("thanks"));

    recipient.manager.sendVoucher(id, ticket("here")).get();

    assertComplete(id);
    assertEquals(List.of(ticket("here")), rules.paid);
    assertEquals(Optional.of(ticket("thanks")), recipient.channel(id).results().last());
    assertEquals(1, sender.channel(there).vouchers().count());
    assertEquals(0, sender.channel(there).dataLimit());
    assertEquals(dag.bytes(), recipient.channel(id).received().bytes());
  }

  @Test
  void givenLimit_whenAVoucherDoesNotRaiseIt_thenItWaitsOn() throws Exception {
    rules.opening = Verdict.accept().upTo(LIMIT);
    rules.paying = Verdict.accept().upTo(LIMIT).saying(ticket("not enough"));
    MachineId id = pull();
    TransferEndpoint.awaited(() -> recipient.channel(id).responderPaused());

    recipient.manager.sendVoucher(id, ticket("a little")).get();

    TransferEndpoint.awaited(() -> recipient.channel(id).results().count() == 1);
    assertTrue(recipient.channel(id).responderPaused());
    assertTrue(recipient.channel(id).received().bytes() < LIMIT + 2000);
    rules.paying = Verdict.accept();
    recipient.manager.sendVoucher(id, ticket("the rest")).get();
    assertComplete(id);
  }

  @Test
  void givenVoucherThatIsRefused_thenBothEndsFail() throws Exception {
    rules.opening = Verdict.accept().upTo(LIMIT);
    rules.paying = Verdict.refuse(Optional.of(PushVouchers.refusal("forged")));
    MachineId id = pull();
    TransferEndpoint.awaited(() -> recipient.channel(id).responderPaused());

    recipient.manager.sendVoucher(id, ticket("forged")).get();

    assertTrue(recipient.end(id).message().contains("forged"), recipient.end(id).message());
    assertEquals(TransferStatus.FAILED, sender.end(sender.only()).status());
  }

  @Test
  void givenLastVoucherWanted_whenItComes_thenComplete() throws Exception {
    rules.opening = Verdict.accept().untilLastVoucher();
    rules.demand = Optional.of(ticket("the last one"));
    MachineId id = pull();
    TransferEndpoint.awaited(() -> recipient.channel(id).results().count() == 1);
    TransferEndpoint.awaited(
        () -> recipient.statuses(id).getLast().equals("RESPONDER_FINALIZING_TRANSFER_FINISHED"));
    assertEquals("FINALIZING", sender.statuses(sender.only()).getLast());
    rules.paying = Verdict.accept().saying(ticket("that is all"));

    recipient.manager.sendVoucher(id, ticket("here")).get();

    assertComplete(id);
    assertEquals(Optional.of(ticket("that is all")), recipient.channel(id).results().last());
  }

  @Test
  void givenResponderThatAgreesLater_thenNothingComesBefore() throws Exception {
    rules.opening = Verdict.accept().waiting();
    MachineId id = pull();
    TransferEndpoint.awaited(() -> recipient.channel(id).responderPaused());
    MachineId there = sender.only();
    recipient.manager.sendVoucher(id, ticket("impatient")).get();
    TransferEndpoint.awaited(() -> rules.paid.size() == 1);
    assertEquals(0, sender.channel(there).queued().bytes());

    assertTrue(sender.manager.judge(there, Verdict.accept()));

    assertComplete(id);
  }

  @Test
  void givenLimitThatIsReached_whenTheResponderDies_thenItHoldsUntilAVoucherRaisesIt()
      throws Exception {
    rules.opening = Verdict.accept().upTo(LIMIT);
    rules.demand = Optional.of(ticket("more, please"));
    MachineId id = pull();
    TransferEndpoint.awaited(() -> recipient.channel(id).results().count() == 1);
    MachineId there = sender.only();
    sender.die();
    network.cut(sender.host, recipient.host);

    sender.comeBack();

    TransferEndpoint.awaited(() -> sender.count(there, "RESTART") > 0);
    // It may have had a voucher that it had not judged, so it asks for one again.
    TransferEndpoint.awaited(() -> recipient.channel(id).results().count() > 1);
    recipient.manager.sendVoucher(id, ticket("here")).get();
    assertComplete(id);
    assertEquals(dag.bytes(), recipient.channel(id).received().bytes());
  }

  @Test
  void givenLimitThatTheLastBlockReaches_thenItWaitsForAVoucherAllTheSame() throws Exception {
    rules.opening = Verdict.accept().upTo(dag.bytes());
    MachineId id = pull();
    TransferEndpoint.awaited(() -> recipient.channel(id).responderPaused());
    MachineId there = sender.only();
    TransferEndpoint.awaited(() -> sender.channel(there).queued().bytes() == dag.bytes());
    TransferEndpoint.awaited(() -> sender.statuses(there).getLast().equals("ONGOING"));

    recipient.manager.sendVoucher(id, ticket("here")).get();

    assertComplete(id);
    assertEquals(1, rules.paid.size());
  }

  @Test
  void givenResponderThatDiesBeforeItRecordsWhatItSent_thenTheLimitHolds() throws Exception {
    try (TransferEndpoint seldom =
        new TransferEndpoint(network, 3, dag.store(), TransferEndpoint.seldom())) {
      seldom.validate("Ticket/1", rules);
      rules.opening = Verdict.accept().upTo(3 * LIMIT);
      seldom.blocks.closeAfter(HALF);
      MachineId id =
          recipient.manager.pull(
              seldom.host.id(), List.of(), dag.root(), TestDag.ALL, ticket("please"));
      seldom.blocks.awaitWaiting();
      MachineId there = seldom.only();
      assertEquals(0, seldom.channel(there).queued().bytes());
      seldom.die();
      network.cut(seldom.host, recipient.host);
      seldom.blocks.open();

      seldom.comeBack();

      TransferEndpoint.awaited(() -> recipient.channel(id).responderPaused());
      TransferEndpoint.awaited(() -> seldom.channel(there).queued().bytes() >= 3 * LIMIT);
      long sent = seldom.channel(there).queued().bytes();
      assertTrue(sent >= 3 * LIMIT && sent < 3 * LIMIT + 2000, "sent " + sent);
      TransferEndpoint.awaited(() -> recipient.moved(id) == sent);
    }
  }

  @Test
  void givenInitiatorThatSaysItHasAllAndThenAsksForIt_thenTheLimitHolds() throws Exception {
    rules.opening = Verdict.accept().upTo(LIMIT);
    MachineId id = pull();
    TransferEndpoint.awaited(() -> recipient.channel(id).responderPaused());
    MachineId there = sender.only();
    for (Cid leaf : dag.leaves()) { // so that the next request leaves all of it out
      recipient.blocks.put(dag.store().get(leaf).orElseThrow());
    }
    for (Cid group : dag.groups()) {
      recipient.blocks.put(dag.store().get(group).orElseThrow());
    }
    recipient.manager.restart(id);
    TransferEndpoint.awaited(() -> sender.count(there, "RESTART") == 1);
    long before = sender.count(there, "DATA_LIMIT_EXCEEDED");
    rules.paying = Verdict.accept().upTo(2 * LIMIT);

    recipient.manager.sendVoucher(id, ticket("a little")).get();

    TransferEndpoint.awaited(() -> sender.count(there, "DATA_LIMIT_EXCEEDED") > before);
    long counted = sender.channel(there).queued().bytes();
    assertTrue(counted < 2 * LIMIT + 2000, "counted " + counted);
  }

  // ---- pauses

  @Test
  void givenRecipientThatPauses_whenItResumes_thenTheRestComesAndNothingTwice() throws Exception {
    sender.blocks.closeAfter(HALF);
    MachineId id = pull();
    sender.blocks.awaitWaiting();
    assertTrue(recipient.manager.pause(id));
    MachineId there = sender.only();
    TransferEndpoint.awaited(() -> sender.channel(there).initiatorPaused());
    sender.blocks.open();

    assertTrue(recipient.manager.resume(id));

    assertComplete(id);
    assertFalse(recipient.channel(id).initiatorPaused());
    assertEquals(dag.bytes(), recipient.channel(id).received().bytes());
  }

  @Test
  void givenPausedRecipient_whenItsProcessDies_thenThePauseHoldsUntilItIsResumed()
      throws Exception {
    sender.blocks.closeAfter(HALF);
    MachineId id = pull();
    sender.blocks.awaitWaiting();
    recipient.manager.pause(id);
    recipient.die();
    network.cut(sender.host, recipient.host);
    sender.blocks.open();

    recipient.comeBack();
    assertTrue(recipient.manager.restart(id), "a restart is no resumption");

    assertEquals(1, recipient.count(id, "OPENED"));
    assertTrue(recipient.manager.resume(id));
    assertComplete(id);
  }

  @Test
  void givenSenderThatPauses_whenItResumes_thenTheRestComes() throws Exception {
    sender.blocks.closeAfter(HALF);
    MachineId id = pull();
    sender.blocks.awaitWaiting();
    MachineId there = sender.only();
    assertTrue(sender.manager.pause(there));
    sender.blocks.open();
    TransferEndpoint.awaited(() -> recipient.channel(id).responderPaused());

    assertTrue(sender.manager.resume(there));

    assertComplete(id);
    assertFalse(recipient.channel(id).responderPaused());
  }

  // ---- given up

  @Test
  void givenRecipientThatCancels_thenBothAreCancelled() throws Exception {
    sender.blocks.closeAfter(HALF);
    MachineId id = pull();
    sender.blocks.awaitWaiting();

    assertTrue(recipient.manager.cancel(id));

    assertEquals(TransferStatus.CANCELLED, recipient.end(id).status());
    assertEquals(TransferStatus.CANCELLED, sender.end(sender.only()).status());
    assertFalse(recipient.manager.cancel(id), "it has ended");
  }

  @Test
  void givenSenderThatCancels_thenBothAreCancelled() throws Exception {
    sender.blocks.closeAfter(HALF);
    MachineId id = pull();
    sender.blocks.awaitWaiting();

    assertTrue(sender.manager.cancel(sender.only()));

    assertEquals(TransferStatus.CANCELLED, recipient.end(id).status());
    assertEquals(TransferStatus.CANCELLED, sender.end(sender.only()).status());
  }

  // ---- cuts and deaths

  @Test
  void givenCutInTheMiddle_thenGoesOnByItselfAndNothingComesTwice() throws Exception {
    sender.blocks.closeAfter(HALF);
    MachineId id = pull();
    sender.blocks.awaitWaiting();
    network.cut(sender.host, recipient.host);
    sender.blocks.open();

    assertComplete(id);
    assertEquals(dag.bytes(), recipient.channel(id).received().bytes());
    assertTrue(recipient.count(id, "RESTART") > 0);
  }

  @Test
  void givenResponderThatAsksForARestart_thenTheInitiatorBeginsAgain() throws Exception {
    sender.blocks.closeAfter(HALF);
    MachineId id = pull();
    sender.blocks.awaitWaiting();
    MachineId there = sender.only();

    assertTrue(sender.manager.restart(there));

    TransferEndpoint.awaited(() -> sender.count(there, "RESTART") > 0);
    sender.blocks.open();
    assertComplete(id);
  }

  @Test
  void givenRecipientThatDies_whenItComesBack_thenGoesOnByItself() throws Exception {
    sender.blocks.closeAfter(HALF);
    MachineId id = pull();
    sender.blocks.awaitWaiting();
    recipient.die();
    network.cut(sender.host, recipient.host);
    sender.blocks.open();

    recipient.comeBack();

    assertComplete(id);
    assertEquals(dag.bytes(), recipient.channel(id).received().bytes());
  }

  @Test
  void givenSenderThatDies_whenItComesBack_thenGoesOn() throws Exception {
    sender.blocks.closeAfter(HALF);
    MachineId id = pull();
    sender.blocks.awaitWaiting();
    sender.die();
    network.cut(sender.host, recipient.host);
    sender.blocks.open();

    sender.comeBack();

    assertComplete(id);
    assertEquals(dag.bytes(), recipient.channel(id).received().bytes());
  }

  @Test
  void givenRecipientThatDiesBeforeItHearsTheEnd_thenItIsToldOnceMore() throws Exception {
    MachineId id = pull();
    assertComplete(id);
    recipient.die();
    network.cut(sender.host, recipient.host);
    // As if that process had recorded nothing of its end.
    recipient.journal = recipient.journal.upTo(id, "ONGOING");

    recipient.comeBack();

    assertEquals(TransferStatus.COMPLETED, recipient.end(id).status());
  }

  @Test
  void givenSenderThatForgotTheChannel_thenTheRestartIsTakenAsNew() throws Exception {
    sender.blocks.closeAfter(HALF);
    MachineId id = pull();
    sender.blocks.awaitWaiting();
    sender.die();
    sender.journal = new MemoryJournal();
    network.cut(sender.host, recipient.host);
    sender.blocks.open();

    sender.comeBack();

    assertComplete(id);
  }
}
