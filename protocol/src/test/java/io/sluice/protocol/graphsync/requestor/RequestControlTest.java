package io.sluice.protocol.graphsync.requestor;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.graphsync.requestor.RequestControl.Stopper;
import io.sluice.protocol.graphsync.wire.GraphsyncMessage;
import io.sluice.protocol.graphsync.wire.GsResponse;
import io.sluice.protocol.graphsync.wire.LinkAction;
import io.sluice.protocol.graphsync.wire.LinkMeta;
import io.sluice.protocol.graphsync.wire.RequestId;
import io.sluice.protocol.graphsync.wire.ResponseStatus;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RequestControlTest {
  private static final Cid ROOT = Cid.sha2_256(0x55, ByteBuffer.wrap(new byte[] {1}));
  private static final Map<String, Node> FIRST = Map.of("first", Node.of(1));
  private static final Map<String, Node> LATER = Map.of("later", Node.of(2));

  private final ResponseInbox inbox = new ResponseInbox(ROOT, 1 << 20);
  private final RequestControl control = new RequestControl(inbox, FIRST);
  private final AtomicInteger told = new AtomicInteger();

  private void says(ResponseStatus status, Cid... links) {
    List<LinkMeta> metadata =
        java.util.Arrays.stream(links).map(it -> new LinkMeta(it, LinkAction.PRESENT)).toList();
    GsResponse response = new GsResponse(new RequestId(0, 1), status, metadata, Map.of());
    inbox.put(
        response,
        Arrival.of(new GraphsyncMessage(List.of(), List.of(response), List.of()), Runnable::run));
  }

  @Test
  void givenNothingWished_thenTheWalkGoesOn() {
    assertDoesNotThrow(control::check);
    assertFalse(control.isEnding());
  }

  @Test
  void givenPause_thenTheWalkStops_andThePeerIsToldOnce() {
    control.pause(told::incrementAndGet);
    control.pause(told::incrementAndGet);

    assertThrows(WalkEnded.class, control::check);
    assertThrows(WalkEnded.class, inbox::take);
    assertEquals(1, told.get());
  }

  @Test
  void givenResponderDone_whenPaused_thenThereIsNothingToTell() {
    says(ResponseStatus.COMPLETED, ROOT);
    control.pause(told::incrementAndGet);

    assertEquals(0, told.get());
    assertThrows(WalkEnded.class, control::check);
  }

  @Test
  void givenPause_whenResumed_thenTheInboxBeginsAnewWithWhatIsCarried() throws Exception {
    says(ResponseStatus.PARTIAL, ROOT);
    control.pause(told::incrementAndGet);
    CompletableFuture<Map<String, Node>> waiting =
        CompletableFuture.supplyAsync(control::awaitResume);
    control.resume(LATER);

    assertEquals(LATER, waiting.get(10, TimeUnit.SECONDS));
    assertDoesNotThrow(control::check);
    says(ResponseStatus.COMPLETED, ROOT);
    assertEquals(ROOT, inbox.take().link());
    assertNull(inbox.take());
  }

  @Test
  void givenResumedBeforeTheWalkStopped_thenItGoesOnWithTheFirstExtensionsReplaced() {
    control.pause(told::incrementAndGet);
    control.resume(LATER);

    assertEquals(LATER, control.awaitResume());
  }

  /** What had come was thrown away by the pause, however short it was. */
  @Test
  void givenAllSent_whenResumedBeforeTheWalkStopped_thenItIsAskedForAgain() {
    says(ResponseStatus.COMPLETED, ROOT);
    control.pause(told::incrementAndGet);
    control.resume(LATER);

    assertThrows(WalkEnded.class, inbox::take);
    assertEquals(LATER, control.awaitResume());
    assertThrows(WalkEnded.class, control::awaitResume); // for another end there is no waiting
  }

  @Test
  void givenNoPause_whenTheResponderIsDone_thenThereIsNothingToWaitFor() {
    says(ResponseStatus.FAILED);

    assertThrows(WalkEnded.class, control::awaitResume);
  }

  @Test
  void givenPause_whenEnded_thenTheWalkLeaves() {
    control.pause(told::incrementAndGet);
    CompletableFuture<Map<String, Node>> waiting =
        CompletableFuture.supplyAsync(control::awaitResume);
    assertTrue(control.end(Stopper.US, null));

    Throwable why = assertThrows(Exception.class, () -> waiting.get(10, TimeUnit.SECONDS));
    assertTrue(why.getCause() instanceof WalkEnded);
    assertTrue(control.isCancelled());
  }

  @Test
  void givenCancel_thenTheWalkStops_andALossAfterItDoesNotCount() {
    assertTrue(control.end(Stopper.US, null));
    assertFalse(control.end(Stopper.NETWORK, new IOException("late")));

    assertThrows(WalkEnded.class, control::check);
    assertTrue(control.isCancelled());
    assertFalse(control.isLost());
    assertNull(control.networkError());
  }

  @Test
  void givenLoss_thenWhatArrivedIsStillWalked_untilACancel() {
    says(ResponseStatus.PARTIAL, ROOT, ROOT);
    IOException cause = new IOException("gone");
    assertTrue(control.end(Stopper.NETWORK, cause));

    assertDoesNotThrow(control::check);
    assertSame(cause, control.networkError());
    assertEquals(ROOT, inbox.take().link());
    assertFalse(control.end(Stopper.US, null));
    assertTrue(control.isLost());
    says(ResponseStatus.PARTIAL, ROOT);
    inbox.take();
    assertThrows(WalkEnded.class, inbox::take);
  }

  @Test
  void givenLoss_thenNoPauseAnyMore() {
    assertTrue(control.end(Stopper.NETWORK, new IOException("gone")));
    control.pause(told::incrementAndGet);

    assertEquals(0, told.get());
    assertDoesNotThrow(control::check);
  }
}
