package io.sluice.node.provider;

import io.sluice.fsm.Applied;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.provider.ProviderDeal;
import io.sluice.fsm.provider.ProviderState;
import io.sluice.protocol.datatransfer.ChannelId;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.TokenAmount;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;

/**
 * What is known of live deals without asking the store: the watch over time-outs and the messages
 * of peers ask too often for that. Told of every event, and at the start of every deal.
 */
final class LiveDeals {
  /** A deal that is neither over nor at rest unpaid. */
  record LiveDeal(ProviderState state, Instant since, boolean paid, ChannelId channel) {}

  private final PeerId self;
  private final ProviderMetrics metrics;
  private final Map<MachineId, LiveDeal> live = new ConcurrentHashMap<>();
  private final Map<ChannelId, MachineId> channels = new ConcurrentHashMap<>();

  /** What deals that have not ended were credited with, to tell what is new. */
  private final Map<MachineId, TokenAmount> credits = new ConcurrentHashMap<>();

  LiveDeals(PeerId self, ProviderMetrics metrics) {
    this.self = self;
    this.metrics = metrics;
  }

  Optional<MachineId> dealOf(ChannelId channel) {
    return Optional.ofNullable(channels.get(channel));
  }

  boolean isLive(MachineId id, PeerId peer) {
    LiveDeal deal = live.get(id);
    return deal != null && deal.channel().initiator().equals(peer);
  }

  void forEach(BiConsumer<MachineId, LiveDeal> action) {
    live.forEach(action);
  }

  /** A deal of an earlier run. */
  void remember(MachineId id, ProviderState state, ProviderDeal deal) {
    credits.put(id, deal.credit());
    note(id, state, deal);
  }

  void applied(Applied<ProviderState, ProviderDeal> applied) {
    MachineId id = applied.machine();
    ProviderDeal deal = applied.data();
    note(id, applied.after(), deal);
    TokenAmount before =
        applied.after() == ProviderState.ENDED
            ? credits.remove(id)
            : credits.put(id, deal.credit());
    if (before != null && deal.credit().exceeds(before)) {
      TokenAmount more = deal.credit().minus(before);
      deal.money().ifPresent(paying -> metrics.earned(paying.lane().payee().token(), more));
    }
    if (applied.after() != applied.before() && applied.after().isOver()) {
      metrics.ended(deal.stateShown(applied.after()));
    }
  }

  private void note(MachineId id, ProviderState state, ProviderDeal deal) {
    ChannelId channel = new ChannelId(deal.order().peer(), self, deal.progress().transfer());
    LiveDeal before =
        state.isOver()
            ? live.remove(id)
            : live.put(
                id, new LiveDeal(state, deal.standing().since(), deal.order().paid(), channel));
    if (before != null && (state.isOver() || !before.channel().equals(channel))) {
      channels.remove(before.channel(), id); // a restart goes on in a channel of its own
    }
    if (!state.isOver()) {
      channels.put(channel, id);
    }
  }
}
