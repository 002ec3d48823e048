package io.sluice.node.client;

import io.sluice.fsm.EventSink;
import io.sluice.fsm.EventType;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.client.ClientDeal;
import io.sluice.fsm.client.ClientInput;
import io.sluice.fsm.client.LaneOpening;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.util.Optional;

/**
 * The money side of client deals, as the deals' steps ask for it. Everything but {@link #shown} and
 * {@link #forget} blocks, and fails with a {@link io.sluice.payments.PaymentException} where money
 * or its rules stand in the way.
 */
interface DealPayments {
  /** How an amount is told to people. Does not block. */
  String shown(ClientDeal deal, TokenAmount amount);

  /** A lane with the deal's budget behind it, and the opening that binds the deal to it. */
  LaneOpening fund(MachineId id, ClientDeal deal) throws IOException, InterruptedException;

  /** Another lane in place of one that a running deal holds at the provider. */
  LaneOpening another(MachineId id, ClientDeal deal) throws IOException;

  /**
   * The lane with a voucher that only the provider still knew, and the deal's budget behind it as
   * before. Empty if the voucher is no better than what is known here, so that adopting it would
   * not help.
   */
  Optional<LaneOpening> adopt(MachineId id, ClientDeal deal, SignedVoucher voucher)
      throws IOException, InterruptedException;

  /**
   * The lane after its channel got what the provider misses in it. By our own count the deal's
   * budget lies in the channel already: over all, a deal adds no more than that again, however much
   * its provider says is missing. Empty if it has.
   */
  Optional<LaneOpening> cover(MachineId id, ClientDeal deal, TokenAmount shortfall)
      throws IOException, InterruptedException;

  /**
   * The voucher that pays for {@code charged} bytes in all: the stored one if it is worth that
   * already, else a new one, durable together with the deal's event when this returns. The blocks
   * must be durable before. Empty if the deal pays nothing or has no lane yet.
   */
  Optional<SignedVoucher> pay(MachineId id, ClientDeal deal, long charged)
      throws IOException, InterruptedException;

  /**
   * The voucher that brings what a deal has paid to {@code due} in all that is over, and has left
   * its lane; durable when this returns.
   */
  SignedVoucher payLate(MachineId id, ClientDeal deal, TokenAmount paid, TokenAmount due)
      throws IOException;

  /**
   * Frees lane and budget together with the event that ends the deal; neither if it is refused.
   *
   * @param mayOwe whether the provider may count more than was paid
   */
  <X extends ClientInput> void leave(
      MachineId id, boolean mayOwe, EventSink<ClientInput> events, EventType<X> event, X input)
      throws InterruptedException;

  /** The deal has ended: what was kept in memory for it goes. */
  void forget(MachineId id);
}
