package io.sluice.protocol.graphsync.requestor;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.graphsync.Exclusions;
import io.sluice.protocol.graphsync.GraphsyncConfig;
import io.sluice.protocol.graphsync.RequestListener;
import io.sluice.protocol.graphsync.RequestOutcome;
import io.sluice.protocol.graphsync.RequestResult;
import io.sluice.protocol.graphsync.RequestSpec;
import io.sluice.protocol.graphsync.VisitReport;
import io.sluice.protocol.graphsync.WalkLedger;
import io.sluice.protocol.graphsync.wire.LinkMeta;
import io.sluice.protocol.graphsync.wire.ResponseStatus;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.ipld.LoadResult;
import io.sluice.protocol.ipld.Selector;
import io.sluice.protocol.ipld.Visit;
import io.sluice.protocol.ipld.Walk;
import io.sluice.protocol.multiformats.Cid;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The walk of a request, held against that of the responder.
 *
 * <p>The responder's metadata is the list of the visits that it made. This walk makes the same
 * visits in the same order, takes one entry for each and refuses any that is for another link; so a
 * block is stored only where the selector leads to it, and only after it was found under the CID
 * that its bytes have. Where the responder lacked a block that is here, this walk goes beneath it
 * alone, without taking entries, and is not charged for what it finds there.
 *
 * <p>Metadata and bytes of a visit travel in one message, so a visit that is said to be of a block
 * that is there either brings its bytes or is of one that is here: it came at an earlier visit, or
 * the request left it out. Anything else is a broken promise and ends the walk at once. To go on as
 * if the block were missing would be to wait, in vain, behind a gate that the responder closes for
 * bytes which it counts and this walk does not.
 *
 * <p>The charged bytes are counted by the same rule and at the same visits as the responder's, so a
 * client that knows its deal's exclusions never has to take the other side's word for the bill.
 *
 * <p>Of the request's own thread alone. Spec: GraphSync 2.0.0, link metadata.
 */
final class RequestWalk {
  private static final int MISSING_LISTED = 1000;

  private final RequestSpec spec;
  private final GraphsyncConfig config;
  private final BlockStore store;
  private final RequestListener listener;
  private final ResponseInbox inbox;
  private final RequestControl control;
  private final BooleanSupplier hasSiblings;

  private final List<Cid> missing = new ArrayList<>();
  private long missingBlocks;
  private long visits;
  private long charged;
  private long wireBlocks;
  private long wireBytes;
  private int duplicates;

  /**
   * @param hasSiblings whether other requests to the same peer are under way: without a dedup key
   *     the responder sends a block to one of them only
   */
  RequestWalk(
      RequestSpec spec,
      GraphsyncConfig config,
      BlockStore store,
      RequestListener listener,
      ResponseInbox inbox,
      RequestControl control,
      BooleanSupplier hasSiblings) {
    this.spec = spec;
    this.config = config;
    this.store = store;
    this.listener = listener;
    this.inbox = inbox;
    this.control = control;
    this.hasSiblings = hasSiblings;
  }

  /**
   * Walks with what the responder sends.
   *
   * @param charging what is never charged
   * @param wire what the responder was asked not to send this time
   */
  void withPeer(Selector selector, Exclusions charging, Exclusions wire)
      throws IOException, InterruptedException {
    run(selector, new FromRoot(charging, wire, false));
  }

  /** Walks over what is here. */
  void alone(Selector selector) throws IOException, InterruptedException {
    run(selector, new FromRoot(Exclusions.NONE, Exclusions.NONE, true));
  }

  private void run(Selector selector, FromRoot pass) throws IOException, InterruptedException {
    Walk.run(spec.root(), selector, pass::load, config.walk());
  }

  /** The position in the responder's walk. */
  long visits() {
    return visits;
  }

  boolean isComplete() {
    return missingBlocks == 0;
  }

  RequestResult result(
      RequestOutcome outcome,
      @Nullable ResponseStatus status,
      boolean walked,
      @Nullable Exception error) {
    return new RequestResult(
        outcome,
        Optional.ofNullable(status),
        walked,
        List.copyOf(missing),
        missingBlocks,
        visits,
        charged,
        wireBlocks,
        wireBytes,
        inbox.unrequested(),
        Optional.ofNullable(error));
  }

  void checkUnrequested() {
    if (inbox.unrequested() > config.unrequestedBlocks()) {
      throw new VerificationFailure(
          "BLOCK_UNREQUESTED", inbox.unrequested() + " blocks that no metadata speaks of");
    }
  }

  /** One walk from the root. */
  private final class FromRoot {
    private final WalkLedger ledger;
    private final Exclusions wire;
    private final boolean local;
    private int lackingDepth = -1;

    FromRoot(Exclusions charging, Exclusions wire, boolean local) {
      this.ledger = new WalkLedger(charging);
      this.wire = wire;
      this.local = local;
    }

    LoadResult load(Visit visit) throws IOException {
      control.check();
      Cid cid = visit.cid();
      // Beneath a branch that the responder lacked it made no visits, so there are no entries.
      if (local || (lackingDepth >= 0 && visit.depth() > lackingDepth)) {
        return fromHere(cid, 0, 0);
      }
      lackingDepth = -1;
      // Not every responder visits a CID that holds its own bytes; this one may have or not.
      if (cid.isIdentity() && !isNext(cid)) {
        return new LoadResult.Loaded(cid.hash().digestBuffer());
      }
      LinkMeta entry = inbox.take();
      // The responder is done and the walk is not: refused, or it had a limit of its own.
      if (entry == null) {
        ResponseStatus terminal = inbox.terminal();
        if (terminal != null && !terminal.success()) {
          throw new WalkEnded();
        }
        return fromHere(cid, 0, 0);
      }
      // The one check that all trust rests on: no link but the one that the selector leads to.
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
      if (here instanceof LoadResult.Loaded) {
        lackingDepth = visit.depth();
      }
      return here;
    }

    private LoadResult presentWithoutBytes(Cid cid) throws IOException {
      Optional<ByteBuffer> here = find(cid);
      if (here.isPresent()) {
        return found(cid, here.get(), 0);
      }
      if (!isLeftOut(cid)) {
        throw new VerificationFailure(
            ProtocolException.BLOCK_HASH_MISMATCH,
            "block %s is said to be there, and no bytes of it came%s"
                .formatted(cid, inbox.unrequested() > 0 ? "; others came in its place" : ""));
      }
      // Lost here since we asked. Its size is unknown, so it is not charged, whatever the responder
      // thinks.
      ledger.missing();
      visits = ledger.visits();
      return missing(cid, ledger.visits());
    }

    /** Whether we asked for no bytes at this visit, or may be getting them by another request. */
    private boolean isLeftOut(Cid cid) {
      return ledger.visits() < wire.skipFirst()
          || wire.doNotSend().contains(cid)
          || (spec.dedupKey().isEmpty() && hasSiblings.getAsBoolean());
    }

    private LoadResult arrived(Cid cid, ByteBuffer bytes) throws IOException {
      // A block that came twice is stored and charged once; only a habit of it is a fault.
      if (ledger.hasPassed(cid) && ++duplicates > config.duplicateBlocks()) {
        throw new VerificationFailure("BLOCK_DUPLICATE", duplicates + " blocks were sent twice");
      }
      // Its CID was computed from the bytes, so there is nothing left to verify.
      store.put(new Block(cid, bytes));
      wireBlocks++;
      wireBytes += bytes.remaining();
      return found(cid, bytes, bytes.remaining());
    }

    private LoadResult found(Cid cid, ByteBuffer bytes, int wire) {
      long charge = ledger.visit(cid, bytes.remaining());
      visits = ledger.visits();
      charged = ledger.charged();
      listener.onVisit(
          new VisitReport(cid, visits, bytes.remaining(), wire, false, charge, charged));
      return new LoadResult.Loaded(bytes);
    }

    private LoadResult fromHere(Cid cid, long number, long charge) throws IOException {
      Optional<ByteBuffer> here = find(cid);
      if (here.isEmpty()) {
        return missing(cid, number);
      }
      listener.onVisit(
          new VisitReport(cid, number, here.get().remaining(), 0, false, charge, ledger.charged()));
      return new LoadResult.Loaded(here.get());
    }

    private LoadResult missing(Cid cid, long number) {
      missingBlocks++;
      if (missing.size() < MISSING_LISTED) {
        missing.add(cid);
      }
      listener.onVisit(new VisitReport(cid, number, 0, 0, true, 0, ledger.charged()));
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
  }
}
