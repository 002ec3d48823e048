package io.sluice.protocol.graphsync;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.LoadResult;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.ipld.Selector;
import io.sluice.protocol.ipld.Visit;
import io.sluice.protocol.ipld.Walk;
import io.sluice.protocol.ipld.WalkResult;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.PeerId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One response: its decision, its walk, its pauses and its end. The walk runs on a virtual thread
 * of its own; everybody else only leaves wishes, which the walk finds at its next block.
 */
final class ResponseRun implements OutgoingResponse, Draft.Author {

  private static final Logger LOG = LoggerFactory.getLogger(ResponseRun.class);

  /** What a response needs of its endpoint. */
  record Place(
      GraphsyncConfig config,
      Outbox outbox,
      SendMemory memory,
      WalkTurns turns,
      SentLinks links,
      IncomingRequests incoming) {}

  /** How it ends, if not by the walk's own end. */
  private enum End {
    BY_PEER,
    NETWORK,
    BY_US
  }

  private final PeerId peer;
  private final GsRequest request;
  private final Place place;
  private final Consumer<ResponseRun> forget;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  // Guarded by the lock; the volatile ones are read outside of it, too.
  private volatile @Nullable End end;
  private ResponseStatus endStatus = ResponseStatus.CANCELLED;
  private Map<String, Node> endExtensions = Map.of();
  private @Nullable IOException networkError;
  private final AtomicLong resumptions = new AtomicLong();
  private volatile @Nullable Map<String, Node> pauseWish;
  private volatile boolean paused;
  private boolean walkDone;
  private boolean over;
  private final List<Map<String, Node>> updatesBefore = new ArrayList<>();
  private @Nullable IncomingRequest accepted;
  private volatile ResponseListener listener = ResponseListener.NONE;
  private volatile SentLinks.@Nullable Sent sent;
  private volatile ResponsePosition position = ResponsePosition.START;

  // Of the walk's thread alone.
  private boolean inTurn;
  private long queuedBytes;
  private Exclusions asked = Exclusions.NONE;

  ResponseRun(PeerId peer, GsRequest request, Place place, Consumer<ResponseRun> forget) {
    this.peer = peer;
    this.request = request;
    this.place = place;
    this.forget = forget;
  }

  void start() {
    Thread.ofVirtual().name("graphsync-response-" + request.id()).start(this::run);
  }

  // ---- the walk's thread

  private void run() {
    try {
      switch (decide()) {
        case Decision.Reject reject -> finish(reject.status(), reject.extensions());
        case Decision.Accept accept -> serve(accept);
      }
    } catch (Ended e) {
      conclude();
    } catch (RuntimeException e) {
      LOG.error("response to request {} of {} failed", request.id(), peer, e);
      failQuietly();
    }
  }

  private Decision decide() {
    if (place.turns().waiting() >= place.config().waitingWalks()) {
      return Decision.reject(ResponseStatus.BUSY, Map.of());
    }
    IncomingRequest incoming;
    try {
      if (request.root().isEmpty() || request.selector().isEmpty()) {
        throw Malformed.message("new request without root or selector");
      }
      asked =
          new Exclusions(
              Extensions.skipFirst(request.extensions()).orElse(0),
              Extensions.doNotSend(request.extensions()));
      Extensions.dedupKey(request.extensions());
      incoming =
          new IncomingRequest(
              peer,
              request.id(),
              request.root().get(),
              request.selector().get(),
              request.priority(),
              request.extensions(),
              asked,
              this);
    } catch (ProtocolException e) {
      LOG.debug("request {} of {} is malformed", request.id(), peer, e);
      return Decision.reject(ResponseStatus.FAILED, Map.of());
    }
    Decision decision;
    try {
      decision = place.incoming().onNew(incoming);
    } catch (ProtocolException e) {
      LOG.debug("request {} of {} is refused", request.id(), peer, e);
      return Decision.reject(ResponseStatus.FAILED, Map.of());
    } catch (RuntimeException e) {
      LOG.error("deciding about request {} of {} failed", request.id(), peer, e);
      return Decision.reject(ResponseStatus.FAILED, Map.of());
    }
    if (decision instanceof Decision.Accept accept) {
      accepted(incoming, accept);
    }
    return decision;
  }

  private void accepted(IncomingRequest incoming, Decision.Accept accept) {
    List<Map<String, Node>> updates;
    lock.lock();
    try {
      listener = accept.listener();
      accepted = incoming;
      updates = List.copyOf(updatesBefore);
      updatesBefore.clear();
    } finally {
      lock.unlock();
    }
    updates.forEach(update -> place.incoming().onUpdate(incoming, update));
  }

  private void serve(Decision.Accept accept) {
    if (accept.paused()) {
      awaitResume(0, accept.extensions(), true); // resumptions that came while we decided count
    } else if (!accept.extensions().isEmpty()) {
      place.outbox().say(this, ResponseStatus.PARTIAL, accept.extensions());
    }
    enter(request.priority());
    SentLinks.Sent mine =
        place
            .links()
            .begin(Extensions.dedupKey(request.extensions()), accept.alone(), asked.doNotSend());
    sent = mine;
    try {
      Loader loader = new Loader(accept, mine);
      ResponseStatus status = walk(loader);
      leave();
      listener.onWalkEnded(status, position);
      finish(status, Map.of());
    } finally {
      leave();
      releaseLinks();
    }
  }

  private ResponseStatus walk(Loader loader) {
    try {
      Selector selector = Selector.parse(request.selector().orElseThrow());
      WalkResult result =
          Walk.run(request.root().orElseThrow(), selector, loader::load, place.config().walk());
      if (!result.rootFound()) {
        return ResponseStatus.NOT_FOUND;
      }
      return result.isComplete() ? ResponseStatus.COMPLETED : ResponseStatus.COMPLETED_PARTIAL;
    } catch (ProtocolException e) {
      LOG.debug("walk of request {} of {} ended", request.id(), peer, e);
      return ResponseStatus.FAILED;
    } catch (IOException e) {
      LOG.warn("walk of request {} of {} ended", request.id(), peer, e);
      return ResponseStatus.FAILED;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return ResponseStatus.FAILED;
    }
  }

  /** Loads the blocks of the walk, and says so in messages. */
  private final class Loader {
    private final Decision.Accept accept;
    private final SentLinks.Sent sent;
    private final WalkLedger ledger;

    Loader(Decision.Accept accept, SentLinks.Sent sent) {
      this.accept = accept;
      this.sent = sent;
      this.ledger = new WalkLedger(accept.exclusions().orElse(asked));
    }

    LoadResult load(Visit visit) throws IOException {
      Cid cid = visit.cid();
      checkpoint();
      OptionalInt size = sizeOf(cid);
      if (size.isEmpty()) {
        return missing(cid);
      }
      boolean suppressed = ledger.visits() < asked.skipFirst() || sent.contains(cid);
      BlockVisit block =
          new BlockVisit(
              cid,
              ledger.visits() + 1,
              size.getAsInt(),
              suppressed,
              ledger.wouldCharge(cid, size.getAsInt()),
              ledger.charged());
      if (block.charge() > 0) {
        passGate(block);
      }
      return present(block);
    }

    private void passGate(BlockVisit block) {
      while (true) {
        long before = resumptions.get();
        switch (accept.gate().before(block)) {
          case BlockGate.Verdict.Pass pass -> {
            return;
          }
          case BlockGate.Verdict.Pause pause -> awaitResume(before, pause.extensions(), false);
        }
      }
    }

    private LoadResult present(BlockVisit visit) throws IOException {
      int reserved = visit.suppressed() ? 0 : visit.size();
      if (!place.memory().take(peer, reserved, () -> end != null)) {
        throw new Ended();
      }
      Optional<ByteBuffer> data = Optional.empty();
      try {
        data = dataOf(visit.cid());
      } finally {
        if (data.isEmpty()) {
          place.memory().give(peer, reserved);
        }
      }
      if (data.isEmpty()) {
        return missing(visit.cid());
      }
      ledger.visit(visit.cid(), visit.size());
      sent.add(visit.cid());
      queuedBytes += reserved;
      Block block = visit.suppressed() ? null : new Block(visit.cid(), data.get());
      place.outbox().link(ResponseRun.this, new LinkMeta(visit.cid(), LinkAction.PRESENT), block);
      note();
      accept.gate().after(visit);
      return new LoadResult.Found(data.get());
    }

    private LoadResult missing(Cid cid) {
      ledger.missing();
      place.outbox().link(ResponseRun.this, new LinkMeta(cid, LinkAction.MISSING), null);
      note();
      return new LoadResult.Skip();
    }

    private void note() {
      position =
          new ResponsePosition(
              ledger.visits(), ledger.charged(), ledger.chargedBlocks(), queuedBytes);
    }

    private OptionalInt sizeOf(Cid cid) {
      return cid.isIdentity()
          ? OptionalInt.of(cid.hash().digestLength())
          : accept.store().size(cid);
    }

    private Optional<ByteBuffer> dataOf(Cid cid) {
      if (cid.isIdentity()) {
        return Optional.of(cid.hash().digestBuffer());
      }
      try {
        return accept.store().get(cid).map(Block::data);
      } catch (IOException e) {
        // As for Go: what cannot be read is missing, and the walk goes on. Here at least it is said
        // aloud.
        LOG.warn("block {} cannot be read", cid, e);
        return Optional.empty();
      }
    }
  }

  /** Between two blocks: ends or waits, if that is wished. */
  private void checkpoint() {
    if (end != null) {
      throw new Ended();
    }
    long before = resumptions.get(); // read first: a resumption takes the wish back
    Map<String, Node> wish = pauseWish;
    if (wish != null) {
      awaitResume(before, wish, false);
    }
  }

  /**
   * Says that we are paused, and waits. Returns at once, without a word, if there has been a
   * resumption since {@code before} was read: then the reason for the pause may be gone.
   *
   * @param first whether this is the answer to the request, which has to be said in any case
   */
  private void awaitResume(long before, Map<String, Node> extensions, boolean first) {
    lock.lock();
    try {
      if (resumptions.get() != before && !first) {
        return;
      }
      if (end == null) {
        paused = true;
        place.outbox().say(this, ResponseStatus.PAUSED, extensions);
      }
      if (end == null && resumptions.get() == before && inTurn) {
        leave();
      }
      while (end == null && resumptions.get() == before) {
        changed.awaitUninterruptibly();
      }
      paused = false;
    } finally {
      lock.unlock();
    }
    if (end != null) {
      throw new Ended();
    }
    if (!inTurn && !first) {
      enter(WalkTurns.RESUMED);
    }
  }

  private void enter(int priority) {
    if (!place.turns().enter(peer, priority, () -> end != null)) {
      throw new Ended();
    }
    inTurn = true;
  }

  private void leave() {
    if (inTurn) {
      inTurn = false;
      place.turns().leave(peer);
    }
  }

  /** Says the last word, unless somebody else has ended it meanwhile. */
  private void finish(ResponseStatus status, Map<String, Node> extensions) {
    boolean ours;
    lock.lock();
    try {
      ours = end == null;
      walkDone = ours;
    } finally {
      lock.unlock();
    }
    if (ours) {
      place.outbox().say(this, status, extensions);
    } else {
      conclude();
    }
  }

  private void failQuietly() {
    try {
      finish(ResponseStatus.FAILED, Map.of());
    } catch (RuntimeException e) {
      LOG.error("ending request {} of {} failed", request.id(), peer, e);
    }
  }

  /** Ends as was wished. */
  private void conclude() {
    ResponseStatus status;
    Map<String, Node> extensions;
    lock.lock();
    try {
      walkDone = true;
      status = endStatus;
      extensions = endExtensions;
    } finally {
      lock.unlock();
    }
    if (end == End.BY_US) {
      listener.onWalkEnded(status, position);
      place.outbox().say(this, status, extensions);
    } else {
      lastCall();
    }
  }

  /** Tells the listener, once, that the peer or the network has ended it. */
  private void lastCall() {
    IOException cause;
    lock.lock();
    try {
      if (over) {
        return;
      }
      over = true;
      cause = networkError;
    } finally {
      lock.unlock();
    }
    forget.accept(this);
    place.outbox().drop(this);
    if (cause == null) {
      listener.onCancelledByPeer();
    } else {
      listener.onNetworkError(cause);
    }
  }

  // ---- wishes, from any thread

  @Override
  public PeerId peer() {
    return peer;
  }

  @Override
  public RequestId id() {
    return request.id();
  }

  @Override
  public void resume(Map<String, Node> extensions) {
    lock.lock();
    try {
      if (end != null || walkDone) {
        return;
      }
      pauseWish = null;
      resumptions.incrementAndGet();
      if (!extensions.isEmpty()) {
        place.outbox().say(this, ResponseStatus.PARTIAL, extensions);
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void pause(Map<String, Node> extensions) {
    lock.lock();
    try {
      if (!paused) {
        pauseWish = extensions;
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void send(Map<String, Node> extensions) {
    lock.lock();
    try {
      if (end == null && !walkDone) {
        place
            .outbox()
            .say(this, paused ? ResponseStatus.PAUSED : ResponseStatus.PARTIAL, extensions);
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void cancel() {
    endByUs(ResponseStatus.CANCELLED, Map.of());
  }

  @Override
  public void fail(ResponseStatus status, Map<String, Node> extensions) {
    if (!status.terminal() || status.success()) {
      throw new IllegalArgumentException("failed with " + status);
    }
    endByUs(status, extensions);
  }

  private void endByUs(ResponseStatus status, Map<String, Node> extensions) {
    lock.lock();
    try {
      if (end != null || walkDone) {
        return;
      }
      end = End.BY_US;
      endStatus = status;
      endExtensions = extensions;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    wakeWalk();
  }

  @Override
  public ResponsePosition position() {
    return position;
  }

  @Override
  public boolean isPaused() {
    return paused;
  }

  /** The peer does not want it any more. */
  void cancelledByPeer() {
    endFromOutside(End.BY_PEER, null);
  }

  /** The peer cannot be reached. */
  void networkError(IOException cause) {
    endFromOutside(End.NETWORK, cause);
  }

  private void endFromOutside(End how, @Nullable IOException cause) {
    boolean walking;
    lock.lock();
    try {
      if (over || end == End.BY_PEER || end == End.NETWORK) {
        return;
      }
      end = how;
      networkError = cause;
      walking = !walkDone;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    forget.accept(this);
    place.outbox().drop(this);
    releaseLinks();
    if (walking) {
      wakeWalk();
    } else {
      lastCall();
    }
  }

  /**
   * What was queued and is dropped now must not count as sent: the same peer may ask again at once.
   */
  private void releaseLinks() {
    SentLinks.Sent mine = sent;
    sent = null; // it is large, and this may be remembered for long
    if (mine != null) {
      mine.release();
    }
  }

  private void wakeWalk() {
    place.memory().wake();
    place.turns().wake();
  }

  /** The peer sends extensions for it. */
  void update(Map<String, Node> extensions) {
    IncomingRequest to;
    lock.lock();
    try {
      to = accepted;
      if (to == null) {
        if (updatesBefore.size() < 16) {
          updatesBefore.add(extensions);
        }
        return;
      }
    } finally {
      lock.unlock();
    }
    place.incoming().onUpdate(to, extensions);
  }

  // ---- the writing thread

  @Override
  public boolean isDead() {
    return end == End.BY_PEER || end == End.NETWORK;
  }

  @Override
  public void written(Draft.Part part) {
    if (!part.blocks.isEmpty()) {
      listener.onSent(part.blocks.size(), part.bytes);
    }
    if (part.status.terminal()) {
      lock.lock();
      try {
        if (over) {
          return;
        }
        over = true;
      } finally {
        lock.unlock();
      }
      forget.accept(this);
      listener.onFinished(part.status);
    }
  }

  @Override
  public void notWritten(IOException cause) {
    networkError(cause);
  }
}
