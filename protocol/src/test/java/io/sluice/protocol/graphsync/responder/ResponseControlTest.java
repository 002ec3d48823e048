package io.sluice.protocol.graphsync.responder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.graphsync.Exclusions;
import io.sluice.protocol.graphsync.IncomingRequest;
import io.sluice.protocol.graphsync.responder.ResponseControl.EndedBy;
import io.sluice.protocol.graphsync.responder.ResponseControl.LastCall;
import io.sluice.protocol.graphsync.responder.ResponseControl.LastWord;
import io.sluice.protocol.graphsync.wire.RequestId;
import io.sluice.protocol.graphsync.wire.ResponseStatus;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.ipld.Selectors;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Multihash;
import io.sluice.protocol.multiformats.PeerId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.mockito.Mockito;

class ResponseControlTest {
  private static final Map<String, Node> DEMAND = Map.of("pay", Node.of(1));
  private static final Map<String, Node> PAID = Map.of("paid", Node.of(1));

  private final List<String> said = Collections.synchronizedList(new ArrayList<>());
  private final ResponseControl control =
      new ResponseControl((status, extensions) -> said.add(status + " " + extensions.keySet()));
  private final AtomicInteger rests = new AtomicInteger();

  private CompletableFuture<Boolean> waiting(long before, boolean first) {
    CompletableFuture<Void> resting = new CompletableFuture<>();
    CompletableFuture<Boolean> waiting =
        CompletableFuture.supplyAsync(
            () ->
                control.awaitResume(
                    before,
                    DEMAND,
                    first,
                    () -> {
                      rests.incrementAndGet();
                      resting.complete(null);
                    }));
    resting.orTimeout(10, TimeUnit.SECONDS).join();
    return waiting;
  }

  // ---- pausing

  @Test
  void givenPaused_whenResumed_thenBothAreSaidInOrder_andTheWalkGoesOn() throws Exception {
    CompletableFuture<Boolean> waiting = waiting(control.resumptions(), false);
    assertTrue(control.isPaused());

    control.resume(PAID);

    assertTrue(waiting.get(10, TimeUnit.SECONDS));
    assertFalse(control.isPaused());
    assertEquals(List.of("PAUSED [pay]", "PARTIAL [paid]"), said);
    assertEquals(1, rests.get());
  }

  @Test
  void givenResumptionWhileItWasDecided_thenNoPause_andNotAWord() {
    long before = control.resumptions();
    control.resume(Map.of());

    assertTrue(control.awaitResume(before, DEMAND, false, rests::incrementAndGet));

    assertEquals(List.of(), said);
    assertEquals(0, rests.get());
  }

  @Test
  void givenResumptionBeforeTheAnswer_thenTheAnswerIsSaidAndNobodyWaits() {
    control.resume(Map.of());

    assertTrue(control.awaitResume(0, DEMAND, true, rests::incrementAndGet));

    assertEquals(List.of("PAUSED [pay]"), said);
    assertEquals(0, rests.get());
    assertFalse(control.isPaused());
  }

  @Test
  void givenEnd_whenItShouldPause_thenItLeavesWithoutAWord() {
    assertTrue(control.endByUs(ResponseStatus.CANCELLED, Map.of()));

    assertFalse(control.awaitResume(0, DEMAND, false, rests::incrementAndGet));

    assertEquals(List.of(), said);
    assertEquals(0, rests.get());
  }

  @Test
  void givenPaused_whenThePeerCancels_thenTheWalkLeaves() throws Exception {
    CompletableFuture<Boolean> waiting = waiting(0, false);

    assertEquals(LastCall.BY_WALK, control.endFromOutside(EndedBy.PEER, null));

    assertFalse(waiting.get(10, TimeUnit.SECONDS));
  }

  @Test
  void givenPauseWish_whenResumed_thenTakenBack() {
    control.pause(DEMAND);
    assertEquals(DEMAND, control.pauseWish());

    control.resume(Map.of());

    assertNull(control.pauseWish());
    assertEquals(1, control.resumptions());
  }

  @Test
  void givenPaused_whenPauseIsWishedAgain_thenNotForLater() throws Exception {
    CompletableFuture<Boolean> waiting = waiting(0, false);
    control.pause(PAID);

    control.resume(Map.of());

    assertTrue(waiting.get(10, TimeUnit.SECONDS));
    assertNull(control.pauseWish());
  }

  @Test
  void givenExtensions_thenTheyGoOutWithTheStatusOfTheMoment() throws Exception {
    control.send(PAID);
    CompletableFuture<Boolean> waiting = waiting(0, false);
    control.send(PAID);
    control.resume(Map.of());
    assertTrue(waiting.get(10, TimeUnit.SECONDS));
    control.send(PAID);

    assertEquals(
        List.of("PARTIAL [paid]", "PAUSED [pay]", "PAUSED [paid]", "PARTIAL [paid]"), said);
  }

  @Test
  void givenWalkDone_thenNothingIsSaidAnyMore() {
    assertTrue(control.endByWalk());

    control.send(PAID);
    control.resume(PAID);

    assertEquals(List.of(), said);
    assertEquals(0, control.resumptions());
  }

  // ---- updates

  @Test
  void givenUpdatesWhileItIsDecided_thenKeptInOrder_sixteenOfThem() {
    for (int i = 0; i < 20; i++) {
      assertNull(control.updated(Map.of("n", Node.of(i))));
    }
    IncomingRequest request = request();

    List<Map<String, Node>> early = control.accepted(request);

    assertEquals(16, early.size());
    assertEquals(Node.of(0), early.getFirst().get("n"));
    assertEquals(Node.of(15), early.getLast().get("n"));
    assertSame(request, control.updated(Map.of()));
    assertEquals(List.of(), control.accepted(request));
  }

  private static IncomingRequest request() {
    Cid root = Cid.sha2_256(0x55, ByteBuffer.allocate(1));
    PeerId peer = PeerId.of(Multihash.hash(Multihash.SHA2_256, ByteBuffer.allocate(1)).bytes());
    return new IncomingRequest(
        peer,
        new RequestId(1, 2),
        root,
        Selectors.exploreAll().node(),
        0,
        Map.of(),
        Exclusions.NONE,
        Mockito.mock(io.sluice.protocol.graphsync.OutgoingResponse.class));
  }

  // ---- the end

  @Test
  void givenWalkAtItsEnd_thenTheEndIsTheWalks_andOursComesTooLate() {
    assertTrue(control.endByWalk());

    assertFalse(control.endByUs(ResponseStatus.CANCELLED, Map.of()));
    assertFalse(control.isEnding());
  }

  @Test
  void givenOurEnd_thenTheFirstCounts_andTheWalkSaysIt() {
    assertTrue(control.endByUs(ResponseStatus.FAILED, PAID));
    assertFalse(control.endByUs(ResponseStatus.CANCELLED, Map.of()));

    assertTrue(control.isEnding());
    assertFalse(control.isDead());
    assertFalse(control.endByWalk());
    assertEquals(new LastWord(ResponseStatus.FAILED, PAID), control.walkLeft());
  }

  @Test
  void givenOurEnd_whenThePeerCancels_thenNobodyHearsIt() {
    assertTrue(control.endByUs(ResponseStatus.FAILED, PAID));

    assertEquals(LastCall.BY_WALK, control.endFromOutside(EndedBy.PEER, null));

    assertTrue(control.isDead());
    assertNull(control.walkLeft());
  }

  @Test
  void givenWalkLeft_whenTheNetworkBreaks_thenTheCallerTellsIt() {
    assertTrue(control.endByUs(ResponseStatus.FAILED, PAID));
    assertEquals(ResponseStatus.FAILED, control.walkLeft().status());
    IOException cause = new IOException("gone");

    assertEquals(LastCall.BY_CALLER, control.endFromOutside(EndedBy.NETWORK, cause));
    assertSame(cause, control.networkError());
    assertEquals(LastCall.DONE, control.endFromOutside(EndedBy.PEER, null));
    assertSame(cause, control.networkError());
  }

  @Test
  void givenLastCallMade_thenNobodyElseMakesIt() {
    assertTrue(control.endByWalk());
    assertTrue(control.claimLastCall());

    assertFalse(control.claimLastCall());
    assertEquals(LastCall.DONE, control.endFromOutside(EndedBy.NETWORK, new IOException("late")));
    assertNull(control.networkError());
    assertFalse(control.isDead());
  }
}
