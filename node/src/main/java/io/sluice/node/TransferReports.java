package io.sluice.node;

import io.sluice.dealstore.DealStore;
import io.sluice.fsm.JournalEntry;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.StoredMachine;
import io.sluice.fsm.TransitionTable;
import io.sluice.fsm.client.ClientDeals;
import io.sluice.fsm.provider.ProviderDeals;
import io.sluice.fsm.transfer.TransferChannel;
import io.sluice.fsm.transfer.TransferInput.Totals;
import io.sluice.fsm.transfer.TransferTable;
import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.Reports;
import io.sluice.node.api.ServiceException;
import io.sluice.node.transfer.TransferRecords;
import io.sluice.protocol.datatransfer.ChannelId;
import io.sluice.protocol.ipld.DagJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/** Reports on data-transfer channels of both roles, from the store. */
record TransferReports(SluiceNode node) {
  private static final String INITIATOR = "initiator";
  private static final String RESPONDER = "responder";

  List<Reports.TransferReport> all() throws IOException {
    List<Reports.TransferReport> transfers = new ArrayList<>();
    for (StoredMachine machine : node.store().all(TransferTable.TABLE.name())) {
      transfers.add(report(machine, false));
    }
    return transfers;
  }

  Reports.TransferReport one(String id) throws IOException, ServiceException {
    StoredMachine machine =
        find(id)
            .orElseThrow(
                () ->
                    new ServiceException(
                        ErrorCode.NO_SUCH_TRANSFER,
                        "there is no transfer '%s'; 'sluice transfers ls' lists them"
                            .formatted(id)));
    return report(machine, true);
  }

  /** The channel of a deal, if it has got one. */
  Optional<Reports.TransferReport> of(MachineId deal) throws IOException {
    Optional<StoredMachine> machine = node.store().load(TransferRecords.idOf(deal));
    return machine.isPresent() ? Optional.of(report(machine.get(), false)) : Optional.empty();
  }

  /** By its own id, or that of its deal. */
  private Optional<StoredMachine> find(String id) throws IOException {
    try {
      MachineId named = new MachineId(id);
      Optional<StoredMachine> machine =
          node.store()
              .load(named)
              .filter(found -> found.table().equals(TransferTable.TABLE.name()));
      return machine.isPresent() ? machine : node.store().load(TransferRecords.idOf(named));
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // nothing has such an id
    }
  }

  /** What a machine went through, its states as the table shows them. */
  static List<Reports.TransitionReport> transitions(
      DealStore store, MachineId id, TransitionTable<?, ?, ?> table) throws IOException {
    List<Reports.TransitionReport> transitions = new ArrayList<>();
    String before = "";
    for (JournalEntry entry : store.history(id)) {
      String after = table.shown(entry.after(), entry.data());
      transitions.add(
          new Reports.TransitionReport(
              entry.time().toString(),
              entry.event(),
              before.isEmpty() ? entry.before() : before,
              after,
              String.join(", ", entry.attachments().stream().map(part -> part.kind()).toList())));
      before = after;
    }
    return transitions;
  }

  /**
   * @param whole with its transitions, and the newest of what was exchanged
   */
  private Reports.TransferReport report(StoredMachine machine, boolean whole) throws IOException {
    TransferChannel channel = TransferTable.TABLE.data().decode(machine.data());
    TransferChannel.ChannelOpening opening = channel.opening();
    ChannelId id = opening.id();
    long moved = moved(machine, id);
    return new Reports.TransferReport(
        machine.id().value(),
        opening.initiated() ? INITIATOR : RESPONDER,
        opening.pull() ? "pull" : "push",
        (opening.initiated() ? id.responder() : id.initiator()).toString(),
        opening.root().toString(),
        machine.state(),
        opening.sending() ? Math.max(moved, channel.sent().bytes()) : channel.sent().bytes(),
        opening.sending()
            ? channel.received().bytes()
            : Math.max(moved, channel.received().bytes()),
        channel.queued().bytes(),
        machine.ended() ? Optional.empty() : pausedBy(channel),
        opening.voucher().type(),
        vouchers(machine, channel),
        channel.results().count(),
        whole ? shown(channel.vouchers()) : Optional.empty(),
        whole ? shown(channel.results()) : Optional.empty(),
        Optional.of(channel.message()).filter(text -> !text.isEmpty()),
        started(machine.id()),
        machine.ended(),
        whole ? transitions(node.store(), machine.id(), TransferTable.TABLE) : List.of());
  }

  private static Optional<String> pausedBy(TransferChannel channel) {
    if (!channel.paused()) {
      return Optional.empty();
    }
    if (channel.initiatorPaused() && channel.responderPaused()) {
      return Optional.of("both");
    }
    return Optional.of(channel.initiatorPaused() ? INITIATOR : RESPONDER);
  }

  private static Optional<Reports.VoucherReport> shown(TransferChannel.Exchanged exchanged) {
    return exchanged
        .last()
        .map(
            last ->
                new Reports.VoucherReport(
                    last.type(), new String(DagJson.encode(last.value()), StandardCharsets.UTF_8)));
  }

  private Optional<String> started(MachineId id) throws IOException {
    Iterator<JournalEntry> history = node.store().history(id).iterator();
    if (!history.hasNext()) {
      return Optional.empty();
    }
    JournalEntry first = history.next();
    return first.sequence() == 1 ? Optional.of(first.time().toString()) : Optional.empty();
  }

  /** What has flowed of a transfer that runs here; the record of it is made now and then only. */
  private long moved(StoredMachine machine, ChannelId id) {
    return machine.ended() || !TransferRecords.isOwn(machine.id())
        ? 0
        : node.joined()
            .flatMap(Network::manager)
            .flatMap(transfers -> transfers.moved(id))
            .map(Totals::bytes)
            .orElse(0L);
  }

  /** Those of a deal stand in the deal: the channel would record each a second time. */
  private long vouchers(StoredMachine machine, TransferChannel channel) throws IOException {
    Optional<StoredMachine> deal = node.store().load(new MachineId(machine.id().stripeKey()));
    if (deal.isPresent() && deal.get().table().equals(ClientDeals.TABLE.name())) {
      return ClientDeals.TABLE.data().decode(deal.get().data()).vouchers();
    }
    if (deal.isPresent() && deal.get().table().equals(ProviderDeals.TABLE.name())) {
      return ProviderDeals.TABLE.data().decode(deal.get().data()).vouchers();
    }
    return channel.vouchers().count();
  }
}
