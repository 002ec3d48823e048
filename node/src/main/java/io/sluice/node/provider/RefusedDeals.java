package io.sluice.node.provider;

import static io.sluice.node.provider.Answers.unheard;

import io.sluice.fsm.LeftOut;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.provider.ProviderDeal;
import io.sluice.fsm.provider.ProviderEvent;
import io.sluice.fsm.provider.ProviderInput;
import io.sluice.protocol.datatransfer.PullRequest;
import io.sluice.protocol.multiformats.PeerId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * Records refused proposals, so that an operator sees who was sent away and why. A few for each
 * peer and hour: strangers must not fill the journal. Refusals that say no more than "not now" are
 * left to the metrics.
 */
final class RefusedDeals {

  private static final Duration PERIOD = Duration.ofHours(1);
  private static final int PEERS = 10;

  private final DealDesk desk;
  private final int perPeer;
  private final Clock clock;
  private final Map<PeerId, Integer> kept = new HashMap<>();
  private int inAll;
  private Instant since = Instant.EPOCH;

  RefusedDeals(DealDesk desk, int perPeer, Clock clock) {
    this.desk = desk;
    this.perPeer = perPeer;
    this.clock = clock;
  }

  void keep(Wish wish, Refusal why) {
    if (why.code().isTransient() || !room(wish.peer())) {
      return;
    }
    desk.later(
        () -> {
          MachineId free = freeId(wish.id());
          PullRequest request = wish.request();
          ProviderDeal deal =
              ProviderDeal.proposed(
                  wish.peer(),
                  wish.number(),
                  request.root(),
                  request.selector(),
                  request.channel().transfer(),
                  LeftOut.of(request.asked()),
                  wish.money(),
                  desk.now());
          desk.start(free, deal);
          unheard(
              desk.send(
                  free,
                  ProviderEvent.REFUSED,
                  new ProviderInput.Stopped(desk.now(), 0, why.code().name(), why.message())));
        });
  }

  /** The deal's own id stays free: the next proposal under it may be a good one. */
  private MachineId freeId(MachineId id) {
    for (int count = 1; ; count++) {
      MachineId candidate = new MachineId(id.value() + "-refused-" + count);
      if (desk.find(candidate).isEmpty()) {
        return candidate;
      }
    }
  }

  private synchronized boolean room(PeerId peer) {
    Instant now = clock.instant();
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
