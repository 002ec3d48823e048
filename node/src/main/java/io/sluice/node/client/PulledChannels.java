package io.sluice.node.client;

import io.sluice.fsm.Applied;
import io.sluice.fsm.DealOutcome;
import io.sluice.fsm.EventType;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.client.ClientDeal;
import io.sluice.fsm.client.ClientState;
import io.sluice.fsm.transfer.TransferChannel;
import io.sluice.fsm.transfer.TransferChannelEvent;
import io.sluice.fsm.transfer.TransferInput;
import io.sluice.node.transfer.TransferRecords;
import io.sluice.protocol.datatransfer.ChannelId;
import io.sluice.protocol.multiformats.PeerId;
import java.util.Optional;

/**
 * Records what a deal's events mean to its transfer channel: the one place where the words differ.
 * Vouchers are left out, see {@link TransferRecords}.
 */
final class PulledChannels {
  private final PeerId self;
  private final TransferRecords records;

  PulledChannels(PeerId self, TransferRecords records) {
    this.self = self;
    this.records = records;
  }

  void applied(Applied<ClientState, ClientDeal> applied) {
    if (applied.started()) {
      return;
    }
    MachineId deal = applied.machine();
    switch (applied.event()) {
      case "FREE", "FUNDED" -> opened(deal, applied.data());
      case "REOPENED" -> records.happened(deal, TransferChannelEvent.OPENED);
      case "ACCEPTED" -> {
        if (applied.before() == ClientState.PROPOSED) {
          records.accepted(deal);
        }
      }
      case "PROGRESS" -> received(deal, applied.data());
      case "ALL_VERIFIED" -> {
        received(deal, applied.data());
        records.happened(deal, TransferChannelEvent.FINISH_TRANSFER);
      }
      case "FINAL_SENT" -> records.happened(deal, TransferChannelEvent.RESPONDER_COMPLETES);
      case "CONNECTION_LOST" -> {
        if (applied.after() == ClientState.RETRYING) {
          trouble(deal, TransferChannelEvent.DISCONNECTED, applied.data());
        }
      }
      case "RETRY" -> again(deal, applied.data());
      case "PARK" -> records.happened(deal, TransferChannelEvent.PAUSE_INITIATOR);
      case "RESUME" -> {
        records.happened(deal, TransferChannelEvent.RESUME_INITIATOR);
        again(deal, applied.data());
      }
      case "LEFT" -> {
        if (applied.data().outcome().equals(Optional.of(DealOutcome.CANCELLED))) {
          records.happened(deal, TransferChannelEvent.CANCEL);
        } else {
          trouble(deal, TransferChannelEvent.ERROR, applied.data());
        }
      }
      // The channel ends with its deal, which pays and says goodbye first.
      case "REFUSED", "BLOCKS_MISSING", "GIVE_UP", "CANCEL" -> {}
      case "WAKE" -> {
        if (applied.after() != ClientState.NEW) {
          opened(deal, applied.data()); // unless the last process was killed just before it did
        }
      }
      case "UNFUNDED", "VOUCHER_SIGNED" -> {}
      default -> throw new IllegalStateException("unknown event " + applied.event());
    }
  }

  private void opened(MachineId deal, ClientDeal data) {
    ChannelId channel = new ChannelId(self, data.order().provider(), data.progress().transfer());
    TransferChannel.ChannelOpening opening =
        new TransferChannel.ChannelOpening(
            channel,
            true,
            true,
            data.order().root(),
            data.order().selector(),
            Proposal.voucher(data));
    if (records.opened(deal, opening)) {
      records.happened(deal, TransferChannelEvent.TRANSFER_INITIATED);
    }
  }

  private void again(MachineId deal, ClientDeal data) {
    records.happened(
        deal,
        data.progress().answered() ? TransferChannelEvent.RESTART : TransferChannelEvent.OPENED);
  }

  private void received(MachineId deal, ClientDeal data) {
    records.happened(
        deal,
        TransferChannelEvent.DATA_RECEIVED,
        new TransferInput.Totals(data.progress().received(), data.progress().position()));
  }

  private void trouble(MachineId deal, EventType<TransferInput.ErrorText> event, ClientDeal data) {
    String why =
        data.standing().reason().map(reason -> reason.code() + ": " + reason.message()).orElse("");
    records.happened(deal, event, new TransferInput.ErrorText(why));
  }
}
