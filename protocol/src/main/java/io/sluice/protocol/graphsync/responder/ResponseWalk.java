package io.sluice.protocol.graphsync.responder;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.graphsync.BlockGate;
import io.sluice.protocol.graphsync.BlockVisit;
import io.sluice.protocol.graphsync.Exclusions;
import io.sluice.protocol.graphsync.RequestDecision;
import io.sluice.protocol.graphsync.ResponsePosition;
import io.sluice.protocol.graphsync.WalkLedger;
import io.sluice.protocol.graphsync.queue.MessageAuthor;
import io.sluice.protocol.graphsync.queue.MessageQueue;
import io.sluice.protocol.graphsync.queue.WalkTurns;
import io.sluice.protocol.graphsync.wire.LinkAction;
import io.sluice.protocol.graphsync.wire.LinkMeta;
import io.sluice.protocol.graphsync.wire.ResponseStatus;
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
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The walk of a response: passes each block by the gate and puts it into messages.
 *
 * <p>At each link, in this order: is the response to end or to pause; is the block here; would it
 * be charged, and then does the gate let it pass; is there room for its bytes. Only then is it read
 * and counted, so that the ledger holds exactly the visits that the peer is told of, and a pause
 * falls between two blocks and never within one.
 *
 * <p>So a requestor that does not pay costs a look at an index, and no read; one that does not take
 * what it asked for costs the bytes that its share of the memory allows, and then the walk stands
 * still. Whatever it sends meanwhile is heard, since it is other threads that hear it.
 *
 * <p>A walk that waits for a resumption gives its turn to others, since what it waits for may be a
 * person. Of the response's own thread alone, apart from {@link #position}. Spec: GraphSync 2.0.0,
 * link metadata.
 */
final class ResponseWalk {
  private static final Logger LOG = LoggerFactory.getLogger(ResponseWalk.class);

  private final Responder responder;
  private final MessageQueue queue;
  private final MessageAuthor author;
  private final ResponseControl control;
  private final Exclusions asked;
  private final RequestDecision.Serve how;
  private final WalkLedger ledger;
  private boolean inTurn;
  private long queuedBytes;
  private volatile ResponsePosition position = ResponsePosition.START;

  /**
   * @param asked what the request leaves out of the wire
   * @param author under whose name messages go out
   */
  ResponseWalk(
      PeerResponses peer,
      Exclusions asked,
      RequestDecision.Serve how,
      ResponseControl control,
      MessageAuthor author) {
    this.responder = peer.responder();
    this.queue = peer.queue();
    this.author = author;
    this.control = control;
    this.asked = asked;
    this.how = how;
    this.ledger = new WalkLedger(how.exclusions().orElse(asked));
  }

  ResponsePosition position() {
    return position;
  }

  /** Walks to the end. Returns the status that says how far that was. */
  ResponseStatus run(Cid root, Node selector, SentLinks.Tracker sent) {
    try {
      WalkResult result =
          Walk.run(
              root,
              Selector.parse(selector),
              visit -> load(visit, sent),
              responder.config().walk());
      if (!result.rootFound()) {
        return ResponseStatus.NOT_FOUND;
      }
      // The gate once more: what came last may have to be paid before all is said to be sent.
      checkpoint();
      pass(how.gate()::end);
      return result.isComplete() ? ResponseStatus.COMPLETED : ResponseStatus.COMPLETED_PARTIAL;
    } catch (ProtocolException e) {
      LOG.debug("walk of request {} of {} ended", author.id(), peer(), e);
      return ResponseStatus.FAILED;
    } catch (IOException e) {
      LOG.warn("walk of request {} of {} ended", author.id(), peer(), e);
      return ResponseStatus.FAILED;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return ResponseStatus.FAILED;
    }
  }

  private PeerId peer() {
    return queue.peer();
  }

  private LoadResult load(Visit visit, SentLinks.Tracker sent) throws IOException {
    Cid cid = visit.cid();
    checkpoint();
    OptionalInt size = sizeOf(cid);
    if (size.isEmpty()) {
      return missing(cid);
    }
    BlockVisit block =
        new BlockVisit(
            cid,
            ledger.visits() + 1,
            size.getAsInt(),
            ledger.visits() < asked.skipFirst() || sent.contains(cid),
            ledger.wouldCharge(cid, size.getAsInt()),
            ledger.charged());
    // Free visits pass in any case: after a restart the walk has to come by what was paid for.
    if (block.charge() > 0) {
      pass(() -> how.gate().before(block));
    }
    return present(block, sent);
  }

  /** Between two blocks: ends or waits, if that is wished. */
  private void checkpoint() {
    if (control.isEnding()) {
      throw new ResponseEnded();
    }
    long before = control.resumptions(); // read first: a resumption takes the wish back
    Map<String, Node> wish = control.pauseWish();
    if (wish != null) {
      awaitResume(before, wish, false);
    }
  }

  private void pass(Supplier<BlockGate.GateDecision> gate) {
    while (true) {
      long before = control.resumptions(); // a payment may come while the gate decides
      switch (gate.get()) {
        case BlockGate.GateDecision.Proceed proceed -> {
          return;
        }
        case BlockGate.GateDecision.Pause pause -> awaitResume(before, pause.extensions(), false);
      }
    }
  }

  private LoadResult present(BlockVisit visit, SentLinks.Tracker sent) throws IOException {
    int reserved = visit.suppressed() ? 0 : visit.size();
    // Reserved before it is read, so that blocks waiting for room are not in memory yet.
    if (!responder.memory().take(peer(), reserved, control::isEnding)) {
      throw new ResponseEnded();
    }
    Optional<ByteBuffer> data = Optional.empty();
    try {
      data = dataOf(visit.cid());
    } finally {
      if (data.isEmpty()) {
        responder.memory().give(peer(), reserved);
      }
    }
    // Deleted since its size was asked for, or not readable: missing, as far as the peer is
    // concerned.
    if (data.isEmpty()) {
      return missing(visit.cid());
    }
    // Counted with what is queued, not with what is written: both ends count visits, and this one
    // will be told of or the whole response will fail.
    ledger.visit(visit.cid(), visit.size());
    sent.add(visit.cid());
    queuedBytes += reserved;
    Block block = visit.suppressed() ? null : new Block(visit.cid(), data.get());
    queue.link(author, new LinkMeta(visit.cid(), LinkAction.PRESENT), block);
    // Behind the link in the queue, so that nobody hears of a position that is not on its way.
    notePosition(); // first: what the gate starts may ask for the position
    how.gate().after(visit);
    return new LoadResult.Loaded(data.get());
  }

  private LoadResult missing(Cid cid) {
    ledger.missing();
    queue.link(author, new LinkMeta(cid, LinkAction.MISSING), null);
    notePosition();
    return new LoadResult.Skip();
  }

  private void notePosition() {
    position =
        new ResponsePosition(
            ledger.visits(), ledger.charged(), ledger.chargedBlocks(), queuedBytes);
  }

  private OptionalInt sizeOf(Cid cid) {
    return cid.isIdentity() ? OptionalInt.of(cid.hash().digestLength()) : how.store().size(cid);
  }

  private Optional<ByteBuffer> dataOf(Cid cid) {
    if (cid.isIdentity()) {
      return Optional.of(cid.hash().digestBuffer());
    }
    try {
      return how.store().get(cid).map(Block::data);
    } catch (IOException e) {
      // As for Go: what cannot be read is missing, and the walk goes on. Here at least it is said
      // aloud.
      LOG.warn("block {} cannot be read", cid, e);
      return Optional.empty();
    }
  }

  // ---- pauses and turns

  /**
   * Waits as {@link ResponseControl#awaitResume} says, in nobody's way, and takes a new turn after
   * that. Leaves by {@link ResponseEnded} if the response was ended.
   */
  void awaitResume(long before, Map<String, Node> extensions, boolean first) {
    if (!control.awaitResume(before, extensions, first, this::leave)) {
      throw new ResponseEnded();
    }
    if (!inTurn && !first) {
      enter(WalkTurns.RESUMED);
    }
  }

  /** Takes a turn; leaves by {@link ResponseEnded} if the response ends before it comes. */
  void enter(int priority) {
    if (!responder.turns().enter(peer(), priority, control::isEnding)) {
      throw new ResponseEnded();
    }
    inTurn = true;
  }

  /** Ends the turn, if there is one. */
  void leave() {
    if (inTurn) {
      inTurn = false;
      responder.turns().leave(peer());
    }
  }
}
