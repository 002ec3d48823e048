package io.sluice.node.provider;

import static io.sluice.node.provider.Answers.typed;

import io.sluice.protocol.datatransfer.ChannelId;
import io.sluice.protocol.datatransfer.PullDecision;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.DealResponse;
import io.sluice.protocol.retrieval.DealStatus;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Says no to proposals: to the client, to the operator, and in the metrics. */
final class Refusals {
  private static final long ANSWER_SECONDS = 2;

  private final DealDesk desk;
  private final Answers answers;
  private final RefusedDeals refusedDeals;

  Refusals(DealDesk desk, Answers answers, RefusedDeals refusedDeals) {
    this.desk = desk;
    this.answers = answers;
    this.refusedDeals = refusedDeals;
  }

  /**
   * Refuses. A client that sent an opening is told the particulars first, on a stream of their own,
   * since the refusal itself has no room for them.
   */
  PullDecision refuse(Wish wish, Refusal why) {
    desk.metrics().refused(why.code());
    ChannelId channel = wish.request().channel();
    if (wish.opening().isPresent()) {
      try {
        answers
            .result(channel, false, false, typed(why.result(wish.number())))
            .get(ANSWER_SECONDS, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (ExecutionException | TimeoutException e) {
        // The refusal that follows has the code too.
      }
    }
    refusedDeals.keep(wish, why);
    DealStatus status =
        why.code() == DealCode.NOT_FOUND ? DealStatus.DEAL_NOT_FOUND : DealStatus.REJECTED;
    return PullDecision.reject(
        Optional.of(typed(DealResponse.of(status, wish.number(), why.line()))));
  }
}
