package io.sluice.node.client;

import io.sluice.fsm.EventSink;
import io.sluice.fsm.EventType;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.client.ClientDeal;
import io.sluice.fsm.client.ClientInput;
import io.sluice.fsm.client.LaneOpening;
import io.sluice.payments.PaymentException;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Money as a test wants it: each call is written down, and fails where the test says so. */
final class FakePayments implements DealPayments {
  final List<String> calls = new ArrayList<>();
  Optional<PaymentException> refusal = Optional.empty();
  Optional<IOException> failure = Optional.empty();

  /** Whether another voucher or more deposit would help. */
  boolean helps = true;

  /** What happens while a voucher is made. */
  Runnable meanwhile = () -> {};

  /** What there was before the first call is not written down again. */
  List<String> calls() {
    List<String> all = List.copyOf(calls);
    calls.clear();
    return all;
  }

  private void called(String call) throws IOException {
    calls.add(call);
    if (refusal.isPresent()) {
      throw refusal.get();
    }
    if (failure.isPresent()) {
      throw failure.get();
    }
  }

  @Override
  public String shown(ClientDeal deal, TokenAmount amount) {
    return amount.value() + " pence";
  }

  @Override
  public LaneOpening fund(MachineId id, ClientDeal deal) throws IOException {
    called("fund");
    return Deals.LANE;
  }

  @Override
  public LaneOpening another(MachineId id, ClientDeal deal) throws IOException {
    called("another");
    return Deals.LANE;
  }

  @Override
  public Optional<LaneOpening> adopt(MachineId id, ClientDeal deal, SignedVoucher voucher)
      throws IOException {
    called("adopt " + voucher.amount());
    return helps ? Optional.of(Deals.LANE) : Optional.empty();
  }

  @Override
  public Optional<LaneOpening> cover(MachineId id, ClientDeal deal, TokenAmount shortfall)
      throws IOException {
    called("cover " + shortfall);
    return helps ? Optional.of(Deals.LANE) : Optional.empty();
  }

  @Override
  public Optional<SignedVoucher> pay(MachineId id, ClientDeal deal, long charged)
      throws IOException {
    called("pay " + charged);
    meanwhile.run();
    return deal.terms().map(terms -> Deals.voucher(deal.base().plus(terms.due(charged))));
  }

  @Override
  public SignedVoucher payLate(MachineId id, ClientDeal deal, TokenAmount paid, TokenAmount due)
      throws IOException {
    called("pay late " + due + " after " + paid);
    return Deals.voucher(deal.base().plus(due));
  }

  @Override
  public <X extends ClientInput> void leave(
      MachineId id, boolean mayOwe, EventSink<ClientInput> events, EventType<X> event, X input) {
    calls.add(mayOwe ? "leave owing" : "leave");
    events.send(event, input);
  }

  @Override
  public void forget(MachineId id) {
    calls.add("forget");
  }
}
