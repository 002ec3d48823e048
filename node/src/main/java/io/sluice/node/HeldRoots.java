package io.sluice.node;

import io.sluice.dealstore.DealStore;
import io.sluice.dealstore.blocks.NeededRoots;
import io.sluice.fsm.StoredMachine;
import io.sluice.fsm.client.ClientDeal;
import io.sluice.fsm.client.ClientDeals;
import io.sluice.fsm.provider.ProviderDeals;
import io.sluice.fsm.provider.ProviderState;
import io.sluice.fsm.transfer.TransferTable;
import io.sluice.node.content.Contents;
import io.sluice.node.transfer.TransferRecords;
import io.sluice.protocol.multiformats.Cid;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The roots that blocks are kept for: what is listed, what retrievals under way are after, what
 * deals and pushes that may still transfer are about, and what was bought and nobody has taken off
 * the list.
 *
 * <p>The last is for retrievals that did not get to their end, so that the content is not listed: a
 * command that was killed, a deal that failed half way. Those bytes are paid for, so they stay
 * until somebody says {@code rm}.
 *
 * @param store has the deals
 * @param contents what is listed
 * @param retrievals roots of retrievals under way
 */
record HeldRoots(DealStore store, Contents contents, Supplier<Set<Cid>> retrievals)
    implements NeededRoots {
  @Override
  public Set<Cid> now() throws IOException {
    // In this order: what a retrieval is after is a deal before it ends, and listed before it ends.
    Set<Cid> held = new HashSet<>(retrievals.get());
    for (StoredMachine machine : store.live(ClientDeals.TABLE.name())) {
      held.add(bought(machine).order().root());
    }
    for (StoredMachine machine : store.live(ProviderDeals.TABLE.name())) {
      if (!ProviderState.valueOf(machine.state()).isOver()) {
        held.add(ProviderDeals.TABLE.data().decode(machine.data()).order().root());
      }
    }
    for (StoredMachine machine : store.live(TransferTable.TABLE.name())) {
      if (TransferRecords.isOwn(machine.id())) {
        held.add(TransferTable.TABLE.data().decode(machine.data()).opening().root());
      }
    }
    held.addAll(leftovers());
    held.addAll(contents.all().keySet());
    return held;
  }

  /** Roots of what ended deals brought and nobody has taken off the list since. */
  Set<Cid> leftovers() throws IOException {
    Set<Cid> left = new HashSet<>();
    for (StoredMachine machine : store.all(ClientDeals.TABLE.name())) {
      ClientDeal deal = bought(machine);
      Cid root = deal.order().root();
      if (deal.progress().received() > 0
          && deal.standing()
              .end()
              .filter(end -> !contents.removedSince(root, end.at()))
              .isPresent()) {
        left.add(root);
      }
    }
    return left;
  }

  private static ClientDeal bought(StoredMachine machine) {
    return ClientDeals.TABLE.data().decode(machine.data());
  }
}
