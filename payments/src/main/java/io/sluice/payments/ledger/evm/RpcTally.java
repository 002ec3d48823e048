package io.sluice.payments.ledger.evm;

import io.sluice.payments.ledger.LedgerStanding.NodeFault;
import io.sluice.protocol.Ticker;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;

/**
 * How often and for how long one node was asked, and what was the matter. Safe for many threads.
 */
final class RpcTally {
  private final Ticker ticker;
  private final Map<NodeFault, Long> faults = new EnumMap<>(NodeFault.class);
  private long requests;
  private long nanos;

  RpcTally(Ticker ticker) {
    this.ticker = ticker;
  }

  /** A request goes out; what this returns is for {@link #ended}. */
  long begun() {
    return ticker.nanos();
  }

  /** Its answer is here, or there will be none. */
  synchronized void ended(long begun) {
    requests++;
    nanos += ticker.nanos() - begun;
  }

  synchronized void failed(NodeFault fault) {
    faults.merge(fault, 1L, Long::sum);
  }

  synchronized long requests() {
    return requests;
  }

  synchronized Duration time() {
    return Duration.ofNanos(nanos);
  }

  synchronized Map<NodeFault, Long> faults() {
    return Map.copyOf(faults);
  }
}
