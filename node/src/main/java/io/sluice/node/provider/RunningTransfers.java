package io.sluice.node.provider;

import io.sluice.fsm.MachineId;
import io.sluice.protocol.multiformats.PeerId;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The transfers under way, at most one a deal. None of them outlives the process. */
final class RunningTransfers {
  private final Map<MachineId, ServedTransfer> byDeal = new ConcurrentHashMap<>();

  Optional<ServedTransfer> of(MachineId deal) {
    return Optional.ofNullable(byDeal.get(deal));
  }

  Collection<ServedTransfer> all() {
    return byDeal.values();
  }

  int count() {
    return byDeal.size();
  }

  long count(PeerId peer) {
    return byDeal.values().stream().filter(transfer -> transfer.peer().equals(peer)).count();
  }

  /** The transfer takes the place of whichever the deal had, which ends without a word. */
  void begin(ServedTransfer transfer) {
    ServedTransfer before = byDeal.put(transfer.deal(), transfer);
    if (before != null) {
      before.abandon();
      before.pull().close();
    }
  }

  /** Forgets a transfer, unless another has taken its place. */
  void drop(ServedTransfer transfer) {
    transfer.abandon();
    byDeal.remove(transfer.deal(), transfer);
  }

  /** Forgets the deal's transfer, whichever it is. */
  Optional<ServedTransfer> drop(MachineId deal) {
    Optional<ServedTransfer> transfer = Optional.ofNullable(byDeal.remove(deal));
    transfer.ifPresent(ServedTransfer::abandon);
    return transfer;
  }
}
