package io.sluice.node.provider;

import static io.sluice.node.provider.ClientNotices.unheard;

import io.sluice.fsm.MachineId;
import io.sluice.fsm.provider.ProviderEvent;
import io.sluice.fsm.provider.ProviderInput;
import io.sluice.protocol.multiformats.PeerId;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * Records refused proposals, so that an operator sees who was sent away and why. A few for each
 * peer and hour: strangers must not fill the journal. Refusals that say no more than "not now" are
 * left to the metrics.
 */
final class RefusedProposals {
  private static final Duration PERIOD = Duration.ofHours(1);
  private static final int PEERS = 10;

  private final SaleContext context;
  private final int perPeer;
  private final Map<PeerId, Integer> kept = new HashMap<>();
  private int inAll;
  private Instant since = Instant.EPOCH;

  RefusedProposals(SaleContext context, int perPeer) {
    this.context = context;
    this.perPeer = perPeer;
  }

  void keep(IncomingProposal proposal, ProposalRefusal why) {
    if (why.code().isTransient() || !takeRoom(proposal.peer())) {
      return;
    }
    context.later(
        () -> {
          MachineId free = freeId(proposal.id());
          context.start(free, proposal.deal(context.now()));
          unheard(
              context.send(
                  free,
                  ProviderEvent.REFUSED,
                  new ProviderInput.Stopped(context.now(), 0, why.reason())));
        });
  }

  /** The deal's own id stays free: the next proposal under it may be a good one. */
  private MachineId freeId(MachineId id) {
    for (int count = 1; ; count++) {
      MachineId candidate = new MachineId(id.value() + "-refused-" + count);
      if (context.find(candidate).isEmpty()) {
        return candidate;
      }
    }
  }

  private synchronized boolean takeRoom(PeerId peer) {
    Instant now = context.now();
    if (since.plus(PERIOD).isBefore(now)) {
      since = now;
      inAll = 0;
      kept.clear();
    }
    int count = kept.getOrDefault(peer, 0);
    if (count >= perPeer || inAll >= perPeer * PEERS) {
      return false;
    }
    kept.put(peer, count + 1);
    inAll++;
    return true;
  }
}
