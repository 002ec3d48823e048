package io.sluice.protocol.graphsync.requestor;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.graphsync.Exclusions;
import io.sluice.protocol.graphsync.OutgoingRequest;
import io.sluice.protocol.graphsync.RequestListener;
import io.sluice.protocol.graphsync.RequestOutcome;
import io.sluice.protocol.graphsync.RequestResult;
import io.sluice.protocol.graphsync.RequestSpec;
import io.sluice.protocol.graphsync.queue.MessageAuthor;
import io.sluice.protocol.graphsync.queue.MessageQueue;
import io.sluice.protocol.graphsync.wire.Extensions;
import io.sluice.protocol.graphsync.wire.GsRequest;
import io.sluice.protocol.graphsync.wire.GsResponse;
import io.sluice.protocol.graphsync.wire.RequestId;
import io.sluice.protocol.graphsync.wire.ResponseStatus;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.ipld.Selector;
import io.sluice.protocol.multiformats.PeerId;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request of ours: asks, walks with what comes, and asks again after a pause.
 *
 * <p>Three threads meet here, each with a place of its own. The request's thread runs the {@link
 * RequestWalk}; the thread that reads from the peer fills the {@link ResponseInbox}; and whoever
 * holds the handle leaves wishes in the {@link RequestControl}. So this class itself has nothing to
 * guard.
 *
 * <p>There are four ways out of the walk, told apart by what was thrown. It ends by itself, and
 * then the responder's last status is waited for. It leaves by {@code WalkEnded}, since somebody
 * wished it or nothing more can come. The responder broke a rule, which is a {@code
 * VerificationFailure}. Or something failed here. In each case the listener hears one result, and
 * the responder is told unless it had ended, too, or cannot be reached.
 *
 * <p>A walk that stopped, for a pause, is not continued but walked again from the root, with the
 * blocks that are here by then; so nothing has to be remembered of the way. The request that goes
 * out then has the same id and leaves out what was walked. Spec: GraphSync 2.0.0, requests.
 */
final class RequestRun implements OutgoingRequest, MessageAuthor {
  private static final Logger LOG = LoggerFactory.getLogger(RequestRun.class);

  private final Requestor requestor;
  private final MessageQueue queue;
  private final RequestId id;
  private final RequestSpec spec;
  private final BlockStore store;
  private final RequestListener listener;
  private final Runnable forget;
  private final ResponseInbox inbox;
  private final RequestControl control;
  private final RequestWalk walk;
  private final CompletableFuture<RequestResult> result = new CompletableFuture<>();

  // By the writing thread. A loss of the connection before that concerns nobody: it is dialled
  // anew.
  private volatile boolean written;

  private final long lossesBefore;

  // Of the request's own thread alone.
  private boolean asked;
  private boolean walked;

  RequestRun(
      Requestor requestor,
      MessageQueue queue,
      RequestId id,
      RequestSpec spec,
      BlockStore store,
      RequestListener listener,
      BooleanSupplier hasSiblings,
      Runnable forget) {
    this.requestor = requestor;
    this.queue = queue;
    this.id = id;
    this.spec = spec;
    this.store = store;
    this.listener = listener;
    this.forget = forget;
    this.lossesBefore = queue.losses();
    this.inbox = new ResponseInbox(requestor.config().receiveBytes());
    this.control = new RequestControl(inbox);
    this.walk =
        new RequestWalk(spec, requestor.config(), store, listener, inbox, control, hasSiblings);
  }

  /** Begins; to be called once it is known by its id, since the answer may come at once. */
  void start() {
    Thread.ofVirtual().name("graphsync-request-" + id).start(this::run);
  }

  // ---- the request's own thread

  private void run() {
    RequestOutcome outcome;
    Exception error = null;
    // Before anything is read from the store: that alone would be work without a bound.
    boolean inTurn = requestor.turns().enter(peer(), spec.priority(), control::isEnding);
    try {
      outcome = inTurn ? walk() : outcomeOfEnd();
    } catch (WalkEnded e) {
      outcome = outcomeOfEnd();
    } catch (VerificationFailure e) {
      outcome = RequestOutcome.VERIFICATION_FAILED;
      error = e.violation();
    } catch (ProtocolException e) {
      // Ours to answer for, not the peer's: a selector that does not parse, a budget that is used
      // up.
      outcome = RequestOutcome.FAILED;
      error = e;
    } catch (IOException e) {
      // The disk, say; who asked is told, and says what comes of it.
      LOG.warn("request {} to {} failed: {}", id, peer(), e.getMessage());
      outcome = RequestOutcome.FAILED;
      error = e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      outcome = RequestOutcome.FAILED;
      error = e;
    } catch (RuntimeException e) {
      LOG.error("request {} to {} failed", id, peer(), e);
      outcome = RequestOutcome.FAILED;
      error = e;
    } finally {
      if (inTurn) {
        requestor.turns().leave(peer());
      }
    }
    finish(outcome, outcome == RequestOutcome.NETWORK ? control.networkError() : error);
  }

  private RequestOutcome outcomeOfEnd() {
    if (control.isCancelled()) {
      return RequestOutcome.CANCELLED;
    }
    // A refusal that arrived before the loss says more than the loss does: trying again is in vain.
    return control.isLost() && !isRefused() ? RequestOutcome.NETWORK : RequestOutcome.REFUSED;
  }

  private boolean isRefused() {
    ResponseStatus terminal = inbox.terminal();
    return terminal != null && !terminal.success();
  }

  /** Nobody hears of this request after {@code onEnd}, so the inbox is stopped first. */
  private void finish(RequestOutcome outcome, @Nullable Exception error) {
    ResponseStatus terminal = inbox.terminal();
    inbox.stop();
    // A responder that is not done would go on sending, and into nothing.
    if (asked && terminal == null && !control.isLost()) {
      queue.ask(GsRequest.cancel(id), this);
    }
    forget.run();
    RequestResult last = walk.result(outcome, terminal, walked, error);
    try {
      listener.onEnd(last);
    } finally {
      result.complete(last);
    }
  }

  private RequestOutcome walk() throws IOException, InterruptedException {
    Selector selector = Selector.canonical(spec.selector());
    Exclusions wire;
    if (spec.skipFirst().isPresent()) {
      wire = new Exclusions(spec.skipFirst().getAsLong(), spec.doNotSend());
    } else {
      // What stands at the beginning need not travel. The responder makes the same visits, so their
      // number says exactly which blocks it may leave out.
      LocalWalk here =
          LocalWalk.leading(spec.root(), spec.selector(), store, requestor.config().walk());
      if (here.complete() && !spec.sendAlways()) {
        // Nobody is asked, and nobody hears of it: the listener is told all the same.
        walk.alone(selector);
        return RequestOutcome.COMPLETED;
      }
      wire = new Exclusions(here.visits(), spec.doNotSend());
    }
    walkAsking(selector, wire);
    walked = true;
    // The walk has all that it needs; whatever else the responder says now breaks the rules.
    if (hasTrailing()) {
      throw new VerificationFailure(
          "UNEXPECTED_LINK", "links behind the end of the walk, " + walk.visits() + " visits");
    }
    walk.checkUnrequested();
    // Refused with nothing more to come: the responder failed behind the last block it could send.
    if (isRefused()) {
      return RequestOutcome.REFUSED;
    }
    return walk.isComplete() ? RequestOutcome.COMPLETED : RequestOutcome.PARTIAL;
  }

  /** Waits for the responder's last status. Returns whether it said anything but that. */
  private boolean hasTrailing() {
    try {
      return inbox.drain(requestor.config().afterWalk());
    } catch (WalkEnded e) {
      if (control.isCancelled()) {
        throw e;
      }
      return false; // all is verified, and a loss does not matter any more
    }
  }

  private void walkAsking(Selector selector, Exclusions wire)
      throws IOException, InterruptedException {
    // What is charged goes by the deal's first request, what travels by this one: after a restart
    // the two differ, and the charged bytes must not.
    Exclusions charging = spec.exclusions().orElse(wire);
    control.check();
    listener.onSending(wire);
    ask(wire);
    walk.withPeer(selector, charging, wire);
  }

  private void ask(Exclusions wire) {
    Map<String, Node> all = new LinkedHashMap<>(spec.extensions());
    if (wire.skipFirst() > 0) {
      all.put(Extensions.DO_NOT_SEND_FIRST_BLOCKS, Node.of(wire.skipFirst()));
    }
    if (!wire.doNotSend().isEmpty()) {
      all.put(
          Extensions.DO_NOT_SEND_CIDS, Node.list(wire.doNotSend().stream().map(Node::of).toList()));
    }
    spec.dedupKey().ifPresent(key -> all.put(Extensions.DEDUP_BY_KEY, Node.of(key)));
    asked = true; // from here on the responder has to be told of an end
    queue.ask(GsRequest.asking(id, spec.root(), spec.selector(), spec.priority(), all), this);
  }

  // ---- from any thread

  @Override
  public PeerId peer() {
    return queue.peer();
  }

  @Override
  public RequestId id() {
    return id;
  }

  @Override
  public void update(Map<String, Node> carried) {
    // A late update would be for an id that the responder may have given up.
    if (!isOver()) {
      queue.ask(GsRequest.update(id, carried), this);
    }
  }

  @Override
  public void cancel() {
    end(RequestControl.Stopper.US, null);
  }

  @Override
  public CompletableFuture<RequestResult> result() {
    return result.copy();
  }

  /** The peer cannot be reached, or a stream from it broke. */
  void networkError(IOException cause) {
    end(RequestControl.Stopper.NETWORK, cause);
  }

  private void end(RequestControl.Stopper by, @Nullable IOException cause) {
    if (control.end(by, cause)) {
      // It may be waiting for its turn, where it looks only when woken.
      requestor.turns().wake();
    }
  }

  /** Whether the request has gone out, so that the loss of a connection concerns it. */
  boolean isOut() {
    return written;
  }

  /** How many losses of connections there had been when it began. */
  long lossesBefore() {
    return lossesBefore;
  }

  private boolean isOver() {
    return control.isEnding() || result.isDone();
  }

  // ---- the reading thread

  /** A message speaks of this request. */
  void receive(GsResponse response, Arrival arrival) {
    // What comes behind the end was under way when the responder heard of it, and is nobody's.
    if (!isOver()) {
      // Ahead of the blocks, which may have to wait for the walk: a demand for payment must not.
      listener.onResponse(response.status(), response.extensions());
      inbox.put(response, arrival);
    }
  }

  // ---- the writing thread

  /** Never: a cancel has to go out although, and because, the request is over. */
  @Override
  public boolean isDead() {
    return false;
  }

  @Override
  public void written(ResponseStatus status, int blocks, long bytes) {
    written = true;
  }

  @Override
  public void notWritten(IOException cause) {
    networkError(cause);
  }
}
