package io.sluice.node.provider;

import io.sluice.protocol.datatransfer.ChannelId;
import io.sluice.protocol.datatransfer.ServedPull;
import io.sluice.protocol.datatransfer.TypedVoucher;
import io.sluice.protocol.graphsync.BlockGate.GateDecision;
import io.sluice.protocol.graphsync.ResponsePosition;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A transfer that goes nowhere, and remembers what it was told to do. */
final class FakePull implements ServedPull {

  final ChannelId channel;
  final List<String> told = new ArrayList<>();

  FakePull(ChannelId channel) {
    this.channel = channel;
  }

  private CompletableFuture<Void> told(String what) {
    told.add(what);
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public ChannelId channel() {
    return channel;
  }

  @Override
  public GateDecision demand(List<TypedVoucher> results) {
    told.add("demand " + results.stream().map(Notices::text).toList());
    return GateDecision.pause(Map.of());
  }

  @Override
  public void resume(Optional<TypedVoucher> result) {
    told.add("resume " + result.map(Notices::text).orElse("-"));
  }

  @Override
  public void pause() {
    told.add("pause");
  }

  @Override
  public CompletableFuture<Void> complete(boolean paused, Optional<TypedVoucher> result) {
    return told("complete");
  }

  @Override
  public CompletableFuture<Void> cancel() {
    return told("cancel");
  }

  @Override
  public CompletableFuture<Void> refuse(Optional<TypedVoucher> result) {
    return told("refuse " + result.map(Notices::text).orElse("-"));
  }

  @Override
  public void close() {
    told.add("close");
  }

  @Override
  public CompletableFuture<Void> askRestart() {
    return told("restart");
  }

  @Override
  public ResponsePosition position() {
    return ResponsePosition.START;
  }

  @Override
  public boolean isPaused() {
    return false;
  }
}
