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
 *
 * <pre>
 *   open ── request by stream ──▶ responder ── GraphSync request with its answer ──▶ asked ── served
 *                                     └────── a refusal by stream ──▶ heard
 * </pre>
 *
 * <p>Two locks. {@code asking} is held while a request for the data is decided, the listener's call
 * included, so that of two requests both take the same one for the latest, and none is served once
 * all is over. The monitor is held for a moment, by whoever looks at the response that runs; calls
 * into GraphSync are made outside of it. In this order, where both are needed.
 *
 * <p>A responder can ask again and again: each request ends the one before, so at most one response
 * runs, and that is bounded as any other. Spec: data transfer 1.2, pushes.
 */
final class PushRun implements Push {
  private final ChannelId channel;
  private final PushSpec spec;
  private final PushListener listener;
  private final TransferNetwork network;
  private final Consumer<PushRun> forget;
  private final CompletableFuture<Void> opened;
  private final Lock asking = new ReentrantLock();

  /** Nothing is served from here on, whatever the responder asks for. */
  @GuardedBy("asking")
  private boolean over;

  // Guarded by this. Of the latest request that was served; it may be over.
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
    // The listener first: it hears why, and then that nothing is asked for any more.
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
    // For this and nothing else: the voucher paid for one DAG, and a peer may ask for another.
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
      // Under the lock, though it is foreign code: it decides about its own push alone, and has
      // nothing to wait for.
      RequestDecision.Serve how = listener.onAsked(request.asked());
      return served(request.response(), how);
    } finally {
      asking.unlock();
    }
  }

  /** Makes the latest response the one that counts, and ends the one before. */
  private RequestDecision served(OutgoingResponse latest, RequestDecision.Serve how) {
    OutgoingResponse before;
    boolean waits;
    synchronized (this) {
      before = response;
      response = latest;
      waits = paused;
    }
    if (before != null) {
      before.cancel(); // the peer reads the new one, and would pay twice for what the old one sends
    }
    return how.paused(waits);
  }

  /** To be called back without the monitor: GraphSync has locks of its own. */
  private @Nullable OutgoingResponse current() {
    synchronized (this) {
      return response;
    }
  }

  /** Serves nothing more, whoever asks: a request that is being decided is waited for. */
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
    // Kept for the next request, too: the responder may ask anew before it hears of the pause.
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
    // Inside the response as well, in front of its next block: Go goes on only when it reads it
    // there.
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
    forget.accept(this); // first: what is asked from now on finds no push
    end();
  }

  /** On a stream of its own, in order with all that goes to that peer. */
  private CompletableFuture<Void> send(TransferRequest message) {
    return network.send(channel.responder(), spec.addresses(), message);
  }

  @Override
  public String toString() {
    return "Push[" + channel + (current() == null ? ", not asked for yet]" : "]");
  }
}
