package io.sluice.node.provider;

import static io.sluice.node.provider.ClientNotices.typed;

import io.sluice.protocol.datatransfer.PullDecision;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.DealResponse;
import io.sluice.protocol.retrieval.DealStatus;
import java.util.Optional;

/** Says no to proposals: to the client, to the operator, and in the metrics. */
record RefusalSender(ProviderMetrics metrics, RefusedProposals refused) {
  /**
   * Refuses: a client that sent an opening in our own words, any other in those of old. The refusal
   * itself carries them, so that nobody reads it without its reason.
   */
  PullDecision refuse(IncomingProposal proposal, ProposalRefusal why) {
    metrics.refused(why.code());
    refused.keep(proposal, why);
    return PullDecision.reject(
        Optional.of(
            proposal.opening().isPresent()
                ? typed(why.result(proposal.number()))
                : typed(DealResponse.of(status(why), proposal.number(), why.line()))));
  }

  private static DealStatus status(ProposalRefusal why) {
    return why.code() == DealCode.NOT_FOUND ? DealStatus.DEAL_NOT_FOUND : DealStatus.REJECTED;
  }
}
