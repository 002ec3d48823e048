package io.sluice.node.provider;

import io.sluice.fsm.Applied;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.provider.ProviderDeal;
import io.sluice.fsm.provider.ProviderEvent;
import io.sluice.fsm.provider.ProviderState;
import io.sluice.fsm.transfer.TransferChannel;
import io.sluice.fsm.transfer.TransferInput;
import io.sluice.node.transfer.TransferRecords;
import io.sluice.protocol.datatransfer.ChannelId;
import io.sluice.protocol.datatransfer.TransferEvent;
import io.sluice.protocol.datatransfer.TypedVoucher;

/**
 * Records what a deal's events mean to its transfer channel: the one place where the words differ.
 * Windows and vouchers are left out, see {@link TransferRecords}.
 */
final class ServedChannels {

  private final TransferRecords records;

  ServedChannels(TransferRecords records) {
    this.records = records;
  }

  /** A proposal is durable; its channel begins. */
  void opened(MachineId deal, ChannelId channel, ProviderDeal data, TypedVoucher voucher) {
    var unused =
        records.opened(
            deal,
            new TransferChannel.Opening(
                channel, false, true, data.root(), data.selector(), voucher));
  }

  void applied(Applied<ProviderState, ProviderDeal> applied) {
    if (applied.started()) {
      return;
    }
    MachineId deal = applied.machine();
    switch (ProviderEvent.valueOf(applied.event())) {
      case ADMITTED -> accepted(deal, true);
      case OPENING_MISSING -> {
        accepted(deal, false);
        records.happened(deal, TransferEvent.PAUSE_RESPONDER);
      }
      case OPENED, OPENED_FEE_FIRST -> opened(applied);
      case PROGRESS -> queued(applied);
      case GATE_CLOSED, GATE_OPENED, PAID -> {}
      case ALL_SENT -> {
        queued(applied);
        if (!applied.data().owed().isZero()) {
          records.happened(deal, TransferEvent.BEGIN_FINALIZING);
        }
      }
      case SETTLED -> {
        if (applied.before() == ProviderState.FINALIZING) {
          records.happened(deal, TransferEvent.COMPLETE);
        }
      }
      case SUSPENDED -> trouble(applied, TransferEvent.SEND_DATA_ERROR);
      case RESTARTED -> records.happened(deal, TransferEvent.RESTART);
      case CANCELLED, CANCELLED_OWING -> records.happened(deal, TransferEvent.CANCEL);
      case REFUSED, PAYMENT_TIMED_OUT, SENT_IN_PART, SENT_IN_PART_OWING, FAILED, FAILED_OWING ->
          trouble(applied, TransferEvent.ERROR);
    }
  }

  private void accepted(MachineId deal, boolean begun) {
    records.happened(deal, TransferEvent.ACCEPT);
    if (begun) {
      records.happened(deal, TransferEvent.TRANSFER_INITIATED);
    }
  }

  private void opened(Applied<ProviderState, ProviderDeal> applied) {
    MachineId deal = applied.machine();
    if (applied.before() == ProviderState.NEW) {
      accepted(deal, true);
    } else {
      records.happened(deal, TransferEvent.TRANSFER_INITIATED);
      records.happened(deal, TransferEvent.RESUME_RESPONDER);
    }
  }

  private void queued(Applied<ProviderState, ProviderDeal> applied) {
    records.happened(
        applied.machine(),
        TransferEvent.DATA_QUEUED,
        new TransferInput.Progress(applied.data().charged(), 0));
  }

  private void trouble(Applied<ProviderState, ProviderDeal> applied, TransferEvent event) {
    ProviderDeal deal = applied.data();
    records.happened(
        applied.machine(), event, new TransferInput.Reason(deal.reason() + ": " + deal.message()));
  }
}
