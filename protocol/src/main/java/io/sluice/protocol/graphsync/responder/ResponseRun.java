package io.sluice.protocol.graphsync.responder;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.graphsync.Exclusions;
import io.sluice.protocol.graphsync.IncomingRequest;
import io.sluice.protocol.graphsync.OutgoingResponse;
import io.sluice.protocol.graphsync.RequestDecision;
import io.sluice.protocol.graphsync.ResponseListener;
import io.sluice.protocol.graphsync.ResponsePosition;
import io.sluice.protocol.graphsync.queue.MessageAuthor;
import io.sluice.protocol.graphsync.wire.Extensions;
import io.sluice.protocol.graphsync.wire.GsRequest;
import io.sluice.protocol.graphsync.wire.Malformed;
import io.sluice.protocol.graphsync.wire.RequestId;
import io.sluice.protocol.graphsync.wire.ResponseStatus;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.PeerId;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One response: a decision, a walk, and one last status.
 *
 * <pre>
 *   request ── decide ──▶ refused ─────────────────────────────▶ last status
 *                 └─────▶ served ── ResponseWalk, with pauses ──▶ last status ──▶ written: onFinished
 *                            peer or network, at any time ──────▶ nothing said: onCancelledByPeer, …
 * </pre>
 *
 * <p>The response has a virtual thread of its own, which decides and walks; everybody else only
 * leaves wishes in the {@link ResponseControl}. The listener's last call is made by whoever claims
 * it first: the thread that wrote the last status, the walk that found the peer gone, or, when the
 * walk was over, whoever noticed that the peer is gone.
 *
 * <p>Last status and end of the network may meet. Then it counts whether the message was written:
 * before that the listener hears of the network, after it of the status, and never of both.
 *
 * <p>Nothing of it is guarded by a lock of its own: what several threads decide about is in the
 * control, which decides each thing once. Listeners are called without any lock, so they may call
 * back; how long they take holds up this response alone.
 *
 * <p>Spec: GraphSync 2.0.0, responses.
 */
final class ResponseRun implements OutgoingResponse, MessageAuthor {
  private static final Logger LOG = LoggerFactory.getLogger(ResponseRun.class);

  private final PeerResponses peer;
  private final Responder responder;
  private final GsRequest request;
  private final ResponseControl control;
  private final long lossesBefore;

  // Set by the response's own thread, in this order, before anything comes of them.
  private volatile ResponseListener listener = ResponseListener.NONE;
  private volatile @Nullable ResponseWalk walk;
  private volatile SentLinks.@Nullable Tracker sent;

  ResponseRun(PeerResponses peer, GsRequest request) {
    this.peer = peer;
    this.responder = peer.responder();
    this.request = request;
    this.lossesBefore = peer.queue().losses();
    this.control =
        new ResponseControl((status, extensions) -> peer.queue().say(this, status, extensions));
  }

  /**
   * A thread of its own: a walk waits for memory, turns and payments, and none may hold another.
   */
  void start() {
    Thread.ofVirtual().name("graphsync-response-" + request.id()).start(this::run);
  }

  // ---- the response's own thread

  /** How many losses of connections there had been when it was asked for. */
  long lossesBefore() {
    return lossesBefore;
  }

  private void run() {
    try {
      decideAndServe();
    } catch (ResponseEnded e) {
      conclude();
    } catch (RuntimeException e) {
      // Ours, not the peer's: it is told that this failed, and no more.
      LOG.error("response to request {} of {} failed", request.id(), peer(), e);
      failQuietly();
    }
  }

  private void decideAndServe() {
    // Refused before anybody is asked: the decision itself costs lookups and signatures.
    if (responder.turns().waiting() >= responder.config().waitingWalks()) {
      finish(ResponseStatus.BUSY, Map.of());
      return;
    }
    IncomingRequest incoming;
    RequestDecision decision;
    try {
      incoming = incoming();
      decision = responder.incoming().onNew(incoming);
    } catch (ProtocolException e) {
      LOG.debug("request {} of {} is malformed or refused", request.id(), peer(), e);
      finish(ResponseStatus.FAILED, Map.of());
      return;
    } catch (RuntimeException e) {
      LOG.error("deciding about request {} of {} failed", request.id(), peer(), e);
      finish(ResponseStatus.FAILED, Map.of());
      return;
    }
    switch (decision) {
      case RequestDecision.Decline no -> finish(no.status(), no.extensions());
      case RequestDecision.Serve how -> {
        listener = how.listener();
        List<Map<String, Node>> early = control.accepted(incoming);
        // In order, and before the walk: an update may carry the payment that a gate will ask for.
        early.forEach(update -> responder.incoming().onUpdate(incoming, update));
        serve(incoming, how);
      }
    }
  }

  private IncomingRequest incoming() {
    if (request.root().isEmpty() || request.selector().isEmpty()) {
      throw Malformed.message("new request without root or selector");
    }
    Exclusions asked =
        new Exclusions(
            Extensions.skipFirst(request.extensions()).orElse(0),
            Extensions.doNotSend(request.extensions()));
    Optional<String> unused = Extensions.dedupKey(request.extensions()); // refused if malformed
    return new IncomingRequest(
        peer(),
        request.id(),
        request.root().get(),
        request.selector().get(),
        request.priority(),
        request.extensions(),
        asked,
        this);
  }

  private void serve(IncomingRequest incoming, RequestDecision.Serve how) {
    ResponseWalk mine = new ResponseWalk(peer, incoming.asked(), how, control, this);
    walk = mine;
    if (how.paused()) {
      // A proposal that waits for its money, say. Counted from 0: a resumption that came while we
      // decided has not been answered.
      mine.awaitResume(0, how.extensions(), true);
    } else if (!how.extensions().isEmpty()) {
      peer.queue().say(this, ResponseStatus.PARTIAL, how.extensions());
    }
    // Only now: a response that is paused from the start holds no turn while it waits.
    mine.enter(request.priority());
    SentLinks.Tracker links =
        peer.links()
            .begin(
                Extensions.dedupKey(request.extensions()),
                how.alone(),
                incoming.asked().doNotSend());
    sent = links; // an end from outside releases them at once, without waiting for the walk
    try {
      ResponseStatus status = mine.run(incoming.root(), incoming.selector(), links);
      mine.leave(); // listeners may take their time, and the turn is not theirs
      listener.onWalkEnded(status, position());
      finish(status, Map.of());
    } finally {
      mine.leave();
      releaseLinks();
    }
  }

  /** Says the last word, unless somebody else has ended it meanwhile. */
  private void finish(ResponseStatus status, Map<String, Node> extensions) {
    // From here on an end of ours is too late, and one from outside makes the last call itself.
    if (control.endByWalk()) {
      peer.queue().say(this, status, extensions);
    } else {
      conclude();
    }
  }

  private void failQuietly() {
    try {
      finish(ResponseStatus.FAILED, Map.of());
    } catch (RuntimeException e) {
      LOG.error("ending request {} of {} failed", request.id(), peer(), e);
    }
  }

  /** Ends as was wished. */
  private void conclude() {
    ResponseControl.LastWord last = control.walkLeft();
    // Ended by the peer or the network: whatever we said now would not be heard, and a last status
    // would be for an id that may be in use again.
    if (last == null) {
      lastCall();
    } else {
      listener.onWalkEnded(last.status(), position());
      peer.queue().say(this, last.status(), last.extensions());
    }
  }

  /** Tells the listener, once, that the peer or the network has ended it. */
  private void lastCall() {
    if (!control.claimLastCall()) {
      return;
    }
    // Forgotten first, so that whoever hears of the end may use the id again.
    peer.forget(this);
    peer.queue().drop(this);
    IOException cause = control.networkError();
    if (cause == null) {
      listener.onCancelledByPeer();
    } else {
      listener.onNetworkError(cause);
    }
  }

  // ---- wishes, from any thread

  @Override
  public PeerId peer() {
    return peer.queue().peer();
  }

  @Override
  public RequestId id() {
    return request.id();
  }

  @Override
  public void resume(Map<String, Node> extensions) {
    control.resume(extensions);
  }

  @Override
  public void pause(Map<String, Node> extensions) {
    control.pause(extensions);
  }

  @Override
  public void send(Map<String, Node> extensions) {
    control.send(extensions);
  }

  @Override
  public void cancel() {
    endByUs(ResponseStatus.CANCELLED, Map.of());
  }

  @Override
  public boolean fail(ResponseStatus status, Map<String, Node> extensions) {
    // Success is the walk's to say: anybody else would say it of data that was not sent.
    if (!status.terminal() || status.success()) {
      throw new IllegalArgumentException("failed with " + status);
    }
    return endByUs(status, extensions);
  }

  private boolean endByUs(ResponseStatus status, Map<String, Node> extensions) {
    boolean ended = control.endByUs(status, extensions);
    if (ended) {
      wakeWalk();
    }
    return ended;
  }

  @Override
  public ResponsePosition position() {
    ResponseWalk mine = walk;
    return mine == null ? ResponsePosition.START : mine.position();
  }

  @Override
  public boolean isPaused() {
    return control.isPaused();
  }

  /** The peer does not want it any more. */
  void cancelledByPeer() {
    endFromOutside(ResponseControl.EndedBy.PEER, null);
  }

  /** The peer cannot be reached. */
  void networkError(IOException cause) {
    endFromOutside(ResponseControl.EndedBy.NETWORK, cause);
  }

  private void endFromOutside(ResponseControl.EndedBy by, @Nullable IOException cause) {
    ResponseControl.LastCall call = control.endFromOutside(by, cause);
    if (call == ResponseControl.LastCall.DONE) {
      return;
    }
    // At once, whatever the walk is busy with: the peer may ask again under the same id.
    peer.forget(this);
    peer.queue().drop(this);
    releaseLinks();
    if (call == ResponseControl.LastCall.BY_WALK) {
      wakeWalk();
    } else {
      lastCall();
    }
  }

  /**
   * What was queued and is dropped now must not count as sent: the same peer may ask again at once.
   */
  private void releaseLinks() {
    SentLinks.Tracker links = sent;
    sent = null; // it is large, and this may be remembered for long
    if (links != null) {
      links.release();
    }
  }

  /**
   * It may wait for memory or for its turn; for a resumption it waits in the control, which knows.
   */
  private void wakeWalk() {
    responder.memory().wake();
    responder.turns().wake();
  }

  /** The peer sends extensions for it. */
  void update(Map<String, Node> extensions) {
    IncomingRequest to = control.updated(extensions);
    if (to != null) {
      responder.incoming().onUpdate(to, extensions);
    }
  }

  // ---- the writing thread

  @Override
  public boolean isDead() {
    return control.isDead();
  }

  @Override
  public void written(ResponseStatus status, int blocks, long bytes) {
    // Counted when written, not when queued: what is dropped with a lost peer was never sent.
    if (blocks > 0) {
      listener.onSent(blocks, bytes);
    }
    // Only what has been written is finished: until then the network may still have the last word.
    if (status.terminal() && control.claimLastCall()) {
      peer.forget(this);
      listener.onFinished(status);
    }
  }

  /** All attempts failed, so nothing that would follow can arrive either. */
  @Override
  public void notWritten(IOException cause) {
    networkError(cause);
  }
}
