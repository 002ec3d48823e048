package io.sluice.node.transfer;

import io.sluice.fsm.MachineId;
import io.sluice.fsm.engine.MachineView;
import io.sluice.fsm.transfer.TransferChannel;
import io.sluice.fsm.transfer.TransferStatus;

/**
 * A transfer as it is recorded, which on the way is a little behind what has flowed.
 *
 * @param id what it is called in this home
 */
public record TransferState(MachineId id, TransferStatus status, TransferChannel channel) {
  static TransferState of(MachineView<TransferStatus, TransferChannel> view) {
    return new TransferState(view.id(), view.state(), view.data());
  }
}
