package io.sluice.node.transfer;

import io.sluice.fsm.MachineId;
import io.sluice.fsm.engine.MachineView;
import io.sluice.fsm.transfer.TransferChannel;
import io.sluice.fsm.transfer.TransferStatus;
import io.sluice.fsm.transfer.TransferTable;
import io.sluice.node.transfer.TransferManager.TransferEnd;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** Who waits for transfers to end. Thread-safe. */
final class AwaitedEnds {
  private final TransferRecords records;
  private final ConcurrentMap<MachineId, CompletableFuture<TransferEnd>> awaited =
      new ConcurrentHashMap<>();

  AwaitedEnds(TransferRecords records) {
    this.records = records;
    records.listen(
        applied -> {
          if (TransferTable.TABLE.isEnd(applied.after())) {
            CompletableFuture<TransferEnd> who = awaited.remove(applied.machine());
            if (who != null) {
              who.complete(end(applied.after(), applied.data()));
            }
          }
        });
  }

  private static TransferEnd end(TransferStatus status, TransferChannel channel) {
    return new TransferEnd(status, channel, channel.message());
  }

  /** Completes when a transfer has ended; at once if it has. */
  CompletableFuture<TransferEnd> of(MachineId id) throws IOException {
    CompletableFuture<TransferEnd> end =
        awaited.computeIfAbsent(id, unused -> new CompletableFuture<>());
    records
        .channels()
        .get(id)
        .filter(MachineView::ended) // while it was asked for
        .ifPresent(view -> end.complete(end(view.state(), view.data())));
    return end;
  }
}
