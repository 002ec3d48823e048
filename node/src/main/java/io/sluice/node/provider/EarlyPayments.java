package io.sluice.node.provider;

import io.sluice.fsm.MachineId;
import io.sluice.protocol.datatransfer.ChannelId;
import io.sluice.protocol.retrieval.Payment;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Payments that came before their deal: streams overtake each other. Of those of one deal the
 * highest is held, since it says all that the others do.
 */
final class EarlyPayments {
  /** How many deals are waited for: strangers may name as many as they like. */
  private static final int DEALS = 256;

  /** A payment that waits, and the channel on which its sender hears. */
  record EarlyPayment(Payment payment, ChannelId channel, Instant until) {}

  private final Duration holding;
  private final Map<MachineId, EarlyPayment> held = new HashMap<>();

  EarlyPayments(Duration holding) {
    this.holding = holding;
  }

  /** Holds a payment; false if there is no room. */
  synchronized boolean hold(MachineId id, ChannelId channel, Payment payment, Instant now) {
    if (held.size() >= DEALS && !held.containsKey(id)) {
      return false;
    }
    held.merge(
        id,
        new EarlyPayment(payment, channel, now.plus(holding)),
        (a, b) -> a.payment.amount().compareTo(b.payment.amount()) >= 0 ? a : b);
    return true;
  }

  /** The deal has come. */
  synchronized Optional<EarlyPayment> take(MachineId id) {
    return Optional.ofNullable(held.remove(id));
  }

  /** Gives up on deals that did not come, and says on how many. */
  synchronized int forget(Instant now) {
    int before = held.size();
    held.values().removeIf(payment -> payment.until.isBefore(now));
    return before - held.size();
  }
}
