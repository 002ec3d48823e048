package io.sluice.node.provider;

import io.sluice.protocol.datatransfer.ChannelId;
import io.sluice.protocol.datatransfer.DataTransfer;
import io.sluice.protocol.datatransfer.TransferMessage;
import io.sluice.protocol.datatransfer.TransferResponse;
import io.sluice.protocol.datatransfer.TypedVoucher;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.DealResponse;
import io.sluice.protocol.retrieval.DealResult;
import io.sluice.protocol.retrieval.DealStatus;
import io.sluice.protocol.retrieval.RetrievalNames;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a provider says of a deal by stream, whether or not a transfer is under way. Nobody waits
 * for these: a client that missed one asks again or is told again.
 */
final class Answers {

  private static final Logger LOG = LoggerFactory.getLogger(Answers.class);

  private volatile @Nullable DataTransfer transfers;

  void by(DataTransfer endpoint) {
    transfers = endpoint;
  }

  /** Says aloud that nobody waits for it: what it was about is looked at again in any case. */
  static void unheard(CompletableFuture<?> told) {
    var unused =
        told.exceptionally(
            failure -> {
              LOG.debug("not told: {}", failure.toString());
              return null;
            });
  }

  static TypedVoucher typed(DealResponse response) {
    return new TypedVoucher(RetrievalNames.RESPONSE, response.toNode());
  }

  static TypedVoucher typed(DealResult result) {
    return new TypedVoucher(RetrievalNames.RESULT, result.toNode());
  }

  /** That a payment is needed, in the words of old and in our own. */
  static List<TypedVoucher> demands(long deal, TokenAmount owed, long charged) {
    return List.of(
        typed(DealResponse.demand(DealStatus.FUNDS_NEEDED, deal, owed)),
        typed(DealResult.of(deal, DealCode.FUNDS_NEEDED).owing(owed, charged)));
  }

  /** A voucher result. */
  CompletableFuture<Void> result(
      ChannelId channel, boolean accepted, boolean paused, TypedVoucher result) {
    return send(
        channel,
        TransferResponse.voucherResult(channel.transfer(), accepted, paused, Optional.of(result)));
  }

  /** That all was sent. */
  void complete(ChannelId channel, boolean paused, Optional<TypedVoucher> result) {
    unheard(send(channel, TransferResponse.complete(channel.transfer(), true, paused, result)));
  }

  /** That the channel is given up. */
  void cancel(ChannelId channel) {
    unheard(send(channel, TransferResponse.cancel(channel.transfer())));
  }

  private CompletableFuture<Void> send(ChannelId channel, TransferMessage message) {
    DataTransfer endpoint = transfers;
    if (endpoint == null) {
      return CompletableFuture.completedFuture(null);
    }
    return endpoint
        .send(channel.initiator(), List.of(), message)
        .exceptionally(
            failure -> {
              LOG.debug("{} was not told {}: {}", channel, message.type(), failure.toString());
              return null;
            });
  }
}
