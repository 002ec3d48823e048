package io.sluice.node.transfer;

import io.sluice.dealstore.disk.StorageFullException;
import io.sluice.fsm.Applied;
import io.sluice.fsm.EventType;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.transfer.TransferChannel;
import io.sluice.fsm.transfer.TransferChannel.ChannelOpening;
import io.sluice.fsm.transfer.TransferChannelEvent;
import io.sluice.fsm.transfer.TransferInput;
import io.sluice.fsm.transfer.TransferStatus;
import io.sluice.protocol.datatransfer.ChannelId;
import io.sluice.protocol.retrieval.DealCode;
import java.util.concurrent.CompletableFuture;

/**
 * A channel that is no deal's, with its machine.
 *
 * @param id of the machine
 * @param opening what the channel was opened with
 */
record ManagedChannel(MachineId id, ChannelOpening opening, TransferRecords records) {
  private static final int RADIX = 36;
  private static final int SHOWN_OF_PEER = 8;

  /**
   * The machine's id of a channel: short, the same after a restart, and different for what peers
   * open. That of another channel may be the same only if somebody chose its peer id so.
   */
  static MachineId idOf(ChannelId channel, boolean initiated) {
    String number = Long.toUnsignedString(channel.transfer(), RADIX);
    String peer = channel.initiator().toString();
    return new MachineId(
        initiated
            ? "t-" + number
            : "t-" + peer.substring(Math.max(0, peer.length() - SHOWN_OF_PEER)) + "-" + number);
  }

  ChannelId channel() {
    return opening.id();
  }

  /** Recorded behind the caller's back; what the table does not take is dropped. */
  void happened(EventType<TransferInput.NoInput> event) {
    happened(event, TransferInput.none());
  }

  <X extends TransferInput> void happened(EventType<X> event, X input) {
    TransferRecords.note(decided(event, input));
  }

  /** Done once it is durable. */
  <X extends TransferInput> CompletableFuture<Applied<TransferStatus, TransferChannel>> decided(
      EventType<X> event, X input) {
    return records.channels().send(id, event, input);
  }

  /** As deals record it: the code, then the words. */
  void failed(DealCode code, String why) {
    happened(TransferChannelEvent.ERROR, text(code, why));
  }

  /** What it is called that blocks cannot be kept. */
  static DealCode ofDisk(Exception cause) {
    return StorageFullException.isFull(cause) ? DealCode.STORAGE_FULL : DealCode.INTERNAL;
  }

  static TransferInput.ErrorText text(DealCode code, String why) {
    return new TransferInput.ErrorText(code + ": " + why);
  }
}
