package io.sluice.node.client;

import io.sluice.fsm.client.ClientDeal;
import io.sluice.protocol.datatransfer.ChannelId;
import io.sluice.protocol.datatransfer.PullSpec;
import io.sluice.protocol.datatransfer.TypedVoucher;
import io.sluice.protocol.graphsync.Exclusions;
import io.sluice.protocol.graphsync.RequestSpec;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.DealProposal;
import io.sluice.protocol.retrieval.RetrievalNames;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.Map;

/**
 * What goes out for a deal: the first request, or a restart that repeats it and leaves out what has
 * come since.
 */
final class Proposal {
  private static final Terms FREE = Terms.atPrice(TokenAmount.ZERO);

  private final PeerId self;
  private final ClientDeal deal;
  private final Exclusions first;
  private final LocalPart local;

  Proposal(PeerId self, ClientDeal deal, Exclusions first, LocalPart local) {
    this.self = self;
    this.deal = deal;
    this.first = first;
    this.local = local;
  }

  PullSpec spec() {
    long skip = Math.max(first.skipFirst(), local.position());
    Exclusions wire = deal.answered() ? new Exclusions(skip, first.doNotSend()) : first;
    RequestSpec request =
        RequestSpec.of(deal.root(), deal.selector())
            .with(extensions())
            .at(deal.addresses())
            .leavingOut(wire)
            .keyed(new ChannelId(self, deal.provider(), deal.transfer()).dedupKey())
            .always()
            .charging(first);
    return new PullSpec(deal.provider(), deal.transfer(), deal.answered(), voucher(deal), request);
  }

  private Map<String, Node> extensions() {
    return deal.lane()
        .map(lane -> Map.of(RetrievalNames.OPEN_EXTENSION, lane.opening().toNode()))
        .orElse(Map.of());
  }

  /** Why the provider should agree; the same at each attempt. */
  static TypedVoucher voucher(ClientDeal deal) {
    DealProposal proposal =
        DealProposal.of(deal.root(), deal.id(), deal.selector(), deal.terms().orElse(FREE));
    return new TypedVoucher(RetrievalNames.PROPOSAL, proposal.toNode());
  }
}
