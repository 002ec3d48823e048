package io.sluice.node.client;

import io.sluice.fsm.MachineId;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The attempts at deals that are under way, at most one of each deal. */
final class TransferAttempts {
  private final DealContext context;
  private final Map<MachineId, TransferAttempt> open = new ConcurrentHashMap<>();

  TransferAttempts(DealContext context) {
    this.context = context;
  }

  Optional<TransferAttempt> of(MachineId id) {
    return Optional.ofNullable(open.get(id));
  }

  void add(MachineId id, TransferAttempt attempt) {
    open.put(id, attempt);
  }

  /** Lets go of a deal's attempt, which goes on until its taker ends it. */
  Optional<TransferAttempt> take(MachineId id) {
    return Optional.ofNullable(open.remove(id));
  }

  void close(MachineId id) {
    take(id).ifPresent(TransferAttempt::close);
  }

  /** The provider's last word may still come; it is not waited for for ever. */
  void closeAfter(MachineId id, Duration wait) {
    of(id).ifPresent(attempt -> context.after(wait, () -> closeIfStillOpen(id, attempt)));
  }

  private void closeIfStillOpen(MachineId id, TransferAttempt attempt) {
    if (open.remove(id, attempt)) {
      attempt.close();
    }
  }

  /** Looks whether anything still comes. */
  void watch() {
    open.values().forEach(TransferAttempt::watch);
  }

  void closeAll() {
    open.values().forEach(TransferAttempt::close);
  }
}
