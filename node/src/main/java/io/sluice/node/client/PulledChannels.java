package io.sluice.node.client;

import static java.util.Map.entry;

import io.sluice.fsm.Applied;
import io.sluice.fsm.DealOutcome;
import io.sluice.fsm.EventType;
import io.sluice.fsm.client.ClientDeal;
import io.sluice.fsm.client.ClientDeals;
import io.sluice.fsm.client.ClientEvent;
import io.sluice.fsm.client.ClientProgress;
import io.sluice.fsm.client.ClientState;
import io.sluice.fsm.transfer.TransferChannel;
import io.sluice.fsm.transfer.TransferChannelEvent;
import io.sluice.fsm.transfer.TransferInput;
import io.sluice.node.transfer.EventMeanings;
import io.sluice.node.transfer.TransferRecords;
import io.sluice.protocol.datatransfer.ChannelId;
import io.sluice.protocol.multiformats.PeerId;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Records what a deal's events mean to its transfer channel: the one place where the words differ.
 * Vouchers are left out, see {@link TransferRecords}.
 */
final class PulledChannels {
  private final PeerId self;
  private final TransferRecords records;

  /** What each event of a deal means, those that mean nothing here included. */
  private final EventMeanings<ClientState, ClientDeal> meanings;

  PulledChannels(PeerId self, TransferRecords records) {
    this.self = self;
    this.records = records;
    this.meanings =
        new EventMeanings<>(
            ClientDeals.TABLE,
            Map.ofEntries(
                entry(ClientEvent.FREE, this::opened),
                entry(ClientEvent.FUNDED, this::opened),
                entry(ClientEvent.REOPENED, by -> happened(by, TransferChannelEvent.OPENED)),
                entry(ClientEvent.ACCEPTED, this::accepted),
                entry(ClientEvent.PROGRESS, this::received),
                entry(ClientEvent.ALL_VERIFIED, this::finished),
                entry(
                    ClientEvent.FINAL_SENT,
                    by -> happened(by, TransferChannelEvent.RESPONDER_COMPLETES)),
                entry(ClientEvent.CONNECTION_LOST, this::disconnected),
                entry(ClientEvent.RETRY, this::again),
                entry(ClientEvent.PARK, by -> happened(by, TransferChannelEvent.PAUSE_INITIATOR)),
                entry(ClientEvent.RESUME, this::resumed),
                entry(ClientEvent.LEFT, this::left),
                entry(ClientEvent.WAKE, this::woken),
                // The channel ends with its deal, which pays and says goodbye first.
                entry(ClientEvent.REFUSED, by -> {}),
                entry(ClientEvent.BLOCKS_MISSING, by -> {}),
                entry(ClientEvent.GIVE_UP, by -> {}),
                entry(ClientEvent.CANCEL, by -> {}),
                // A deal without money has no channel, and vouchers are not recorded twice.
                entry(ClientEvent.UNFUNDED, by -> {}),
                entry(ClientEvent.VOUCHER_SIGNED, by -> {})));
  }

  void applied(Applied<ClientState, ClientDeal> applied) {
    meanings.applied(applied);
  }

  private void accepted(Applied<ClientState, ClientDeal> applied) {
    if (applied.before() == ClientState.PROPOSED) {
      records.accepted(applied.machine());
    }
  }

  private void finished(Applied<ClientState, ClientDeal> applied) {
    received(applied);
    happened(applied, TransferChannelEvent.FINISH_TRANSFER);
  }

  private void disconnected(Applied<ClientState, ClientDeal> applied) {
    if (applied.after() == ClientState.RETRYING) {
      trouble(applied, TransferChannelEvent.DISCONNECTED);
    }
  }

  private void resumed(Applied<ClientState, ClientDeal> applied) {
    happened(applied, TransferChannelEvent.RESUME_INITIATOR);
    again(applied);
  }

  private void left(Applied<ClientState, ClientDeal> applied) {
    if (applied.data().outcome().equals(Optional.of(DealOutcome.CANCELLED))) {
      happened(applied, TransferChannelEvent.CANCEL);
    } else {
      trouble(applied, TransferChannelEvent.ERROR);
    }
  }

  private void woken(Applied<ClientState, ClientDeal> applied) {
    if (applied.after() != ClientState.NEW) {
      opened(applied); // unless the last process was killed just before it did
    }
  }

  private void opened(Applied<ClientState, ClientDeal> applied) {
    ClientDeal data = applied.data();
    ChannelId channel = new ChannelId(self, data.order().provider(), data.progress().transfer());
    TransferChannel.ChannelOpening opening =
        new TransferChannel.ChannelOpening(
            channel,
            true,
            true,
            data.order().root(),
            data.order().selector(),
            Proposal.voucher(data),
            List.of());
    if (records.opened(applied.machine(), opening)) {
      happened(applied, TransferChannelEvent.TRANSFER_INITIATED);
    }
  }

  private void again(Applied<ClientState, ClientDeal> applied) {
    happened(
        applied,
        applied.data().progress().answered()
            ? TransferChannelEvent.RESTART
            : TransferChannelEvent.OPENED);
  }

  private void received(Applied<ClientState, ClientDeal> applied) {
    ClientProgress progress = applied.data().progress();
    records.happened(
        applied.machine(),
        TransferChannelEvent.DATA_RECEIVED,
        new TransferInput.Totals(progress.received(), progress.position()));
  }

  private void happened(
      Applied<ClientState, ClientDeal> applied, EventType<TransferInput.NoInput> event) {
    records.happened(applied.machine(), event);
  }

  private void trouble(
      Applied<ClientState, ClientDeal> applied, EventType<TransferInput.ErrorText> event) {
    String why =
        applied.data().standing().reason().map(it -> it.code() + ": " + it.message()).orElse("");
    records.happened(applied.machine(), event, new TransferInput.ErrorText(why));
  }
}
