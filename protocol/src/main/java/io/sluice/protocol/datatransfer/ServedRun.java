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

/** A pull that we serve, during one GraphSync response. */
final class ServedRun implements ServedPull {
  private final ChannelId channel;
  private final OutgoingResponse response;
  private final TransferNetwork network;
  private final PullOpening opening;

  // Guarded by this.
  private boolean initiatorPaused;
  private Optional<TransferResponse> held = Optional.empty();

  ServedRun(
      ChannelId channel, OutgoingResponse response, TransferNetwork network, PullOpening opening) {
    this.channel = channel;
    this.response = response;
    this.network = network;
    this.opening = opening;
  }

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
    List<TransferMessage> messages = new ArrayList<>();
    for (TypedVoucher result : results) {
      messages.add(
          TransferResponse.voucherResult(channel.transfer(), true, true, Optional.of(result)));
    }
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
    return send(TransferResponse.complete(channel.transfer(), true, paused, result));
  }

  @Override
  public CompletableFuture<Void> cancel() {
    return end(ResponseStatus.CANCELLED, TransferResponse.cancel(channel.transfer()));
  }

  @Override
  public CompletableFuture<Void> refuse(Optional<TypedVoucher> result) {
    return end(
        ResponseStatus.FAILED,
        TransferResponse.voucherResult(channel.transfer(), false, false, result));
  }

  private CompletableFuture<Void> end(ResponseStatus status, TransferResponse why) {
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

  private CompletableFuture<Void> send(TransferMessage message) {
    return network.send(channel.initiator(), List.of(), message);
  }

  @Override
  public String toString() {
    return "ServedPull[" + channel + ", " + Map.of("paused", isPaused()) + "]";
  }
}
