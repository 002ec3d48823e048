package io.sluice.node.provider;

import static java.util.Map.entry;

import io.sluice.fsm.Applied;
import io.sluice.fsm.DealOutcome;
import io.sluice.fsm.EventType;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.provider.ProviderDeal;
import io.sluice.fsm.provider.ProviderDeals;
import io.sluice.fsm.provider.ProviderEvent;
import io.sluice.fsm.provider.ProviderState;
import io.sluice.fsm.transfer.TransferChannel;
import io.sluice.fsm.transfer.TransferChannelEvent;
import io.sluice.fsm.transfer.TransferInput;
import io.sluice.node.transfer.EventMeanings;
import io.sluice.node.transfer.TransferRecords;
import io.sluice.protocol.datatransfer.ChannelId;
import io.sluice.protocol.datatransfer.TypedVoucher;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Records what a deal's events mean to its transfer channel: the one place where the words differ.
 * Windows and vouchers are left out, see {@link TransferRecords}.
 */
final class ServedChannels {
  private volatile Optional<TransferRecords> records = Optional.empty();

  /** What each event of a deal means, those that mean nothing here included. */
  private final EventMeanings<ProviderState, ProviderDeal> meanings =
      new EventMeanings<>(
          ProviderDeals.TABLE,
          Map.ofEntries(
              entry(ProviderEvent.ADMITTED, by -> accepted(by.machine(), true)),
              entry(ProviderEvent.OPENING_MISSING, this::waits),
              entry(ProviderEvent.OPENED, this::opened),
              entry(ProviderEvent.OPENED_FEE_FIRST, this::opened),
              entry(ProviderEvent.PROGRESS, this::queued),
              entry(ProviderEvent.ALL_SENT, this::finished),
              entry(ProviderEvent.SETTLED, this::settled),
              entry(
                  ProviderEvent.SUSPENDED, by -> trouble(by, TransferChannelEvent.SEND_DATA_ERROR)),
              entry(
                  ProviderEvent.RESTARTED,
                  by -> happened(by.machine(), TransferChannelEvent.RESTART)),
              entry(ProviderEvent.REFUSED, this::ended),
              entry(ProviderEvent.ENDED, this::ended),
              entry(ProviderEvent.ENDED_OWING, this::ended),
              // Windows and vouchers are not recorded twice.
              entry(ProviderEvent.GATE_CLOSED, by -> {}),
              entry(ProviderEvent.GATE_OPENED, by -> {}),
              entry(ProviderEvent.PAID, by -> {})));

  /** From now on there is a place for records; until then nothing is recorded. */
  void to(TransferRecords place) {
    records = Optional.of(place);
  }

  /** A proposal is durable; its channel begins. */
  void opened(MachineId deal, ChannelId channel, ProviderDeal data, TypedVoucher voucher) {
    TransferChannel.ChannelOpening opening =
        new TransferChannel.ChannelOpening(
            channel, false, true, data.order().root(), data.order().selector(), voucher, List.of());
    records.ifPresent(place -> place.opened(deal, opening));
  }

  void applied(Applied<ProviderState, ProviderDeal> applied) {
    meanings.applied(applied);
  }

  private void finished(Applied<ProviderState, ProviderDeal> applied) {
    queued(applied);
    if (!applied.data().owed().isZero()) {
      happened(applied.machine(), TransferChannelEvent.BEGIN_FINALIZING);
    }
  }

  private void waits(Applied<ProviderState, ProviderDeal> applied) {
    accepted(applied.machine(), false);
    happened(applied.machine(), TransferChannelEvent.PAUSE_RESPONDER);
  }

  private void settled(Applied<ProviderState, ProviderDeal> applied) {
    if (applied.before() == ProviderState.FINALIZING) {
      happened(applied.machine(), TransferChannelEvent.COMPLETE);
    }
  }

  private void ended(Applied<ProviderState, ProviderDeal> applied) {
    if (applied.data().outcome().equals(Optional.of(DealOutcome.CANCELLED))) {
      happened(applied.machine(), TransferChannelEvent.CANCEL);
    } else {
      trouble(applied, TransferChannelEvent.ERROR);
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
