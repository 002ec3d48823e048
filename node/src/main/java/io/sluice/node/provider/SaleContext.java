package io.sluice.node.provider;

import io.sluice.fsm.EventType;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.engine.MachineView;
import io.sluice.fsm.provider.ProviderDeal;
import io.sluice.fsm.provider.ProviderInput;
import io.sluice.fsm.provider.ProviderState;
import io.sluice.payments.DealRef;
import io.sluice.payments.Prepared;
import io.sluice.payments.payee.DealAccount;
import io.sluice.payments.payee.PayeeSide;
import io.sluice.protocol.datatransfer.ChannelId;
import io.sluice.protocol.multiformats.PeerId;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * What the parts of a provider see of the world: the deals' machines, their money, the time, and
 * threads. In production that is {@link ProviderRuntime}; a test puts its own in the place.
 */
interface SaleContext {
  PeerId self();

  ProviderMetrics metrics();

  /** Now, as precisely as it is stored. */
  Instant now();

  // deals

  /** A deal as its store has it. */
  Optional<MachineView<ProviderState, ProviderDeal>> find(MachineId id);

  /** Starts a deal's machine; waits until that is durable. */
  void start(MachineId id, ProviderDeal deal);

  /**
   * Sends an event, with the changes of money that belong to it. They are made once it is durable,
   * and dropped if it is refused.
   *
   * @return whether the machine took it
   */
  <X extends ProviderInput> CompletableFuture<Boolean> send(
      MachineId id, EventType<X> event, X input, Prepared<?>... changes);

  /**
   * Runs the step of the state that a deal is in, as the engine does when the deal comes into it:
   * something outside the deal has changed. Blocks on the journal.
   */
  void look(MachineId id);

  // money

  PayeeSide payee();

  /** Makes a change durable on its own, for deals that take no events any more. */
  void append(Prepared<?> change);

  // threads

  /** Runs something on a thread of its own. */
  void later(Runnable task);

  /** One at a time for each deal: decisions about it that look first and then act. */
  void alone(MachineId id, Runnable task);

  // what follows from these

  default ProviderInput.At at() {
    return new ProviderInput.At(now());
  }

  default void lookLater(MachineId id) {
    later(() -> look(id));
  }

  default Optional<DealAccount> account(MachineId id) {
    return payee().account(refOf(id));
  }

  default ChannelId channelOf(ProviderDeal deal) {
    return new ChannelId(deal.order().peer(), self(), deal.progress().transfer());
  }

  /** The name of a deal here; {@code number} is the client's. */
  static MachineId idOf(PeerId peer, long number) {
    String text = peer.toString();
    return new MachineId("p-" + text.substring(Math.max(0, text.length() - 8)) + "-" + number);
  }

  /** A deal's name among the payments. */
  static DealRef refOf(MachineId id) {
    return new DealRef(id.value());
  }
}
