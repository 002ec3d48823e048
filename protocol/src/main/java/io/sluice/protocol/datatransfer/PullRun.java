package io.sluice.protocol.datatransfer;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.graphsync.Exclusions;
import io.sluice.protocol.graphsync.OutgoingRequest;
import io.sluice.protocol.graphsync.RequestListener;
import io.sluice.protocol.graphsync.RequestResult;
import io.sluice.protocol.graphsync.VisitReport;
import io.sluice.protocol.graphsync.wire.ResponseStatus;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Multiaddr;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A pull of ours: takes the messages out of GraphSync's responses, and puts ours where they belong.
 *
 * <p>It guards nothing: it is told things by GraphSync's threads, in the order in which they came,
 * and hands them on. GraphSync may tell of its request before the call that made it has returned;
 * who wants to cancel it from there waits for that moment.
 *
 * <p>The channel and its GraphSync request end together. A responder that says something malformed,
 * or speaks for another channel, cannot be followed any more; so the request is cancelled, and the
 * listener hears of that as of any end. Spec: data transfer 1.2, pulls.
 */
final class PullRun implements Pull, RequestListener {
  private static final Logger LOG = LoggerFactory.getLogger(PullRun.class);

  private final ChannelId channel;
  private final List<Multiaddr> addresses;
  private final PullListener listener;
  private final TransferNetwork network;
  private final Consumer<PullRun> forget;

  /** Known a moment after this is: its responses may come first. */
  private final CompletableFuture<OutgoingRequest> request = new CompletableFuture<>();

  PullRun(
      ChannelId channel,
      List<Multiaddr> addresses,
      PullListener listener,
      TransferNetwork network,
      Consumer<PullRun> forget) {
    this.channel = channel;
    this.addresses = addresses;
    this.listener = listener;
    this.network = network;
    this.forget = forget;
  }

  /** The request that it runs over; to be said once, as soon as it is made. */
  void over(OutgoingRequest beneath) {
    request.complete(beneath);
  }

  /** The responder says something, by stream or inside GraphSync. */
  void heard(TransferResponse response) {
    listener.onTransfer(response);
    if (response.type() == MessageType.CANCEL) {
      // One owner for both lifetimes: GraphSync does not go on for a channel that is given up.
      request().cancel();
    }
  }

  // ---- GraphSync

  @Override
  public void onSending(Exclusions wire) {
    listener.onSending(wire);
  }

  @Override
  public void onResponse(ResponseStatus status, Map<String, Node> extensions) {
    try {
      for (TransferMessage message : TransferExtensions.read(extensions)) {
        if (message instanceof TransferResponse response
            && response.transfer() == channel.transfer()) {
          heard(response);
        } else {
          // Else a responder could speak for a channel that is not its own.
          LOG.debug("{} got a message that is not for it: {}", channel, message);
          request().cancel();
        }
      }
    } catch (ProtocolException e) {
      LOG.debug("{} got a malformed message", channel, e);
      request().cancel();
    }
    // Behind the messages: by the status alone nobody can tell whether more is to be paid.
    listener.onResponse(status, extensions);
  }

  @Override
  public void onVisit(VisitReport visit) {
    listener.onVisit(visit);
  }

  @Override
  public void onEnd(RequestResult result) {
    listener.onEnd(result);
  }

  // ---- the initiator

  @Override
  public ChannelId channel() {
    return channel;
  }

  @Override
  public OutgoingRequest request() {
    return request.join();
  }

  @Override
  public CompletableFuture<Void> sendVoucher(TypedVoucher voucher) {
    return send(TransferRequest.voucher(channel.transfer(), voucher));
  }

  @Override
  public CompletableFuture<Void> pause() {
    // GraphSync 2.0.0 has no pause of the requestor's: it cancels, and asks again to go on.
    request().cancel();
    return send(TransferRequest.update(channel.transfer(), true));
  }

  @Override
  public CompletableFuture<Void> cancel() {
    // Both: a responder that has sent everything hears of the channel by its message alone.
    request().cancel();
    return send(TransferRequest.cancel(channel.transfer()));
  }

  @Override
  public void close() {
    forget.accept(this); // first: what the cancel brings up is for nobody
    request().cancel();
  }

  /** On a stream of its own: GraphSync requests cannot be added to as responses can. */
  private CompletableFuture<Void> send(TransferRequest message) {
    return network.send(channel.responder(), addresses, message);
  }
}
