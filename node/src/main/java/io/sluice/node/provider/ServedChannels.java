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
import java.util.Optional;

/**
 * Records what a deal's events mean to its transfer channel: the one place where the words differ.
 * Windows and vouchers are left out, see {@link TransferRecords}.
 */
final class ServedChannels {

  private volatile Optional<TransferRecords> records = Optional.empty();

  /** From now on there is a place for records; until then nothing is recorded. */
  void to(TransferRecords place) {
    records = Optional.of(place);
  }

  /** A proposal is durable; its channel begins. */
  void opened(MachineId deal, ChannelId channel, ProviderDeal data, TypedVoucher voucher) {
    TransferChannel.Opening opening =
        new TransferChannel.Opening(channel, false, true, data.root(), data.selector(), voucher);
    records.ifPresent(place -> place.opened(deal, opening));
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
        happened(deal, TransferEvent.PAUSE_RESPONDER);
      }
      case OPENED, OPENED_FEE_FIRST -> opened(applied);
      case PROGRESS -> queued(applied);
      case GATE_CLOSED, GATE_OPENED, PAID -> {}
      case ALL_SENT -> {
        queued(applied);
        if (!applied.data().owed().isZero()) {
          happened(deal, TransferEvent.BEGIN_FINALIZING);
        }
      }
      case SETTLED -> {
        if (applied.before() == ProviderState.FINALIZING) {
          happened(deal, TransferEvent.COMPLETE);
        }
      }
      case SUSPENDED -> trouble(applied, TransferEvent.SEND_DATA_ERROR);
      case RESTARTED -> happened(deal, TransferEvent.RESTART);
      case CANCELLED, CANCELLED_OWING -> happened(deal, TransferEvent.CANCEL);
      case REFUSED, PAYMENT_TIMED_OUT, SENT_IN_PART, SENT_IN_PART_OWING, FAILED, FAILED_OWING ->
          trouble(applied, TransferEvent.ERROR);
    }
  }

  private void accepted(MachineId deal, boolean begun) {
    happened(deal, TransferEvent.ACCEPT);
    if (begun) {
      happened(deal, TransferEvent.TRANSFER_INITIATED);
    }
  }

  private void opened(Applied<ProviderState, ProviderDeal> applied) {
    MachineId deal = applied.machine();
    if (applied.before() == ProviderState.NEW) {
      accepted(deal, true);
    } else {
      happened(deal, TransferEvent.TRANSFER_INITIATED);
      happened(deal, TransferEvent.RESUME_RESPONDER);
    }
  }

  private void queued(Applied<ProviderState, ProviderDeal> applied) {
    happened(
        applied.machine(),
        TransferEvent.DATA_QUEUED,
        new TransferInput.Progress(applied.data().charged(), 0));
  }

  private void trouble(Applied<ProviderState, ProviderDeal> applied, TransferEvent event) {
    ProviderDeal deal = applied.data();
    happened(
        applied.machine(), event, new TransferInput.Reason(deal.reason() + ": " + deal.message()));
  }

  private void happened(MachineId deal, TransferEvent event) {
    happened(deal, event, TransferInput.nothing());
  }

  private void happened(MachineId deal, TransferEvent event, TransferInput input) {
    records.ifPresent(place -> place.happened(deal, event, input));
  }
}
