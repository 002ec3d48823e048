package io.sluice.node.provider;

import io.sluice.fsm.DealOutcome;
import io.sluice.fsm.provider.ProviderDeal;
import io.sluice.fsm.provider.ProviderOrder;
import io.sluice.fsm.provider.ProviderState;
import io.sluice.protocol.LatestEntries;
import io.sluice.protocol.datatransfer.ChannelId;
import io.sluice.protocol.datatransfer.ServedPull;
import io.sluice.protocol.datatransfer.TransferMessage;
import io.sluice.protocol.datatransfer.TransferResponse;
import io.sluice.protocol.datatransfer.TypedVoucher;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.DealResponse;
import io.sluice.protocol.retrieval.DealResult;
import io.sluice.protocol.retrieval.DealStatus;
import io.sluice.protocol.retrieval.RetrievalNames;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a provider says of a deal by stream, whether or not a transfer is under way. Nobody waits
 * for these: a client that missed one asks again or is told again.
 */
final class ClientNotices {
  private static final Logger LOG = LoggerFactory.getLogger(ClientNotices.class);
  private static final int REMEMBERED = 1024;

  /** Sends a message on a stream of its own. */
  @FunctionalInterface
  interface MessageSender {
    CompletableFuture<Void> send(PeerId peer, TransferMessage message);
  }

  /** Until there is a way to anybody, nothing is said. */
  private volatile MessageSender sender =
      (peer, message) -> CompletableFuture.completedFuture(null);

  /** The latest channels that were told of their completion, or are being told. */
  private final Map<ChannelId, Boolean> toldComplete = LatestEntries.byInsertion(REMEMBERED);

  void by(MessageSender endpoint) {
    sender = endpoint;
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
    return new TypedVoucher(RetrievalNames.RESPONSE, DealResponse.CODEC.encode(response));
  }

  static TypedVoucher typed(DealResult result) {
    return new TypedVoucher(RetrievalNames.RESULT, DealResult.CODEC.encode(result));
  }

  /** That a payment is needed, in the words of old and in our own. */
  static List<TypedVoucher> demands(long deal, TokenAmount owed, long charged) {
    return List.of(
        typed(DealResponse.demand(DealStatus.FUNDS_NEEDED, deal, owed)),
        typed(DealResult.of(deal, DealCode.FUNDS_NEEDED).owing(owed, charged)));
  }

  /** A voucher result; done, whatever became of it, when it is written or given up. */
  CompletableFuture<Void> tell(
      ChannelId channel, boolean accepted, boolean paused, TypedVoucher result) {
    return send(
        channel,
        TransferResponse.voucherResult(channel.transfer(), accepted, paused, Optional.of(result)));
  }

  /** A payment is taken, and all is well or something is due. */
  void accept(ChannelId channel, boolean paused, TypedVoucher result) {
    unheard(tell(channel, true, paused, result));
  }

  /** A payment, an opening or the deal itself is refused, and no transfer of it is under way. */
  void refuse(ChannelId channel, DealResult result) {
    unheard(tell(channel, false, false, typed(result)));
  }

  /**
   * Ends a transfer and says why in one: in our own words to a client that sent an opening, in
   * those of old to any other.
   */
  static void end(ServedPull pull, boolean opened, DealStatus status, DealResult why) {
    TypedVoucher result =
        opened ? typed(why) : typed(DealResponse.of(status, why.id(), why.line()));
    unheard(pull.refuse(Optional.of(result)));
  }

  /** That all was sent; paused means that something is still wanted. */
  void complete(ChannelId channel, boolean paused, Optional<DealResponse> response) {
    unheard(
        send(
            channel,
            TransferResponse.complete(
                channel.transfer(), true, paused, response.map(ClientNotices::typed))));
  }

  /** Says that the deal is done; a free deal in the words of old, without a result. */
  void completed(ChannelId channel, ProviderOrder order) {
    synchronized (toldComplete) {
      toldComplete.put(channel, true);
    }
    unheard(
        sender
            .send(
                channel.initiator(),
                TransferResponse.complete(
                    channel.transfer(),
                    true,
                    false,
                    order.paid() ? Optional.of(done(order.id())) : Optional.empty()))
            .whenComplete(
                (sent, failure) -> {
                  if (failure != null) {
                    forgetComplete(channel);
                  }
                }));
  }

  /**
   * That a deal which is over is paid: its client keeps the last voucher, and waits for a moment,
   * until it hears of this. The transfer itself completes once: a Go client that hears of it twice
   * may wait for its end for ever.
   */
  void settled(ChannelId channel, ProviderDeal deal) {
    if (!deal.outcome().equals(Optional.of(DealOutcome.COMPLETED))) {
      String end = deal.stateShown(ProviderState.ENDED);
      accept(channel, false, typed(DealResult.of(deal.order().id(), DealCode.named(end))));
    } else if (isToldComplete(channel)) {
      accept(channel, false, done(deal.order().id()));
    } else {
      completed(channel, deal.order());
    }
  }

  private static TypedVoucher done(long deal) {
    return typed(DealResponse.of(DealStatus.COMPLETED, deal, ""));
  }

  private boolean isToldComplete(ChannelId channel) {
    synchronized (toldComplete) {
      return toldComplete.containsKey(channel);
    }
  }

  private void forgetComplete(ChannelId channel) {
    synchronized (toldComplete) {
      toldComplete.remove(channel);
    }
  }

  /**
   * That a deal which is over is not paid, and what is missing: its client can pay that late.
   *
   * @param kept whether this answers a voucher, which the client then need not send again
   */
  void unpaid(ChannelId channel, DealResult debt, boolean kept) {
    accept(channel, !kept, typed(debt));
  }

  /** That all was sent and so much is still owed. */
  void lastPayment(ChannelId channel, long deal, TokenAmount owed) {
    complete(
        channel,
        true,
        Optional.of(DealResponse.demand(DealStatus.FUNDS_NEEDED_LAST_PAYMENT, deal, owed)));
  }

  /** That the channel is given up. */
  void cancel(ChannelId channel) {
    unheard(send(channel, TransferResponse.cancel(channel.transfer())));
  }

  private CompletableFuture<Void> send(ChannelId channel, TransferMessage message) {
    return sender
        .send(channel.initiator(), message)
        .exceptionally(
            failure -> {
              LOG.debug("{} was not told {}: {}", channel, message.type(), failure.toString());
              return null;
            });
  }
}
