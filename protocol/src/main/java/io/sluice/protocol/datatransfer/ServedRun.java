package io.sluice.protocol.datatransfer;

import io.sluice.protocol.graphsync.BlockGate;
import io.sluice.protocol.graphsync.OutgoingResponse;
import io.sluice.protocol.graphsync.ResponsePosition;
import io.sluice.protocol.graphsync.wire.ResponseStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A pull that we serve, during one GraphSync response; after a restart or a resumption there is
 * another one for the same channel.
 *
 * <p>What is said of a block travels inside the response, with the block, so that it cannot
 * overtake it: demands, pauses and resumptions. What is said when the response may be over goes on
 * a stream of its own. Spec: data transfer 1.2, pulls; GraphSync 2.0.0, extensions of responses.
 */
final class ServedRun implements ServedPull {
  private final ChannelId channel;
  private final OutgoingResponse response;
  private final TransferNetwork network;
  private final PullOpening opening;

  // Guarded by this: a resumption and the initiator's pause may come from two threads at once, and
  // the one that comes second has to know of the first.
  private boolean initiatorPaused;
  private Optional<TransferResponse> held = Optional.empty();

  ServedRun(
      ChannelId channel, OutgoingResponse response, TransferNetwork network, PullOpening opening) {
    this.channel = channel;
    this.response = response;
    this.network = network;
    this.opening = opening;
  }

  /** What it was asked for, which a resumption has to ask for again. */
  PullOpening opening() {
    return opening;
  }

  /** Ends what GraphSync still does for it. */
  void end() {
    response.cancel();
  }

  /**
   * The initiator has paused, or goes on without having cancelled its GraphSync request. Go
   * initiators fail when something that is not paused reaches them inside GraphSync while they are
   * paused themselves, so resumptions are held back.
   */
  synchronized void initiatorPaused(boolean paused) {
    initiatorPaused = paused;
    if (!paused && held.isPresent()) {
      TransferResponse message = held.get();
      held = Optional.empty();
      response.resume(TransferExtensions.plain(message));
    }
  }

  @Override
  public ChannelId channel() {
    return channel;
  }

  @Override
  public BlockGate.GateDecision demand(List<TypedVoucher> results) {
    // Each result is a message of its own; the wire has room for two, so the first and the last.
    List<TransferMessage> messages = new ArrayList<>();
    for (TypedVoucher result : results) {
      messages.add(
          TransferResponse.voucherResult(channel.transfer(), true, true, Optional.of(result)));
    }
    // With nothing to show for it the initiator has to be told all the same that this is a pause.
    if (messages.isEmpty()) {
      messages.add(TransferResponse.update(channel.transfer(), false, true));
    }
    return BlockGate.GateDecision.pause(
        TransferExtensions.blockBound(messages.getFirst(), messages.getLast()));
  }

  @Override
  public synchronized void resume(Optional<TypedVoucher> result) {
    TransferResponse message =
        TransferResponse.voucherResult(channel.transfer(), true, false, result);
    // Only the last one counts: it says where all stands.
    if (initiatorPaused) {
      held = Optional.of(message);
    } else {
      response.resume(TransferExtensions.plain(message));
    }
  }

  @Override
  public void pause() {
    response.pause(
        TransferExtensions.blockBound(TransferResponse.update(channel.transfer(), false, true)));
  }

  @Override
  public CompletableFuture<Void> complete(boolean paused, Optional<TypedVoucher> result) {
    // By stream: the response is over with its last block, and the last voucher may come after it.
    return send(TransferResponse.complete(channel.transfer(), true, paused, result));
  }

  @Override
  public CompletableFuture<Void> cancel() {
    return end(ResponseStatus.CANCELLED, TransferResponse.cancel(channel.transfer()));
  }

  @Override
  public CompletableFuture<Void> refuse(Optional<TypedVoucher> result) {
    // As a result of a voucher, not as an answer: that was given when the pull was accepted.
    return end(
        ResponseStatus.FAILED,
        TransferResponse.voucherResult(channel.transfer(), false, false, result));
  }

  private CompletableFuture<Void> end(ResponseStatus status, TransferResponse why) {
    // Inside the response where that still runs, since its last status would else come without why.
    return response.fail(status, TransferExtensions.plain(why))
        ? CompletableFuture.completedFuture(null)
        : send(why);
  }

  @Override
  public void close() {
    end();
  }

  @Override
  public CompletableFuture<Void> askRestart() {
    return send(TransferRequest.restartExisting(channel));
  }

  @Override
  public ResponsePosition position() {
    return response.position();
  }

  @Override
  public boolean isPaused() {
    return response.isPaused();
  }

  /** On a stream of its own; where the initiator is reached is known from its connection. */
  private CompletableFuture<Void> send(TransferMessage message) {
    return network.send(channel.initiator(), List.of(), message);
  }

  @Override
  public String toString() {
    return "ServedPull[" + channel + ", " + Map.of("paused", isPaused()) + "]";
  }
}
