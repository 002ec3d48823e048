package io.sluice.protocol.graphsync;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.graphsync.RequestResult.Outcome;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.BlockStore;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request of ours: a walk that takes each block it needs from what the responder sends, and
 * checks on the way that this is exactly what the walk needs, in its order.
 *
 * <p>A walk that stopped, for a pause, is not continued but walked again from the root, with the
 * blocks that are here by then; so nothing has to be remembered of the way.
 */
final class RequestRun implements OutgoingRequest, Draft.Author {

  private static final Logger LOG = LoggerFactory.getLogger(RequestRun.class);
  private static final int MISSING_LISTED = 1000;

  /** What a request needs of its endpoint. */
  record Place(GraphsyncConfig config, Outbox outbox, WalkTurns turns) {}

  private enum End {
    CANCELLED,
    NETWORK
  }

  private final PeerId peer;
  private final RequestId id;
  private final RequestSpec spec;
  private final BlockStore store;
  private final RequestListener listener;
  private final Place place;
  private final Runnable forget;
  private final Inbox inbox;
  private final CompletableFuture<RequestResult> result = new CompletableFuture<>();

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private volatile @Nullable End end;
  private volatile boolean paused;
  private volatile boolean written;
  private @Nullable IOException networkError;
  private Map<String, Node> extensions;

  // Of the walk's thread alone.
  private boolean asked;
  private long reported;
  private boolean walked;
  private final List<Cid> missing = new ArrayList<>();
  private long missingBlocks;
  private long visits;
  private long charged;
  private long wireBlocks;
  private long wireBytes;
  private int duplicates;

  RequestRun(
      PeerId peer,
      RequestId id,
      RequestSpec spec,
      BlockStore store,
      RequestListener listener,
      Place place,
      Runnable forget) {
    this.peer = peer;
    this.id = id;
    this.spec = spec;
    this.store = store;
    this.listener = listener;
    this.place = place;
    this.forget = forget;
    this.inbox = new Inbox(spec.root(), place.config().receiveBytes());
    this.extensions = spec.extensions();
  }

  void start() {
    Thread.ofVirtual().name("graphsync-request-" + id).start(this::run);
  }

  // ---- the walk's thread

  private void run() {
    Outcome outcome;
    Exception error = null;
    boolean inTurn = place.turns().enter(peer, spec.priority(), () -> end != null);
    try {
      outcome = inTurn ? walk() : byEnd();
    } catch (Ended e) {
      outcome = byEnd();
    } catch (VerificationFailure e) {
      outcome = Outcome.VERIFICATION_FAILED;
      error = e.violation();
    } catch (ProtocolException e) {
      outcome = Outcome.FAILED;
      error = e;
    } catch (IOException e) {
      LOG.warn("request {} to {} failed", id, peer, e);
      outcome = Outcome.FAILED;
      error = e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      outcome = Outcome.FAILED;
      error = e;
    } catch (RuntimeException e) {
      LOG.error("request {} to {} failed", id, peer, e);
      outcome = Outcome.FAILED;
      error = e;
    } finally {
      if (inTurn) {
        place.turns().leave(peer);
      }
    }
    finish(outcome, outcome == Outcome.NETWORK ? networkError : error);
  }

  private Outcome byEnd() {
    if (end == End.CANCELLED) {
      return Outcome.CANCELLED;
    }
    ResponseStatus terminal = inbox.terminal();
    boolean refused = terminal != null && !terminal.success();
    return end == End.NETWORK && !refused ? Outcome.NETWORK : Outcome.REFUSED;
  }

  private void finish(Outcome outcome, @Nullable Exception error) {
    ResponseStatus terminal = inbox.terminal();
    inbox.stop();
    if (asked && terminal == null && end != End.NETWORK) {
      place.outbox().ask(GsRequest.cancel(id), this);
    }
    forget.run();
    RequestResult last =
        new RequestResult(
            outcome,
            Optional.ofNullable(terminal),
            walked,
            List.copyOf(missing),
            missingBlocks,
            visits,
            charged,
            wireBlocks,
            wireBytes,
            inbox.unrequested(),
            Optional.ofNullable(error));
    try {
      listener.onEnd(last);
    } finally {
      result.complete(last);
    }
  }

  private Outcome walk() throws IOException, InterruptedException {
    Selector selector = Selector.canonical(spec.selector());
    Exclusions wire;
    if (spec.skipFirst().isPresent()) {
      wire = new Exclusions(spec.skipFirst().getAsLong(), spec.doNotSend());
    } else {
      LocalWalk here =
          LocalWalk.leading(spec.root(), spec.selector(), store, place.config().walk());
      if (here.complete() && !spec.sendAlways()) {
        walkOnce(selector, new Pass(Exclusions.NONE, true));
        return Outcome.COMPLETED;
      }
      wire = new Exclusions(here.visits(), spec.doNotSend());
    }
    walkAsking(selector, wire);
    walked = true;
    if (trailing()) {
      throw new VerificationFailure(
          "UNEXPECTED_LINK", "links behind the end of the walk, " + visits + " visits");
    }
    checkUnrequested();
    ResponseStatus terminal = inbox.terminal();
    if (terminal != null && !terminal.success()) {
      return Outcome.REFUSED;
    }
    return missingBlocks == 0 ? Outcome.COMPLETED : Outcome.PARTIAL;
  }

  /** Waits for the responder's last status. Returns whether it said anything but that. */
  private boolean trailing() {
    try {
      return inbox.drain(place.config().afterWalk());
    } catch (Ended e) {
      if (end == End.NETWORK) {
        return false; // all is verified, and nothing else matters
      }
      throw e;
    }
  }

  private void walkAsking(Selector selector, Exclusions wire)
      throws IOException, InterruptedException {
    Exclusions charging = spec.exclusions().orElse(wire);
    Exclusions now = wire;
    Map<String, Node> carried = spec.extensions();
    while (true) {
      checkpoint();
      listener.onSending(now);
      ask(now, carried);
      Pass pass = new Pass(charging, false);
      try {
        walkOnce(selector, pass);
        return;
      } catch (Ended e) {
        carried = awaitResume();
        now = new Exclusions(Math.max(wire.skipFirst(), visits), wire.doNotSend());
      }
    }
  }

  private void walkOnce(Selector selector, Pass pass) throws IOException, InterruptedException {
    missing.clear();
    missingBlocks = 0;
    WalkResult seen = Walk.run(spec.root(), selector, pass::load, place.config().walk());
    LOG.debug("request {} to {} walked: {}", id, peer, seen);
  }

  private void ask(Exclusions wire, Map<String, Node> carried) {
    Map<String, Node> all = new LinkedHashMap<>(carried);
    if (wire.skipFirst() > 0) {
      all.put(Extensions.DO_NOT_SEND_FIRST_BLOCKS, Node.of(wire.skipFirst()));
    }
    if (!wire.doNotSend().isEmpty()) {
      all.put(
          Extensions.DO_NOT_SEND_CIDS, Node.list(wire.doNotSend().stream().map(Node::of).toList()));
    }
    spec.dedupKey().ifPresent(key -> all.put(Extensions.DEDUP_BY_KEY, Node.of(key)));
    asked = true;
    place
        .outbox()
        .ask(GsRequest.asking(id, spec.root(), spec.selector(), spec.priority(), all), this);
  }

  /** One walk from the root. */
  private final class Pass {
    private final WalkLedger ledger;
    private final boolean local;
    private long mine;
    private int lackingDepth = -1;

    Pass(Exclusions charging, boolean local) {
      this.ledger = new WalkLedger(charging);
      this.local = local;
    }

    LoadResult load(Visit visit) throws IOException {
      checkpoint();
      mine++;
      Cid cid = visit.cid();
      if (local || (lackingDepth >= 0 && visit.depth() > lackingDepth)) {
        return fromHere(cid, 0, 0);
      }
      lackingDepth = -1;
      if (cid.isIdentity() && !isNext(cid)) {
        return new LoadResult.Found(cid.hash().digestBuffer());
      }
      LinkMeta entry = inbox.take();
      if (entry == null) {
        ResponseStatus terminal = inbox.terminal();
        if (terminal != null && !terminal.success()) {
          throw new Ended();
        }
        return fromHere(cid, 0, 0);
      }
      if (!entry.link().equals(cid)) {
        throw new VerificationFailure(
            "UNEXPECTED_LINK",
            "visit %d is to %s, the responder's to %s"
                .formatted(ledger.visits() + 1, cid, entry.link()));
      }
      checkUnrequested();
      if (!entry.action().followed()) {
        return notFollowed(visit);
      }
      ByteBuffer bytes = inbox.bytesFor(entry);
      return bytes == null ? presentWithoutBytes(cid) : arrived(cid, bytes);
    }

    private LoadResult notFollowed(Visit visit) throws IOException {
      ledger.missing();
      visits = ledger.visits();
      LoadResult here = fromHere(visit.cid(), ledger.visits(), 0);
      if (here instanceof LoadResult.Found) {
        lackingDepth = visit.depth();
      }
      return here;
    }

    private LoadResult presentWithoutBytes(Cid cid) throws IOException {
      Optional<ByteBuffer> here = find(cid);
      if (here.isEmpty()) {
        // Its size is unknown; what was not received is not charged here, whatever the responder
        // thinks.
        ledger.missing();
        visits = ledger.visits();
        return missing(cid, ledger.visits());
      }
      return found(cid, here.get(), 0);
    }

    private LoadResult arrived(Cid cid, ByteBuffer bytes) throws IOException {
      if (ledger.hasPassed(cid) && ++duplicates > place.config().duplicateBlocks()) {
        throw new VerificationFailure("BLOCK_DUPLICATE", duplicates + " blocks were sent twice");
      }
      store.put(new Block(cid, bytes));
      wireBlocks++;
      wireBytes += bytes.remaining();
      return found(cid, bytes, bytes.remaining());
    }

    private LoadResult found(Cid cid, ByteBuffer bytes, int wire) {
      long charge = ledger.visit(cid, bytes.remaining());
      visits = ledger.visits();
      charged = ledger.charged();
      report(new VisitReport(cid, visits, bytes.remaining(), wire, false, charge, charged));
      return new LoadResult.Found(bytes);
    }

    private LoadResult fromHere(Cid cid, long number, long charge) throws IOException {
      Optional<ByteBuffer> here = find(cid);
      if (here.isEmpty()) {
        return missing(cid, number);
      }
      report(
          new VisitReport(cid, number, here.get().remaining(), 0, false, charge, ledger.charged()));
      return new LoadResult.Found(here.get());
    }

    private LoadResult missing(Cid cid, long number) {
      missingBlocks++;
      if (missing.size() < MISSING_LISTED) {
        missing.add(cid);
      }
      report(new VisitReport(cid, number, 0, 0, true, 0, ledger.charged()));
      return new LoadResult.Skip();
    }

    private Optional<ByteBuffer> find(Cid cid) throws IOException {
      if (cid.isIdentity()) {
        return Optional.of(cid.hash().digestBuffer());
      }
      return store.get(cid).map(Block::data);
    }

    private boolean isNext(Cid cid) {
      LinkMeta entry = inbox.peek();
      return entry != null && entry.link().equals(cid);
    }

    private void report(VisitReport visit) {
      if (mine > reported) {
        reported = mine;
        listener.onVisit(visit);
      }
    }
  }

  private void checkUnrequested() {
    if (inbox.unrequested() > place.config().unrequestedBlocks()) {
      throw new VerificationFailure(
          "BLOCK_UNREQUESTED", inbox.unrequested() + " blocks that no metadata speaks of");
    }
  }

  private void checkpoint() {
    // After the loss of the peer, what has arrived is still walked.
    if (end == End.CANCELLED || paused) {
      throw new Ended();
    }
  }

  /**
   * Waits for the end of a pause; leaves by {@link Ended} if there is none. Returns what goes with
   * the next request.
   */
  private Map<String, Node> awaitResume() {
    lock.lock();
    try {
      if (end != null || (!paused && inbox.terminal() != null)) {
        throw new Ended();
      }
      while (paused && end == null) {
        changed.awaitUninterruptibly();
      }
      if (end != null) {
        throw new Ended();
      }
      inbox.restart();
      return extensions;
    } finally {
      lock.unlock();
    }
  }

  // ---- from any thread

  @Override
  public PeerId peer() {
    return peer;
  }

  @Override
  public RequestId id() {
    return id;
  }

  @Override
  public void update(Map<String, Node> carried) {
    if (end == null && !result.isDone()) {
      place.outbox().ask(GsRequest.update(id, carried), this);
    }
  }

  @Override
  public void pause() {
    lock.lock();
    try {
      if (paused || end != null || result.isDone()) {
        return;
      }
      paused = true;
      if (inbox.terminal() == null) {
        place.outbox().ask(GsRequest.cancel(id), this);
      }
      inbox.stop();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void resume(Map<String, Node> carried) {
    lock.lock();
    try {
      extensions = Extensions.copyOf(carried);
      paused = false;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void cancel() {
    endBy(End.CANCELLED, null);
  }

  @Override
  public CompletableFuture<RequestResult> result() {
    return result.copy();
  }

  /** The peer cannot be reached, or a stream from it broke. */
  void networkError(IOException cause) {
    endBy(End.NETWORK, cause);
  }

  /** Whether the request has gone out, so that the loss of a connection concerns it. */
  boolean isOut() {
    return written;
  }

  private void endBy(End how, @Nullable IOException cause) {
    lock.lock();
    try {
      if (end != null) {
        if (how == End.CANCELLED) {
          inbox.stop(); // what arrived before the loss is not wanted either
        }
        return;
      }
      networkError = cause;
      end = how;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    if (how == End.CANCELLED) {
      inbox.stop();
    } else {
      inbox.lose();
    }
    place.turns().wake();
  }

  // ---- the reading thread

  /** A message speaks of this request. */
  void receive(GsResponse response, Arrival arrival) {
    if (end != null || result.isDone()) {
      return;
    }
    listener.onResponse(response.status(), response.extensions());
    inbox.put(response, arrival);
  }

  // ---- the writing thread

  @Override
  public boolean isDead() {
    return false;
  }

  @Override
  public void written(Draft.Part part) {
    written = true;
  }

  @Override
  public void notWritten(IOException cause) {
    networkError(cause);
  }
}
