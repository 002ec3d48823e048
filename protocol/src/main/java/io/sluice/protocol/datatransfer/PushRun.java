package io.sluice.protocol.datatransfer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.sluice.protocol.graphsync.IncomingRequest;
import io.sluice.protocol.graphsync.OutgoingResponse;
import io.sluice.protocol.graphsync.RequestDecision;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A push of ours. The responder may ask for the data more than once, after pauses and restarts; the
 * response to its latest request is the one that counts.
 */
final class PushRun implements Push {
  private final ChannelId channel;
  private final PushSpec spec;
  private final PushListener listener;
  private final TransferNetwork network;
  private final Consumer<PushRun> forget;
  private final CompletableFuture<Void> opened;
  private final Lock asking = new ReentrantLock();

  @GuardedBy("asking")
  private boolean over;

  // Guarded by this.
  private @Nullable OutgoingResponse response;
  private boolean paused;

  PushRun(
      ChannelId channel,
      PushSpec spec,
      PushListener listener,
      TransferNetwork network,
      Consumer<PushRun> forget) {
    this.channel = channel;
    this.spec = spec;
    this.listener = listener;
    this.network = network;
    this.forget = forget;
    this.opened = new CompletableFuture<>();
  }

  /** Sends the request; to be called once it is known as the channel's run. */
  void open() {
    var unused =
        send(TransferRequest.push(
                spec.restart(), spec.transfer(), spec.root(), spec.selector(), spec.voucher()))
            .whenComplete(
                (sent, failure) -> {
                  if (failure == null) {
                    opened.complete(null);
                  } else {
                    opened.completeExceptionally(failure);
                  }
                });
  }

  /** The responder says something on a stream. */
  void heard(TransferResponse message) {
    listener.onTransfer(message);
    if (message.type() == MessageType.CANCEL) {
      end();
    }
  }

  /** The responder asks for the data, and says something with it. */
  RequestDecision asked(TransferResponse message, IncomingRequest request) {
    listener.onTransfer(message);
    boolean wanted =
        message.accepted() || message.type() == MessageType.UPDATE; // an update accepts nothing
    boolean same =
        new PullOpening(spec.root(), spec.selector(), Optional.empty())
            .asks(request.root(), request.selector());
    if (!wanted || !same) {
      return OutgoingPushes.REFUSED;
    }
    asking.lock(); // of two requests the listener and we take the same for the latest
    try {
      if (over) { // the listener expects a request to its next push, or none
        return OutgoingPushes.REFUSED;
      }
      RequestDecision.Serve how = listener.onAsked(request.asked());
      return served(request.response(), how);
    } finally {
      asking.unlock();
    }
  }

  private RequestDecision served(OutgoingResponse latest, RequestDecision.Serve how) {
    OutgoingResponse before;
    boolean waits;
    synchronized (this) {
      before = response;
      response = latest;
      waits = paused;
    }
    if (before != null) {
      before.cancel();
    }
    return how.paused(waits);
  }

  private @Nullable OutgoingResponse current() {
    synchronized (this) {
      return response;
    }
  }

  private void end() {
    asking.lock();
    try {
      over = true;
    } finally {
      asking.unlock();
    }
    OutgoingResponse last = current();
    if (last != null) {
      last.cancel();
    }
  }

  @Override
  public ChannelId channel() {
    return channel;
  }

  @Override
  public CompletableFuture<Void> opened() {
    return opened;
  }

  @Override
  public CompletableFuture<Void> sendVoucher(TypedVoucher voucher) {
    return send(TransferRequest.voucher(channel.transfer(), voucher));
  }

  @Override
  public CompletableFuture<Void> pause() {
    OutgoingResponse running;
    synchronized (this) {
      paused = true;
      running = response;
    }
    if (running != null) {
      running.pause(Map.of());
    }
    return send(TransferRequest.update(channel.transfer(), true));
  }

  @Override
  public void resume() {
    OutgoingResponse running;
    synchronized (this) {
      paused = false;
      running = response;
    }
    TransferRequest message = TransferRequest.update(channel.transfer(), false);
    if (running != null) {
      running.resume(TransferExtensions.plain(message));
    }
    // The response may be over, or not have begun: the responder hears it in any case.
    var unused = send(message).exceptionally(failure -> null);
  }

  @Override
  public CompletableFuture<Void> cancel() {
    end();
    return send(TransferRequest.cancel(channel.transfer()));
  }

  @Override
  public void close() {
    forget.accept(this);
    end();
  }

  private CompletableFuture<Void> send(TransferRequest message) {
    return network.send(channel.responder(), spec.addresses(), message);
  }

  @Override
  public String toString() {
    return "Push[" + channel + (current() == null ? ", not asked for yet]" : "]");
  }
}
