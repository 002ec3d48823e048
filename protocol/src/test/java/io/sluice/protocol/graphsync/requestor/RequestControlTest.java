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
import io.sluice.protocol.multiformats.Cid;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RequestControlTest {
  private static final Cid ROOT = Cid.sha2_256(0x55, ByteBuffer.wrap(new byte[] {1}));

  private final ResponseInbox inbox = new ResponseInbox(1 << 20);
  private final RequestControl control = new RequestControl(inbox);

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
}
