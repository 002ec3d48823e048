package io.sluice.node.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.fsm.MachineId;
import io.sluice.fsm.MemoryJournal;
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
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Pushes between two managers, through pauses, cuts and deaths of either end. */
@Timeout(60)
class TransferManagerTest {
  private static final int HALF = 20;

  private final TestDag dag = TestDag.of(1, 4, 10, 1000);
  private final MemoryNetwork network = new MemoryNetwork();
  private final TransferEndpoint sender;
  private final TransferEndpoint recipient;

  TransferManagerTest() throws IOException {
    sender = new TransferEndpoint(network, 1, dag.store());
    recipient = new TransferEndpoint(network, 2, new MemoryBlockStore());
  }

  @AfterEach
  void close() {
    sender.close();
    recipient.close();
  }

  private MachineId push() throws IOException {
    return push(PushVouchers.push(dag.bytes()));
  }

  private MachineId push(TypedVoucher voucher) throws IOException {
    return sender.manager.push(recipient.host.id(), List.of(), dag.root(), TestDag.ALL, voucher);
  }

  /** All of it is there, kept once it was, and both ends know. */
  private void assertComplete(MachineId id) throws Exception {
    TransferManager.TransferEnd here = sender.end(id);
    assertEquals(TransferStatus.COMPLETED, here.status(), here.message());
    TransferManager.TransferEnd there = recipient.end(recipient.only());
    assertEquals(TransferStatus.COMPLETED, there.status(), there.message());
    for (Cid leaf : dag.leaves()) {
      assertTrue(recipient.blocks.has(leaf));
    }
    assertTrue(recipient.kept.contains(dag.root()));
  }

  // ---- as it should be

  @Test
  void givenPush_thenBothEndsGoThroughTheStatusesThatGoRecorded() throws Exception {
    MachineId id = push();

    assertComplete(id);
    List<String> statuses = sender.statuses(id);
    assertEquals(
        List.of("REQUESTED", "QUEUED", "ONGOING"), statuses.subList(0, 3), statuses::toString);
    // Its word that it is complete may overtake the end of our own response.
    assertTrue(List.of("TRANSFER_FINISHED", "RESPONDER_COMPLETED").contains(statuses.get(3)));
    assertEquals(List.of("COMPLETING", "COMPLETED"), statuses.subList(4, statuses.size()));
    MachineId there = recipient.only();
    assertEquals(
        List.of("REQUESTED", "QUEUED", "ONGOING", "COMPLETING", "COMPLETED"),
        recipient.statuses(there));
    assertEquals(dag.bytes(), sender.channel(id).sent().bytes());
    assertEquals(dag.bytes(), sender.channel(id).queued().bytes());
    assertEquals(dag.bytes(), recipient.channel(there).received().bytes());
  }

  @Test
  void givenTheSameOnceMore_whenItIsUnderWay_thenTheSameTransfer() throws Exception {
    sender.blocks.closeAfter(HALF);
    MachineId id = push();
    sender.blocks.awaitWaiting();

    MachineId again = push();

    assertEquals(id, again);
    sender.blocks.open();
    assertComplete(id);
  }

  @Test
  void givenAllOfItThere_thenNothingIsSent() throws Exception {
    MachineId first = push();
    sender.end(first);

    MachineId second = push();

    assertEquals(TransferStatus.COMPLETED, sender.end(second).status());
    assertEquals(0, sender.channel(second).sent().bytes());
  }

  // ---- refused

  @Test
  void givenPeerThatMayNot_thenRefusedAndNothingIsRecordedThere() throws Exception {
    recipient.rule = Optional.empty();

    MachineId id = push();

    TransferManager.TransferEnd end = sender.end(id);
    assertEquals(TransferStatus.FAILED, end.status());
    assertTrue(end.message().startsWith("REFUSED: "), end.message());
    assertTrue(end.message().contains("does not take pushes"), end.message());
    assertTrue(recipient.journal.entries().isEmpty());
  }

  @Test
  void givenMoreThanAllowed_whenItIsSaid_thenRefusedAtOnce() throws Exception {
    recipient.rule = Optional.of(new Receiving.ReceiveRule(OptionalLong.of(dag.bytes() - 1)));

    MachineId id = push();

    assertEquals(TransferStatus.FAILED, sender.end(id).status());
    assertTrue(recipient.journal.entries().isEmpty());
  }

  @Test
  void givenMoreThanAllowed_whenItIsNotSaid_thenEndedOnTheWay() throws Exception {
    recipient.rule = Optional.of(new Receiving.ReceiveRule(OptionalLong.of(10_000)));

    MachineId id = push(PushVouchers.push(1));

    assertTrue(sender.end(id).message().contains("more than"), sender.end(id).message());
    MachineId there = recipient.only();
    TransferManager.TransferEnd end = recipient.end(there);
    assertEquals(TransferStatus.FAILED, end.status());
    assertTrue(end.message().startsWith("STORAGE_FULL: "), end.message());
    assertTrue(recipient.kept.isEmpty());
  }

  @Test
  void givenExactlyWhatIsAllowed_thenTaken() throws Exception {
    recipient.rule = Optional.of(new Receiving.ReceiveRule(OptionalLong.of(dag.bytes())));

    assertComplete(push());
  }

  @Test
  void givenNoRoom_thenRefusedWithTheReason() throws Exception {
    recipient.room = dag.bytes() - 1;

    assertTrue(sender.end(push()).message().contains("no room"));
    assertTrue(recipient.journal.entries().isEmpty());
  }

  @Test
  void givenLessRoomThanComes_whenThatIsNotSaid_thenEndedOnTheWay() throws Exception {
    recipient.room = 10_000;

    MachineId id = push(PushVouchers.push(1));

    assertTrue(sender.end(id).message().contains("no room"), sender.end(id).message());
    TransferManager.TransferEnd end = recipient.end(recipient.only());
    assertTrue(end.message().startsWith("STORAGE_FULL: "), end.message());
    assertTrue(recipient.kept.isEmpty());
  }

  @Test
  void givenTooManyOfOnePeer_thenTheNextIsRefused() throws Exception {
    sender.blocks.closeAfter(0);
    TestDag other = TestDag.of(2, 1, 1, 10);
    TestDag third = TestDag.of(3, 1, 1, 10);
    dag.store().put(other.store().get(other.root()).orElseThrow());
    dag.store().put(third.store().get(third.root()).orElseThrow());
    MachineId first = push();
    TransferEndpoint.awaited(() -> !recipient.journal.entries().isEmpty());
    sender.manager.push(
        recipient.host.id(), List.of(), other.root(), TestDag.ALL, PushVouchers.push(1));
    TransferEndpoint.awaited(
        () ->
            recipient.journal.entries().stream().map(entry -> entry.machine()).distinct().count()
                == 2);

    MachineId refused =
        sender.manager.push(
            recipient.host.id(), List.of(), third.root(), TestDag.ALL, PushVouchers.push(1));

    String why = sender.end(refused).message();
    assertTrue(why.contains("too many"), why);
    sender.blocks.open();
    sender.end(first);
  }

  @Test
  void givenVouchersOfOthers_thenTakenAsWell() throws Exception {
    assertComplete(push(new TypedVoucher("Theirs/7", Node.of("anything"))));
  }

  // ---- what is not there

  @Test
  void givenBlockThatTheSenderLacks_thenBothEndsFail() throws Exception {
    MemoryBlockStore holey = new MemoryBlockStore();
    try (TransferEndpoint lacking = new TransferEndpoint(network, 3, holey)) {
      holey.put(dag.store().get(dag.root()).orElseThrow());

      MachineId id =
          lacking.manager.push(
              recipient.host.id(), List.of(), dag.root(), TestDag.ALL, PushVouchers.push(1));

      assertEquals(TransferStatus.FAILED, lacking.end(id).status());
      TransferManager.TransferEnd there = recipient.end(recipient.only());
      assertEquals(TransferStatus.FAILED, there.status());
      assertTrue(there.message().startsWith("PARTIAL: "), there.message());
      assertTrue(recipient.kept.isEmpty());
    }
  }

  @Test
  void givenDiskThatFillsUp_thenBothEndsFail() throws Exception {
    recipient.blocks.fill();

    MachineId id = push();

    assertTrue(sender.end(id).message().contains("cannot be kept"), sender.end(id).message());
    assertEquals(TransferStatus.FAILED, recipient.end(recipient.only()).status());
    assertTrue(recipient.kept.isEmpty());
  }

  // ---- pauses

  @Test
  void givenSenderThatPauses_whenItResumes_thenTheRestComes() throws Exception {
    sender.blocks.closeAfter(HALF);
    MachineId id = push();
    sender.blocks.awaitWaiting();
    assertTrue(sender.manager.pause(id));
    MachineId there = recipient.only();
    TransferEndpoint.awaited(() -> recipient.channel(there).initiatorPaused());
    assertTrue(sender.channel(id).initiatorPaused());
    sender.blocks.open();

    assertTrue(sender.manager.resume(id));

    assertComplete(id);
    assertFalse(sender.channel(id).initiatorPaused());
    assertFalse(recipient.channel(there).initiatorPaused());
  }

  @Test
  void givenRecipientThatPauses_whenItResumes_thenTheRestComesAndNothingTwice() throws Exception {
    sender.blocks.closeAfter(HALF);
    MachineId id = push();
    sender.blocks.awaitWaiting();
    MachineId there = recipient.only();
    assertTrue(recipient.manager.pause(there));
    TransferEndpoint.awaited(() -> sender.channel(id).responderPaused());
    sender.blocks.open();

    assertTrue(recipient.manager.resume(there));

    assertComplete(id);
    assertFalse(sender.channel(id).responderPaused());
    assertEquals(dag.bytes(), recipient.channel(there).received().bytes());
  }

  @Test
  void givenPausedRecipient_whenItsProcessDies_thenThePauseHoldsUntilItIsResumed()
      throws Exception {
    sender.blocks.closeAfter(HALF);
    MachineId id = push();
    sender.blocks.awaitWaiting();
    MachineId there = recipient.only();
    recipient.manager.pause(there);
    recipient.die();
    network.cut(sender.host, recipient.host);
    sender.blocks.open();

    recipient.comeBack();
    TransferEndpoint.awaited(() -> recipient.count(there, "RESTART") > 0);

    assertTrue(recipient.channel(there).responderPaused());
    assertTrue(recipient.manager.resume(there));
    assertComplete(id);
  }

  // ---- given up

  @Test
  void givenSenderThatCancels_thenBothAreCancelled() throws Exception {
    sender.blocks.closeAfter(HALF);
    MachineId id = push();
    sender.blocks.awaitWaiting();

    assertTrue(sender.manager.cancel(id));

    assertEquals(TransferStatus.CANCELLED, sender.end(id).status());
    assertEquals(TransferStatus.CANCELLED, recipient.end(recipient.only()).status());
    assertFalse(sender.manager.cancel(id), "it has ended");
    assertFalse(sender.manager.pause(id), "it has ended");
  }

  @Test
  void givenRecipientThatCancels_thenBothAreCancelled() throws Exception {
    sender.blocks.closeAfter(HALF);
    MachineId id = push();
    sender.blocks.awaitWaiting();

    assertTrue(recipient.manager.cancel(recipient.only()));

    assertEquals(TransferStatus.CANCELLED, sender.end(id).status());
    assertEquals(TransferStatus.CANCELLED, recipient.end(recipient.only()).status());
  }

  // ---- cuts and deaths

  @Test
  void givenCutInTheMiddle_thenGoesOnByItselfAndNothingComesTwice() throws Exception {
    sender.blocks.closeAfter(HALF);
    MachineId id = push();
    sender.blocks.awaitWaiting();
    network.cut(sender.host, recipient.host);
    sender.blocks.open();

    assertComplete(id);
    MachineId there = recipient.only();
    assertEquals(dag.bytes(), recipient.channel(there).received().bytes());
    assertTrue(recipient.count(there, "RECEIVE_DATA_ERROR") > 0);
    assertTrue(sender.count(id, "RESTART") > 0);
  }

  @Test
  void givenRecipientThatDies_whenItComesBack_thenGoesOn() throws Exception {
    sender.blocks.closeAfter(HALF);
    MachineId id = push();
    sender.blocks.awaitWaiting();
    recipient.die();
    network.cut(sender.host, recipient.host);
    sender.blocks.open();

    recipient.comeBack();

    assertComplete(id);
  }

  @Test
  void givenRecipientThatDiesBeforeItRecordsWhatCame_thenAllOfItIsCounted() throws Exception {
    recipient.limits = TransferEndpoint.seldom();
    recipient.die();
    recipient.comeBack();
    recipient.blocks.put(
        dag.store().get(dag.root()).orElseThrow()); // it had that, which never counts
    sender.blocks.closeAfter(HALF);
    MachineId id = push();
    sender.blocks.awaitWaiting();
    assertEquals(0, recipient.channel(recipient.only()).received().bytes());
    recipient.die();
    network.cut(sender.host, recipient.host);
    sender.blocks.open();

    recipient.comeBack();

    assertComplete(id);
    long root = dag.store().get(dag.root()).orElseThrow().data().remaining();
    assertEquals(dag.bytes() - root, recipient.channel(recipient.only()).received().bytes());
  }

  @Test
  void givenLimitThatTheLastBlockReaches_thenItWaitsForAVoucherAllTheSame() throws Exception {
    TypedVoucher ticket = new TypedVoucher("Ticket/1", Node.of("please"));
    recipient.validate("Ticket/1", opening -> Verdict.accept().upTo(dag.bytes()));
    MachineId id = push(ticket);
    TransferEndpoint.awaited(() -> sender.channel(id).responderPaused());
    MachineId there = recipient.only();
    TransferEndpoint.awaited(() -> recipient.channel(there).responderPaused());
    assertEquals(dag.bytes(), recipient.channel(there).received().bytes());
    assertEquals("ONGOING", recipient.statuses(there).getLast());

    recipient.manager.judge(there, Verdict.accept());

    assertEquals(TransferStatus.COMPLETED, sender.end(id).status());
    assertEquals(TransferStatus.COMPLETED, recipient.end(there).status());
  }

  @Test
  void givenRecipientThatDiesBeforeItHasAnswered_thenAskedAgainAtOnce() throws Exception {
    CompletableFuture<Void> asked = new CompletableFuture<>();
    CompletableFuture<Void> dead = new CompletableFuture<>();
    recipient.beforeDeciding =
        () -> {
          asked.complete(null);
          dead.join(); // for ever
        };
    MachineId id = push();
    asked.get();
    recipient.die();
    recipient.beforeDeciding = () -> {};
    network.cut(sender.host, recipient.host);

    recipient.comeBack();

    assertComplete(id);
  }

  @Test
  void givenSenderThatDies_whenItComesBack_thenGoesOnByItself() throws Exception {
    sender.blocks.closeAfter(HALF);
    MachineId id = push();
    sender.blocks.awaitWaiting();
    sender.die();
    network.cut(sender.host, recipient.host);
    sender.blocks.open();

    sender.comeBack();

    assertComplete(id);
    assertEquals(dag.bytes(), recipient.channel(recipient.only()).received().bytes());
  }

  @Test
  void givenSenderThatDiesBeforeItHearsTheEnd_thenItIsToldOnceMore() throws Exception {
    sender.blocks.closeAfter(HALF);
    MachineId id = push();
    sender.blocks.awaitWaiting();
    MachineId there = recipient.only();
    for (Cid leaf : dag.leaves()) { // the rest comes another way
      recipient.blocks.put(dag.store().get(leaf).orElseThrow());
    }
    for (Cid group : dag.groups()) {
      recipient.blocks.put(dag.store().get(group).orElseThrow());
    }
    sender.die();
    network.cut(sender.host, recipient.host);
    sender.blocks.open();
    sender.comeBack();
    recipient.end(there);
    sender.end(id);
    sender.die();
    // As if that process had recorded nothing of its end.
    sender.journal = sender.journal.upTo(id, "ONGOING");
    sender.comeBack();

    assertEquals(TransferStatus.COMPLETED, sender.end(id).status());
    assertEquals(1, recipient.kept.size());
  }

  @Test
  void givenRecipientThatForgotTheChannel_thenTheRestartIsTakenAsNew() throws Exception {
    sender.blocks.closeAfter(HALF);
    MachineId id = push();
    sender.blocks.awaitWaiting();
    recipient.die();
    recipient.journal = new MemoryJournal();
    network.cut(sender.host, recipient.host);
    sender.blocks.open();

    recipient.comeBack();

    assertComplete(id);
  }

  @Test
  @Tag("long") // each message is tried for seconds
  void givenNobodyThere_thenGivenUpAfterAFewTries() throws Exception {
    network.reachable(recipient.host, false);

    TransferManager.TransferEnd end = sender.end(push());

    assertEquals(TransferStatus.FAILED, end.status());
    assertTrue(end.message().startsWith("UNREACHABLE: "), end.message());
  }
}
