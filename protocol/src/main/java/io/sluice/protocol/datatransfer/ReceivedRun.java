package io.sluice.protocol.datatransfer;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.graphsync.Exclusions;
import io.sluice.protocol.graphsync.OutgoingRequest;
import io.sluice.protocol.graphsync.RequestListener;
import io.sluice.protocol.graphsync.RequestResult;
import io.sluice.protocol.graphsync.VisitReport;
import io.sluice.protocol.graphsync.wire.ResponseStatus;
import io.sluice.protocol.ipld.Node;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A push of a peer, during one GraphSync request of ours: takes the initiator's messages out of the
 * responses, and puts ours where they belong.
 *
 * <p>The monitor guards whether a request runs or may still begin. It is held while the request is
 * made, so that an end that comes in this moment finds it and cancels it; GraphSync calls nobody
 * back on the thread that asks, so nothing can wait for the monitor meanwhile.
 *
 * <p>An initiator that says something malformed inside GraphSync, or speaks for another channel,
 * cannot be followed any more: the request ends, and with it what it could still send. Spec: data
 * transfer 1.2, pushes.
 */
final class ReceivedRun implements ReceivedPush, RequestListener {
  private static final Logger LOG = LoggerFactory.getLogger(ReceivedRun.class);

  private final ChannelId channel;
  private final TransferNetwork network;
  private final BiConsumer<ReceivedRun, TransferRequest> said;
  private final Consumer<ReceivedRun> forget;
  // Set before the request is made, and read by GraphSync's threads.
  private volatile @Nullable RequestListener listener;

  // Guarded by this. Over may come first: then nothing is asked for at all.
  private @Nullable OutgoingRequest request;
  private boolean over;

  /**
   * @param said hears what the initiator says inside GraphSync
   * @param forget hears that the GraphSync request is over
   */
  ReceivedRun(
      ChannelId channel,
      TransferNetwork network,
      BiConsumer<ReceivedRun, TransferRequest> said,
      Consumer<ReceivedRun> forget) {
    this.channel = channel;
    this.network = network;
    this.said = said;
    this.forget = forget;
  }

  /** Who hears of the GraphSync request, from its beginning on. */
  void heardBy(RequestListener who) {
    listener = who;
  }

  /** Asks for the data, unless it is over by now. */
  void ask(Supplier<OutgoingRequest> how) {
    synchronized (this) {
      if (!over) {
        request = how.get();
      }
    }
  }

  /** Ends what GraphSync still does for it. */
  void end() {
    OutgoingRequest running;
    synchronized (this) {
      over = true;
      running = request;
    }
    // Outside of the monitor: the end comes back here, on another thread.
    if (running != null) {
      running.cancel();
    }
  }

  // ---- GraphSync

  /** Nobody listens to a run that was made to say something only. */
  private void tell(Consumer<RequestListener> what) {
    RequestListener to = listener;
    if (to != null) {
      what.accept(to);
    }
  }

  @Override
  public void onSending(Exclusions wire) {
    tell(to -> to.onSending(wire));
  }

  @Override
  public void onResponse(ResponseStatus status, Map<String, Node> extensions) {
    try {
      for (TransferMessage message : TransferExtensions.read(extensions)) {
        if (message instanceof TransferRequest asked && asked.transfer() == channel.transfer()) {
          said.accept(this, asked);
        } else {
          // The sender pretends, or mixes its channels up: no block of it is taken.
          LOG.debug("{} got a message that is not for it: {}", channel, message);
          end();
        }
      }
    } catch (ProtocolException e) {
      LOG.debug("{} got a malformed message", channel, e);
      end();
    }
    // Behind its messages, as they stand in front of the blocks.
    tell(to -> to.onResponse(status, extensions));
  }

  @Override
  public void onVisit(VisitReport visit) {
    tell(to -> to.onVisit(visit));
  }

  @Override
  public void onEnd(RequestResult result) {
    forget.accept(this); // first: whoever hears of the end may begin the next
    tell(to -> to.onEnd(result));
  }

  // ---- the responder

  @Override
  public ChannelId channel() {
    return channel;
  }

  @Override
  public CompletableFuture<Void> pause() {
    // A requestor pauses by cancelling; to go on, another run asks again.
    end();
    return send(TransferResponse.update(channel.transfer(), false, true));
  }

  @Override
  public CompletableFuture<Void> sendResult(
      boolean accepted, boolean paused, Optional<TypedVoucher> result) {
    return send(TransferResponse.voucherResult(channel.transfer(), accepted, paused, result));
  }

  @Override
  public CompletableFuture<Void> complete(boolean paused, Optional<TypedVoucher> result) {
    return send(TransferResponse.complete(channel.transfer(), true, paused, result));
  }

  @Override
  public CompletableFuture<Void> cancel() {
    end();
    return send(TransferResponse.cancel(channel.transfer()));
  }

  @Override
  public CompletableFuture<Void> refuse(Optional<TypedVoucher> result) {
    end();
    return sendResult(false, false, result);
  }

  @Override
  public CompletableFuture<Void> askRestart() {
    return send(TransferRequest.restartExisting(channel));
  }

  @Override
  public void close() {
    end();
  }

  /** On a stream of its own; where the initiator is reached is known from its connection. */
  private CompletableFuture<Void> send(TransferMessage message) {
    return network.send(channel.initiator(), List.of(), message);
  }

  @Override
  public String toString() {
    return "ReceivedPush[" + channel + "]";
  }
}
