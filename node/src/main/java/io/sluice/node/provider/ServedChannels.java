package io.sluice.node.provider;

import io.sluice.fsm.Applied;
import io.sluice.fsm.DealOutcome;
import io.sluice.fsm.EventType;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.provider.ProviderDeal;
import io.sluice.fsm.provider.ProviderState;
import io.sluice.fsm.transfer.TransferChannel;
import io.sluice.fsm.transfer.TransferChannelEvent;
import io.sluice.fsm.transfer.TransferInput;
import io.sluice.node.transfer.TransferRecords;
import io.sluice.protocol.datatransfer.ChannelId;
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
    TransferChannel.ChannelOpening opening =
        new TransferChannel.ChannelOpening(
            channel, false, true, data.order().root(), data.order().selector(), voucher);
    records.ifPresent(place -> place.opened(deal, opening));
  }

  void applied(Applied<ProviderState, ProviderDeal> applied) {
    if (applied.started()) {
      return;
    }
    MachineId deal = applied.machine();
    switch (applied.event()) {
      case "ADMITTED" -> accepted(deal, true);
      case "OPENING_MISSING" -> {
        accepted(deal, false);
        happened(deal, TransferChannelEvent.PAUSE_RESPONDER);
      }
      case "OPENED", "OPENED_FEE_FIRST" -> opened(applied);
      case "PROGRESS" -> queued(applied);
      case "GATE_CLOSED", "GATE_OPENED", "PAID" -> {}
      case "ALL_SENT" -> {
        queued(applied);
        if (!applied.data().owed().isZero()) {
          happened(deal, TransferChannelEvent.BEGIN_FINALIZING);
        }
      }
      case "SETTLED" -> {
        if (applied.before() == ProviderState.FINALIZING) {
          happened(deal, TransferChannelEvent.COMPLETE);
        }
      }
      case "SUSPENDED" -> trouble(applied, TransferChannelEvent.SEND_DATA_ERROR);
      case "RESTARTED" -> happened(deal, TransferChannelEvent.RESTART);
      case "REFUSED", "ENDED", "ENDED_OWING" -> {
        if (applied.data().outcome().equals(Optional.of(DealOutcome.CANCELLED))) {
          happened(deal, TransferChannelEvent.CANCEL);
        } else {
          trouble(applied, TransferChannelEvent.ERROR);
        }
      }
      default -> throw new IllegalStateException("unknown event " + applied.event());
    }
  }

  private void accepted(MachineId deal, boolean begun) {
    happened(deal, TransferChannelEvent.ACCEPT);
    if (begun) {
      happened(deal, TransferChannelEvent.TRANSFER_INITIATED);
    }
  }

  private void opened(Applied<ProviderState, ProviderDeal> applied) {
    MachineId deal = applied.machine();
    if (applied.before() == ProviderState.NEW) {
      accepted(deal, true);
    } else {
      happened(deal, TransferChannelEvent.TRANSFER_INITIATED);
      happened(deal, TransferChannelEvent.RESUME_RESPONDER);
    }
  }

  private void queued(Applied<ProviderState, ProviderDeal> applied) {
    happened(
        applied.machine(),
        TransferChannelEvent.DATA_QUEUED,
        new TransferInput.Totals(applied.data().charged(), 0));
  }

  private void trouble(
      Applied<ProviderState, ProviderDeal> applied, EventType<TransferInput.ErrorText> event) {
    String text =
        applied.data().standing().reason().map(why -> why.code() + ": " + why.message()).orElse("");
    happened(applied.machine(), event, new TransferInput.ErrorText(text));
  }

  private void happened(MachineId deal, EventType<TransferInput.NoInput> event) {
    happened(deal, event, TransferInput.none());
  }

  private <X extends TransferInput> void happened(MachineId deal, EventType<X> event, X input) {
    records.ifPresent(place -> place.happened(deal, event, input));
  }
}
