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
 */
final class PullRun implements Pull, RequestListener {
  private static final Logger LOG = LoggerFactory.getLogger(PullRun.class);

  private final ChannelId channel;
  private final List<Multiaddr> addresses;
  private final PullListener listener;
  private final TransferNetwork network;
  private final Consumer<PullRun> forget;
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
          LOG.debug("{} got a message that is not for it: {}", channel, message);
          request().cancel();
        }
      }
    } catch (ProtocolException e) {
      LOG.debug("{} got a malformed message", channel, e);
      request().cancel();
    }
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
    request().cancel();
    return send(TransferRequest.update(channel.transfer(), true));
  }

  @Override
  public CompletableFuture<Void> cancel() {
    request().cancel();
    return send(TransferRequest.cancel(channel.transfer()));
  }

  @Override
  public void close() {
    forget.accept(this);
    request().cancel();
  }

  private CompletableFuture<Void> send(TransferRequest message) {
    return network.send(channel.responder(), addresses, message);
  }
}
