package io.sluice.node;

import io.sluice.dealstore.ExportFile;
import io.sluice.fsm.JournalEntry;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.StoredMachine;
import io.sluice.fsm.TransitionTable;
import io.sluice.fsm.client.ClientDeal;
import io.sluice.fsm.client.ClientDeals;
import io.sluice.fsm.provider.ProviderDeal;
import io.sluice.fsm.provider.ProviderDeals;
import io.sluice.fsm.replay.HistoryFooter;
import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.Reports;
import io.sluice.node.api.ServiceException;
import io.sluice.node.client.LatePayments;
import io.sluice.payments.token.Amounts;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Reports on deals of both roles, from the store. */
final class DealReports {
  private final SluiceNode node;

  DealReports(SluiceNode node) {
    this.node = node;
  }

  List<Reports.DealReport> all() throws IOException {
    List<Reports.DealReport> deals = new ArrayList<>();
    LatePayments late = new LatePayments(node.store());
    for (StoredMachine machine : node.store().all(ClientDeals.TABLE.name())) {
      deals.add(bought(late, machine, Optional.empty(), List.of()));
    }
    for (StoredMachine machine : node.store().all(ProviderDeals.TABLE.name())) {
      deals.add(sold(machine, Optional.empty(), List.of()));
    }
    deals.sort(Comparator.comparing(Reports.DealReport::started));
    return deals;
  }

  Reports.DealReport one(String id) throws IOException, ServiceException {
    StoredMachine machine = machine(id);
    TransitionTable<?, ?, ?> table =
        machine.table().equals(ClientDeals.TABLE.name()) ? ClientDeals.TABLE : ProviderDeals.TABLE;
    List<Reports.TransitionReport> transitions =
        TransferReports.transitions(node.store(), machine.id(), table);
    Optional<Reports.TransferReport> transfer = new TransferReports(node).of(machine.id());
    return machine.table().equals(ClientDeals.TABLE.name())
        ? bought(new LatePayments(node.store()), machine, transfer, transitions)
        : sold(machine, transfer, transitions);
  }

  StoredMachine machine(String id) throws IOException, ServiceException {
    return node.store()
        .load(new MachineId(id))
        .filter(
            machine ->
                machine.table().equals(ClientDeals.TABLE.name())
                    || machine.table().equals(ProviderDeals.TABLE.name()))
        .orElseThrow(
            () ->
                new ServiceException(
                    ErrorCode.NO_SUCH_DEAL,
                    "there is no deal '%s'; 'sluice deals ls' lists them".formatted(id)));
  }

  Reports.DealExportReport export(String id, String out) throws IOException, ServiceException {
    List<JournalEntry> history = node.store().history(machine(id).id());
    if (history.isEmpty() || !history.getFirst().event().equals(JournalEntry.STARTED)) {
      throw new ServiceException(
          ErrorCode.HISTORY_PRUNED,
          "the beginning of deal %s is older than journal.retention and was deleted; no file was written"
              .formatted(id));
    }
    HistoryFooter footer = ExportFile.write(Path.of(out), history);
    return new Reports.DealExportReport(id, out, footer.count(), footer.head().toString());
  }

  /** What clients still owe this node, by token. */
  Amounts owed() throws IOException {
    Amounts sums = Amounts.NONE;
    for (StoredMachine machine : node.store().all(ProviderDeals.TABLE.name())) {
      ProviderDeal deal = ProviderDeals.TABLE.data().decode(machine.data());
      if (deal.money().isPresent()) { // else it is free
        sums = sums.plus(deal.money().get().lane().payee().token(), deal.owed());
      }
    }
    return sums;
  }

  long running() throws IOException {
    return (long) node.store().live(ClientDeals.TABLE.name()).size()
        + node.store().live(ProviderDeals.TABLE.name()).size();
  }

  long bytesServed() throws IOException {
    long sum = 0;
    for (StoredMachine machine : node.store().all(ProviderDeals.TABLE.name())) {
      sum += ProviderDeals.TABLE.data().decode(machine.data()).charged();
    }
    return sum;
  }

  static Reports.DealReport bought(
      LatePayments late,
      StoredMachine machine,
      Optional<Reports.TransferReport> transfer,
      List<Reports.TransitionReport> transitions) {
    ClientDeal deal = ClientDeals.TABLE.data().decode(machine.data());
    TokenAmount paid = late.paid(machine.id(), deal);
    return new Reports.DealReport(
        machine.id().value(),
        "client",
        deal.order().provider().toString(),
        deal.order().root().toString(),
        ClientDeals.TABLE.shown(machine.state(), machine.data()),
        deal.reason().map(Enum::name),
        deal.progress().received(),
        deal.progress().charged(),
        paid,
        paid,
        deal.owed(paid),
        deal.base(),
        deal.nonce(),
        deal.vouchers(),
        deal.money().map(paying -> paying.lane().opening().channel().toString()),
        deal.money().map(paying -> paying.lane().opening().lane()),
        deal.money().map(paying -> paying.lane().opening().payee().token().toString()),
        deal.standing().started().toString(),
        deal.standing().end().map(end -> end.at().toString()),
        transfer,
        transitions);
  }

  private static Reports.DealReport sold(
      StoredMachine machine,
      Optional<Reports.TransferReport> transfer,
      List<Reports.TransitionReport> transitions) {
    ProviderDeal deal = ProviderDeals.TABLE.data().decode(machine.data());
    return new Reports.DealReport(
        machine.id().value(),
        "provider",
        deal.order().peer().toString(),
        deal.order().root().toString(),
        ProviderDeals.TABLE.shown(machine.state(), machine.data()),
        deal.reason().map(Enum::name),
        deal.charged(),
        deal.charged(),
        deal.credit(),
        deal.credit(),
        deal.owed(),
        deal.money().map(paying -> paying.lane().base()).orElse(TokenAmount.ZERO),
        deal.nonce(),
        deal.vouchers(),
        deal.money().map(paying -> paying.lane().channel().toString()),
        deal.money().map(paying -> paying.lane().lane()),
        deal.money().map(paying -> paying.lane().payee().token().toString()),
        deal.standing().started().toString(),
        deal.standing().end().map(end -> end.at().toString()),
        transfer,
        transitions);
  }
}
