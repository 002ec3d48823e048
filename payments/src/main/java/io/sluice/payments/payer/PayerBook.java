package io.sluice.payments.payer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.sluice.payments.DealRef;
import io.sluice.payments.PaymentException;
import io.sluice.payments.PaymentRecord;
import io.sluice.payments.ledger.Intent;
import io.sluice.payments.ledger.IntentId;
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

/**
 * The channels that this home opened and the deals on them: found, and rebuilt from records.
 *
 * <p>The book's own monitor guards both maps, and is never held together with a wait or a write. A
 * channel may be asked under it, never the other way round: channels know no book.
 */
final class PayerBook {
  /**
   * Where a deal belongs.
   *
   * @param channel the channel
   * @param isNew whether it was made for this deal and has yet to be opened
   */
  record Assignment(PayerChannel channel, boolean isNew) {}

  private final long confirmations;

  @GuardedBy("this")
  private final Map<Bytes32, PayerChannel> channels = new LinkedHashMap<>();

  @GuardedBy("this")
  private final Map<DealRef, PayerChannel> deals = new HashMap<>();

  PayerBook(long confirmations) {
    this.confirmations = confirmations;
  }

  /** The channel that the deal is on, else one that suits, else a planned one. */
  synchronized Assignment assign(
      DealRef deal, Predicate<PayerChannel> suits, Supplier<PayerChannel> planned) {
    PayerChannel mine = deals.get(deal);
    if (mine != null && mine.isGoodFor(deal)) {
      return new Assignment(mine, false);
    }
    PayerChannel found = null;
    for (PayerChannel candidate : channels.values()) {
      if (suits.test(candidate) && candidate.isUsable()) {
        found = candidate;
      }
    }
    PayerChannel channel = found == null ? planned.get() : found;
    channels.put(channel.id, channel);
    deals.put(deal, channel);
    return new Assignment(channel, found == null);
  }

  synchronized void add(PayerChannel channel) {
    channels.put(channel.id, channel);
  }

  /** Forgets a channel that the ledger did not open. */
  synchronized void drop(PayerChannel channel) {
    channels.remove(channel.id);
    deals.values().removeIf(other -> other == channel);
  }

  /** The deal is over. */
  synchronized void leave(PaymentRecord.DealLeft left, PayerChannel channel) {
    channel.leave(left);
    deals.remove(left.deal(), channel);
  }

  /** All channels, in the order in which they were planned. */
  synchronized List<PayerChannel> all() {
    return List.copyOf(channels.values());
  }

  /** {@code CHANNEL_UNKNOWN} if there is none of that id. */
  synchronized PayerChannel channel(Bytes32 id) {
    PayerChannel channel = channels.get(id);
    if (channel == null) {
      throw new PaymentException(DealCode.CHANNEL_UNKNOWN, "no channel " + id);
    }
    return channel;
  }

  /** The channel that a deal is on. */
  synchronized @Nullable PayerChannel find(DealRef deal) {
    return deals.get(deal);
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
  synchronized @Nullable PayerChannel channelOf(Intent intent) {
    return switch (intent) {
      case Intent.Open open -> openedBy(open.id());
      case Intent.TopUp topUp -> channels.get(topUp.channel());
      case Intent.Settle settle -> channels.get(settle.channel());
      case Intent.Collect collect -> channels.get(collect.channel());
      case Intent.Redeem redeem -> null;
      case Intent.Close close -> null;
      case Intent.CloseByConsent close -> channels.get(close.consent().channel());
      case Intent.Withdraw withdraw -> null;
    };
  }

  @GuardedBy("this")
  private @Nullable PayerChannel openedBy(IntentId id) {
    for (PayerChannel channel : channels.values()) {
      if (channel.open.id().equals(id)) {
        return channel;
      }
    }
    return null;
  }

  // rebuilding

  /** Applies one record of an earlier run. */
  synchronized void restore(PaymentRecord record) {
    switch (record) {
      case PaymentRecord.IntentPlanned planned -> restore(planned);
      case PaymentRecord.IntentEnded ended -> {
        all().forEach(channel -> channel.restore(ended));
        PayerChannel opened = openedBy(ended.id());
        if (ended.refused().isPresent() && opened != null) {
          drop(opened);
        }
      }
      case PaymentRecord.FundsAsked asked -> restore(asked.deal(), asked.channel(), asked);
      case PaymentRecord.LaneTaken taken -> restore(taken.deal(), taken.channel(), taken);
      case PaymentRecord.VoucherGiven given -> restore(given.voucher(), given);
      case PaymentRecord.VoucherAdopted adopted -> restore(adopted.voucher(), adopted);
      case PaymentRecord.DealLeft left ->
          Optional.ofNullable(deals.remove(left.deal()))
              .ifPresent(channel -> channel.restore(left));
      case PaymentRecord.ChannelIdle idle ->
          Optional.ofNullable(channels.get(idle.channel()))
              .ifPresent(channel -> channel.restore(idle));
      case PaymentRecord.CreditGathers gathers -> {}
      case PaymentRecord.ConsentGiven given -> {}
      case PaymentRecord.DealBound bound -> {}
      case PaymentRecord.VoucherTaken taken -> {}
      case PaymentRecord.DealEnded ended -> {}
    }
  }

  @GuardedBy("this")
  private void restore(PaymentRecord.IntentPlanned planned) {
    if (planned.intent() instanceof Intent.Open open) {
      channels.computeIfAbsent(
          open.channel(planned.domain()),
          id -> new PayerChannel(planned.domain(), open, confirmations));
    }
    PayerChannel channel = channelOf(planned.intent());
    if (channel != null) {
      channel.restore(planned);
    }
  }

  @GuardedBy("this")
  private void restore(DealRef deal, Bytes32 id, PaymentRecord record) {
    PayerChannel channel = channels.get(id);
    if (channel != null) {
      channel.restore(record);
      deals.put(deal, channel);
    }
  }

  @GuardedBy("this")
  private void restore(SignedVoucher voucher, PaymentRecord record) {
    PayerChannel channel = channels.get(voucher.voucher().channel());
    if (channel != null) {
      channel.restore(record);
    }
  }

  /** After the last record: lanes that nobody holds are free. */
  void restored() {
    all().forEach(PayerChannel::restored);
  }

  /** Everything needed to build this side anew, in an order that {@link #restore} takes. */
  void snapshot(List<PaymentRecord> into) {
    all().forEach(channel -> channel.snapshot(into));
  }
}
