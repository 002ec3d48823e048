package io.sluice.node;

import io.sluice.dealstore.blocks.DagSummary;
import io.sluice.node.sync.SyncCaller;
import io.sluice.node.sync.SyncHome;
import io.sluice.node.sync.SyncRefusal;
import io.sluice.node.transfer.Receiving;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.PeerId;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * This node, as dsync sees it: who may what by grants, what came as other pushes are kept.
 *
 * @param node has all of it
 */
record SyncedContent(SluiceNode node) implements SyncHome {
  @Override
  public SyncCaller caller(Optional<String> token) throws IOException {
    return new Grants(node).caller(token);
  }

  /** A peer that pushes by data transfer may push in this way as well. */
  @Override
  public SyncCaller caller(PeerId peer) throws IOException {
    Optional<SyncCaller> granted = new Grants(node).caller(peer);
    if (granted.filter(SyncCaller::push).isPresent()) {
      return granted.get();
    }
    Optional<Receiving.ReceiveRule> rule = new PushedContent(node).rule(peer);
    SyncCaller known = granted.orElseGet(() -> SyncCaller.stranger(peer.toString()));
    return rule.isEmpty()
        ? known
        : new SyncCaller(known.name(), true, known.read(), known.remove(), rule.get().max());
  }

  @Override
  public Optional<String> unreadable(SyncCaller caller, List<Cid> blocks) throws IOException {
    return node.readable().objection(blocks, caller.read());
  }

  @Override
  public BlockStore store() throws IOException {
    return node.blocks();
  }

  @Override
  public Optional<String> lacksRoom(long arriving) throws IOException {
    return new PushedContent(node).lacksRoom(arriving, 0);
  }

  @Override
  public void received(SyncCaller from, Cid root, boolean pin) throws IOException, SyncRefusal {
    DagSummary dag = node.blocks().summarize(root);
    if (!dag.complete()) {
      throw new SyncRefusal(
          SyncRefusal.RefusalKind.REFUSED,
          "the manifest does not name all that lies beneath its root; %s is missing"
              .formatted(dag.missing().getFirst()));
    }
    new PushedContent(node).keep(from.name(), root, dag, pin || pinsAnyway(from));
  }

  /** Of a peer whose data transfers are kept, what it pushes in this way is as well. */
  private boolean pinsAnyway(SyncCaller from) throws IOException {
    return new PushedContent(node).pinsOf(from.name());
  }

  @Override
  public boolean remove(Cid root) throws IOException {
    if (node.contents().find(root).isEmpty()) {
      return false;
    }
    node.offered().withdraw(root); // first: from here on nothing is sold because it is still here
    node.contents().remove(root, node.clock().instant());
    return true;
  }
}
