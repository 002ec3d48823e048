package io.sluice.payments.ledger.embedded;

import io.sluice.payments.ledger.Channel;
import io.sluice.payments.ledger.LedgerEvent;
import io.sluice.payments.ledger.LedgerEvent.Stamp;
import io.sluice.payments.voucher.Voucher;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One call that redeems vouchers, worked out before anything changes: each voucher finds what those
 * before it in the same call have left.
 */
final class Redemption {
  private record LaneKey(Bytes32 channel, long lane) {}

  private record LanePayment(ChannelEntry entry, LedgerEvent.Redeemed event) {}

  private final Stamp at;
  private final Map<LaneKey, ChannelEntry.LaneEntry> lanes = new HashMap<>();
  private final Map<Bytes32, TokenAmount> totals = new HashMap<>();
  private final List<LanePayment> steps = new ArrayList<>();

  Redemption(Stamp at) {
    this.at = at;
  }

  /** Whether the voucher would bring nothing, whoever signed it: it is skipped then. */
  boolean bringsNothing(ChannelEntry entry, Voucher voucher) {
    return entry.now().closed()
        || entry.over(at.time())
        || !voucher.amount().exceeds(lane(entry, voucher).cumulative())
        || headroom(entry).isZero();
  }

  private ChannelEntry.LaneEntry lane(ChannelEntry entry, Voucher voucher) {
    ChannelEntry.LaneEntry mine = lanes.get(new LaneKey(voucher.channel(), voucher.lane()));
    return mine == null ? entry.lane(voucher.lane()) : mine;
  }

  private TokenAmount total(ChannelEntry entry) {
    return totals.getOrDefault(entry.now().id(), entry.now().redeemed());
  }

  private TokenAmount headroom(ChannelEntry entry) {
    return entry.now().deposit().minus(total(entry));
  }

  /** Adds a voucher that brings something: it is paid as far as the deposit reaches. */
  void add(ChannelEntry entry, Voucher voucher) {
    ChannelEntry.LaneEntry lane = lane(entry, voucher);
    TokenAmount paid = voucher.amount().minus(lane.cumulative()).min(headroom(entry));
    ChannelEntry.LaneEntry after =
        new ChannelEntry.LaneEntry(
            lane.cumulative().plus(paid), Math.max(lane.nonce(), voucher.nonce()));
    TokenAmount total = total(entry).plus(paid);
    lanes.put(new LaneKey(voucher.channel(), voucher.lane()), after);
    totals.put(voucher.channel(), total);
    steps.add(
        new LanePayment(
            entry,
            new LedgerEvent.Redeemed(
                at,
                voucher.channel(),
                voucher.lane(),
                after.nonce(),
                after.cumulative(),
                paid,
                total)));
  }

  /** Makes it so. */
  List<LedgerEvent> make(Accounts credits) {
    List<LedgerEvent> events = new ArrayList<>();
    for (LanePayment step : steps) {
      LedgerEvent.Redeemed event = step.event();
      Channel channel = step.entry().now();
      step.entry()
          .lanes
          .put(event.lane(), new ChannelEntry.LaneEntry(event.cumulative(), event.nonce()));
      step.entry().redeemed(event.total(), at.height());
      credits.add(channel.token(), channel.payee(), event.paid());
      events.add(event);
    }
    return events;
  }
}
