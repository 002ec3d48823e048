package io.sluice.payments.payer;

import io.sluice.payments.DealRef;
import io.sluice.payments.PaymentException;
import io.sluice.payments.PaymentRecord;
import io.sluice.payments.ledger.Intent;
import io.sluice.payments.payer.PayerChannel.Hold;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.DealCode;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The channels that this home opened and the deals on them: found, and rebuilt from records. */
final class PayerBook {

  /**
   * Where a deal belongs.
   *
   * @param channel the channel
   * @param fresh whether it was made for this deal and has yet to be opened
   */
  record Assignment(PayerChannel channel, boolean fresh) {}

  private final long confirmations;

  /** Guards both maps, never held together with a wait or a write. */
  private final Object desk = new Object();

  private final Map<Bytes32, PayerChannel> channels = new LinkedHashMap<>();
  private final Map<DealRef, PayerChannel> deals = new HashMap<>();

  PayerBook(long confirmations) {
    this.confirmations = confirmations;
  }

  /** The channel that the deal is on, else one that suits, else a planned one. */
  Assignment place(DealRef deal, Predicate<PayerChannel> suits, Supplier<PayerChannel> planned) {
    synchronized (desk) {
      PayerChannel mine = deals.get(deal);
      if (mine != null && (mine.usable() || mine.holds.containsKey(deal))) {
        return new Assignment(mine, false);
      }
      PayerChannel found = null;
      for (PayerChannel candidate : channels.values()) {
        if (suits.test(candidate) && candidate.usable()) {
          found = candidate;
        }
      }
      PayerChannel channel = found == null ? planned.get() : found;
      channels.put(channel.id, channel);
      deals.put(deal, channel);
      return new Assignment(channel, found == null);
    }
  }

  void add(PayerChannel channel) {
    synchronized (desk) {
      channels.put(channel.id, channel);
    }
  }

  /** Forgets a channel that the ledger did not open. */
  void drop(PayerChannel channel) {
    synchronized (desk) {
      channels.remove(channel.id);
      deals.values().removeIf(other -> other == channel);
    }
  }

  void leave(DealRef deal, PayerChannel channel) {
    locked(channel, () -> channel.leave(deal));
    synchronized (desk) {
      deals.remove(deal, channel);
    }
  }

  /** All channels, in the order in which they were planned. */
  List<PayerChannel> all() {
    synchronized (desk) {
      return List.copyOf(channels.values());
    }
  }

  /** {@code CHANNEL_UNKNOWN} if there is none of that id. */
  PayerChannel channel(Bytes32 id) {
    synchronized (desk) {
      PayerChannel channel = channels.get(id);
      if (channel == null) {
        throw new PaymentException(DealCode.CHANNEL_UNKNOWN, "no channel " + id);
      }
      return channel;
    }
  }

  /** The channel that a deal is on. */
  @Nullable PayerChannel find(DealRef deal) {
    synchronized (desk) {
      return deals.get(deal);
    }
  }

  /** The same; {@code NO_LANE} if it is on none. */
  PayerChannel with(DealRef deal) {
    PayerChannel channel = find(deal);
    if (channel == null) {
      throw new PaymentException(DealCode.NO_LANE, deal + " has no lane");
    }
    return channel;
  }

  /** The channel that an intent is about, if it is one of these. */
  @Nullable PayerChannel channelOf(Intent intent) {
    synchronized (desk) {
      return switch (intent) {
        case Intent.Open open ->
            channels.values().stream()
                .filter(channel -> channel.open.id().equals(open.id()))
                .findFirst()
                .orElse(null);
        case Intent.TopUp topUp -> channels.get(topUp.channel());
        case Intent.Settle settle -> channels.get(settle.channel());
        case Intent.Collect collect -> channels.get(collect.channel());
        case Intent.Redeem redeem -> null;
        case Intent.Close close -> null;
        case Intent.CloseByConsent close -> channels.get(close.consent().channel());
        case Intent.Withdraw withdraw -> null;
      };
    }
  }

  static void adopted(PayerChannel channel, DealRef deal, SignedVoucher voucher) {
    better(channel.lane(voucher.voucher().lane()), voucher);
    Hold hold = channel.holds.get(deal);
    if (hold != null) {
      hold.base = hold.base.max(voucher.amount());
    }
  }

  static void better(PayerLane lane, SignedVoucher voucher) {
    if (lane.best.isEmpty() || voucher.amount().exceeds(lane.amount())) {
      lane.best = Optional.of(voucher);
    }
  }

  /** The record of a hold as it stands. */
  static PaymentRecord taken(PayerChannel channel, Hold hold) {
    return new PaymentRecord.LaneTaken(
        hold.deal, channel.id, hold.lane.number, hold.base, hold.budget);
  }

  static void locked(PayerChannel channel, Runnable change) {
    channel.lock.lock();
    try {
      change.run();
    } finally {
      channel.lock.unlock();
    }
  }

  /** Applies one record of an earlier run. */
  void restore(PaymentRecord record) {
    switch (record) {
      case PaymentRecord.IntentPlanned planned -> restore(planned);
      case PaymentRecord.IntentEnded ended -> restore(ended);
      case PaymentRecord.FundsAsked asked -> {
        PayerChannel channel = channels.get(asked.channel());
        if (channel != null) {
          channel.waiting.put(asked.deal(), asked.amount());
          deals.put(asked.deal(), channel);
        }
      }
      case PaymentRecord.LaneTaken taken -> restore(taken);
      case PaymentRecord.VoucherGiven given ->
          channelFor(given.voucher())
              .ifPresent(
                  channel ->
                      better(channel.lane(given.voucher().voucher().lane()), given.voucher()));
      case PaymentRecord.VoucherAdopted adopted ->
          channelFor(adopted.voucher())
              .ifPresent(channel -> adopted(channel, adopted.deal(), adopted.voucher()));
      case PaymentRecord.DealLeft left -> {
        PayerChannel channel = deals.remove(left.deal());
        if (channel != null) {
          locked(channel, () -> channel.leave(left.deal()));
        }
      }
      case PaymentRecord.DealBound bound -> {}
      case PaymentRecord.VoucherTaken taken -> {}
      case PaymentRecord.DealEnded ended -> {}
    }
  }

  private void restore(PaymentRecord.IntentPlanned planned) {
    if (planned.intent() instanceof Intent.Open open) {
      Bytes32 id = open.channel(planned.domain());
      channels.computeIfAbsent(id, any -> new PayerChannel(planned.domain(), open, confirmations))
              .inFlight =
          Optional.of(open.id());
    } else if (planned.intent() instanceof Intent.TopUp topUp) {
      PayerChannel channel = channels.get(topUp.channel());
      if (channel != null) {
        channel.inFlight = Optional.of(topUp.id());
      }
    }
  }

  private void restore(PaymentRecord.IntentEnded ended) {
    for (PayerChannel channel : all()) {
      channel.inFlight = channel.inFlight.filter(id -> !id.equals(ended.id()));
      if (ended.refused().isPresent() && channel.open.id().equals(ended.id())) {
        channels.remove(channel.id);
        deals.values().removeIf(other -> other == channel);
      }
    }
  }

  private void restore(PaymentRecord.LaneTaken taken) {
    PayerChannel channel = channels.get(taken.channel());
    if (channel == null) {
      return;
    }
    locked(
        channel,
        () -> {
          channel.leave(taken.deal());
          PayerLane lane = channel.lane(taken.lane());
          channel.free.remove(taken.lane());
          Hold hold = new Hold(taken.deal(), lane, taken.base(), taken.budget());
          lane.hold = hold;
          channel.holds.put(taken.deal(), hold);
        });
    deals.put(taken.deal(), channel);
  }

  /** After the last record: lanes that nobody holds are free. */
  void restored() {
    for (PayerChannel channel : all()) {
      for (PayerLane lane : channel.lanes.values()) {
        if (lane.hold == null) {
          channel.free.add(lane.number);
        }
      }
    }
  }

  private Optional<PayerChannel> channelFor(SignedVoucher voucher) {
    return Optional.ofNullable(channels.get(voucher.voucher().channel()));
  }

  /** Everything needed to build this side anew, in an order that {@link #restore} takes. */
  void snapshot(List<PaymentRecord> into) {
    for (PayerChannel channel : all()) {
      channel.lock.lock();
      try {
        into.add(new PaymentRecord.IntentPlanned(channel.domain, channel.open));
        if (channel.inFlight.filter(channel.open.id()::equals).isEmpty()) {
          into.add(new PaymentRecord.IntentEnded(channel.open.id(), Optional.empty()));
        }
        channel.waiting.forEach(
            (deal, amount) -> into.add(new PaymentRecord.FundsAsked(deal, channel.id, amount)));
        for (PayerLane lane : channel.lanes.values()) {
          // Its best voucher stays with a lane whose deals have left.
          lane.best.ifPresent(
              best -> into.add(new PaymentRecord.VoucherGiven(nobody(channel, lane), best)));
        }
        channel.holds.values().forEach(hold -> into.add(taken(channel, hold)));
      } finally {
        channel.lock.unlock();
      }
    }
  }

  /** Stands for the deals that have left a lane; one name a lane, for stores that go by deal. */
  private static DealRef nobody(PayerChannel channel, PayerLane lane) {
    return new DealRef("-%s/%d".formatted(channel.id, lane.number));
  }
}
