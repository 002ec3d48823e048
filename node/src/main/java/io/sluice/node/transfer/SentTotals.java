package io.sluice.node.transfer;

import io.sluice.fsm.transfer.TransferChannel;
import io.sluice.fsm.transfer.TransferInput.Totals;

/** How far a sender is, and how much of that is recorded. Thread-safe. */
final class SentTotals {
  private Totals queued = new Totals(0, 0);
  private Totals sent = new Totals(0, 0);
  private long recordedBytes;

  /** As it was recorded before. */
  synchronized void recall(TransferChannel data) {
    queued = data.queued();
    sent = data.sent();
    recordedBytes = sent.bytes();
  }

  synchronized void queued(long bytes) {
    queued = new Totals(queued.bytes() + bytes, queued.blocks() + 1);
  }

  synchronized void sent(long bytes, long blocks) {
    sent = new Totals(sent.bytes() + bytes, sent.blocks() + blocks);
  }

  synchronized Totals queued() {
    return queued;
  }

  synchronized Totals sent() {
    return sent;
  }

  /** What was written, which is recorded from now on. */
  synchronized Totals recorded() {
    recordedBytes = sent.bytes();
    return sent;
  }

  synchronized long unrecorded() {
    return sent.bytes() - recordedBytes;
  }
}
