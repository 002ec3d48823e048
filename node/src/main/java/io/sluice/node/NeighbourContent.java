package io.sluice.node;

import io.sluice.dealstore.blocks.log.BlockLog;
import io.sluice.dealstore.blocks.log.LogEntry;
import io.sluice.node.content.ContentRecord;
import io.sluice.node.content.DenyList;
import io.sluice.node.pricing.PriceTag;
import io.sluice.node.pullsync.PullsyncHome;
import io.sluice.node.pullsync.PullsyncRefusal;
import io.sluice.node.sync.SyncCaller;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Multihash;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.pullsync.Delivery;
import io.sluice.protocol.pullsync.Lane;
import io.sluice.protocol.pullsync.PullsyncError.Code;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * This node, as its neighbours see it. Everything may be read by peers that were granted to read:
 * all that came, also what is on its way in and not listed yet; not what was taken off the list.
 * The lane of a root may be read by them, and by everybody if the root is given away by the price
 * list. What is denied is not there, and peers that are denied get nothing.
 *
 * @param node has all of it
 */
record NeighbourContent(SluiceNode node) implements PullsyncHome {
  @Override
  public BlockLog log() throws IOException {
    return node.log();
  }

  @Override
  public BlockStore store() throws IOException {
    return node.blocks();
  }

  @Override
  public LaneView view(PeerId peer, Lane lane) throws IOException, PullsyncRefusal {
    if (node.denied().denies(peer)) {
      throw PullsyncRefusal.because(Code.REFUSED, "this node does not serve " + peer);
    }
    boolean granted = new Grants(node).caller(peer).filter(SyncCaller::read).isPresent();
    if (lane.root().isPresent()) {
      return root(lane.root().get(), granted);
    }
    if (!granted) {
      throw PullsyncRefusal.because(
          Code.REFUSED, "everything is for those who were granted to read; ask for a grant");
    }
    return new Everything(node.denied(), node.withdrawnBlocks().now());
  }

  private LaneView root(Cid root, boolean granted) throws IOException, PullsyncRefusal {
    if (node.denied().denies(root)) {
      throw notFound(root);
    }
    Optional<ContentRecord> listed = node.contents().find(root);
    if (listed.isEmpty()) {
      if (granted && node.contents().removedSince(root, Instant.EPOCH)) {
        return new RemovedRoot(root); // whoever has it is to hear of that
      }
      throw notFound(root);
    }
    boolean free =
        listed.get().imported() && node.prices().quote(root).filter(PriceTag::isFree).isPresent();
    if (!granted && !free) {
      boolean sold = listed.get().imported() && node.prices().quote(root).isPresent();
      throw PullsyncRefusal.because(
          sold ? Code.PAYMENT_REQUIRED : Code.REFUSED, node.readable().terms(root));
    }
    Optional<BeneathRoots.Beneath> whole =
        listed.get().complete()
            ? Optional.of(node.beneathRoots().of(root)).filter(BeneathRoots.Beneath::closed)
            : Optional.empty();
    if (whole.isEmpty()) {
      throw PullsyncRefusal.because(Code.NOT_FOUND, "some of " + root + " is missing here");
    }
    return new WholeRoot(root, whole.get(), node.denied());
  }

  private static PullsyncRefusal notFound(Cid root) {
    return PullsyncRefusal.because(Code.NOT_FOUND, root + " is not here");
  }

  /** All that came. */
  private record Everything(DenyList denied, Set<Multihash> withdrawn) implements LaneView {
    @Override
    public boolean holds(LogEntry entry) {
      return !denied.denies(entry.cid())
          && (!(entry.what() instanceof LogEntry.BlockCame)
              || !withdrawn.contains(entry.cid().hash()));
    }

    @Override
    public Delivery.Status mayRead(Cid block) {
      return denied.denies(block) || withdrawn.contains(block.hash())
          ? Delivery.Status.REFUSED
          : Delivery.Status.OK;
    }
  }

  /** What lies beneath a root. */
  private record WholeRoot(Cid root, BeneathRoots.Beneath beneath, DenyList denied)
      implements LaneView {
    @Override
    public boolean holds(LogEntry entry) {
      return entry.what() instanceof LogEntry.BlockCame
          ? mayRead(entry.cid()) == Delivery.Status.OK
          : entry.cid().hash().equals(root.hash());
    }

    @Override
    public Delivery.Status mayRead(Cid block) {
      return beneath.holds(block.hash()) && !denied.denies(block)
          ? Delivery.Status.OK
          : Delivery.Status.REFUSED;
    }
  }

  /** A root that is not listed any more: that it is not. */
  private record RemovedRoot(Cid root) implements LaneView {
    @Override
    public boolean holds(LogEntry entry) {
      return !(entry.what() instanceof LogEntry.BlockCame)
          && entry.cid().hash().equals(root.hash());
    }

    @Override
    public Delivery.Status mayRead(Cid block) {
      return Delivery.Status.REFUSED;
    }
  }
}
