package io.sluice.node.provider;

import static io.sluice.node.provider.ClientNotices.typed;

import io.sluice.protocol.datatransfer.PullDecision;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.DealResponse;
import io.sluice.protocol.retrieval.DealStatus;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Says no to proposals: to the client, to the operator, and in the metrics. */
record RefusalSender(ProviderMetrics metrics, ClientNotices notices, RefusedProposals refused) {
  private static final long ANSWER_SECONDS = 2;

  /**
   * Refuses. A client that sent an opening is told the particulars first, on a stream of their own,
   * since the refusal itself has no room for them.
   */
  PullDecision refuse(IncomingProposal proposal, ProposalRefusal why) {
    metrics.refused(why.code());
    if (proposal.opening().isPresent()) {
      try {
        notices
            .tell(proposal.channel(), false, false, typed(why.result(proposal.number())))
            .get(ANSWER_SECONDS, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (ExecutionException | TimeoutException e) {
        // The refusal that follows has the code too.
      }
    }
    refused.keep(proposal, why);
    DealStatus status =
        why.code() == DealCode.NOT_FOUND ? DealStatus.DEAL_NOT_FOUND : DealStatus.REJECTED;
    return PullDecision.reject(
        Optional.of(typed(DealResponse.of(status, proposal.number(), why.line()))));
  }
}
