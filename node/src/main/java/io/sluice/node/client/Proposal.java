package io.sluice.node.client;

import io.sluice.fsm.client.ClientDeal;
import io.sluice.protocol.datatransfer.ChannelId;
import io.sluice.protocol.datatransfer.PullSpec;
import io.sluice.protocol.datatransfer.TypedVoucher;
import io.sluice.protocol.graphsync.Exclusions;
import io.sluice.protocol.graphsync.RequestSpec;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.DealOpening;
import io.sluice.protocol.retrieval.DealProposal;
import io.sluice.protocol.retrieval.RetrievalNames;
import io.sluice.protocol.retrieval.Terms;
import java.util.Map;

/**
 * What goes out for a deal: the first request, or a restart that repeats it and leaves out what has
 * come since.
 */
final class Proposal {
  private final PeerId self;
  private final ClientDeal deal;
  private final Exclusions first;
  private final LocalContent local;

  Proposal(PeerId self, ClientDeal deal, Exclusions first, LocalContent local) {
    this.self = self;
    this.deal = deal;
    this.first = first;
    this.local = local;
  }

  PullSpec spec() {
    long skip = Math.max(first.skipFirst(), local.position());
    Exclusions wire = deal.progress().answered() ? new Exclusions(skip, first.doNotSend()) : first;
    RequestSpec request =
        RequestSpec.of(deal.order().root(), deal.order().selector())
            .with(extensions())
            .at(deal.order().addresses())
            .leavingOut(wire)
            .keyed(
                new ChannelId(self, deal.order().provider(), deal.progress().transfer()).dedupKey())
            .always()
            .charging(first);
    return new PullSpec(
        deal.order().provider(),
        deal.progress().transfer(),
        deal.progress().answered(),
        voucher(deal),
        request);
  }

  private Map<String, Node> extensions() {
    return deal.money()
        .map(paying -> paying.lane().opening())
        .map(opening -> Map.of(RetrievalNames.OPEN_EXTENSION, DealOpening.CODEC.encode(opening)))
        .orElse(Map.of());
  }

  /** Why the provider should agree; the same at each attempt. */
  static TypedVoucher voucher(ClientDeal deal) {
    DealProposal proposal =
        DealProposal.of(
            deal.order().root(),
            deal.id(),
            deal.order().selector(),
            deal.terms().orElse(Terms.FREE));
    return new TypedVoucher(RetrievalNames.PROPOSAL, DealProposal.CODEC.encode(proposal));
  }
}
