package io.sluice.payments.payee;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.sluice.payments.DealRef;
import io.sluice.payments.PaymentException;
import io.sluice.payments.PaymentRecord;
import io.sluice.payments.ledger.Intent;
import io.sluice.payments.voucher.Domain;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Payee;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The channels that pay this home and the accounts of the deals that they pay for, rebuilt from
 * records.
 *
 * <p>The book's own monitor guards both maps, and is never held together with a wait or a write. A
 * channel may be asked under it, never the other way round: channels know no book.
 */
final class PayeeBook {
  /** Whatever may be old is redeemed as if it were. */
  private static final Instant UNKNOWN_AGE = Instant.EPOCH;

  private final PayeeContext context;

  @GuardedBy("this")
  private final Map<Bytes32, PayeeChannel> channels = new LinkedHashMap<>();

  @GuardedBy("this")
  private final Map<DealRef, DealAccount> accounts = new LinkedHashMap<>();

  PayeeBook(PayeeContext context) {
    this.context = context;
  }

  /** One object a channel, also if two openings bring it at once. */
  synchronized PayeeChannel remembered(PayeeChannel channel) {
    PayeeChannel before = channels.putIfAbsent(channel.id, channel);
    return before == null ? channel : before;
  }

  /** The channel, if it is remembered. */
  synchronized @Nullable PayeeChannel find(Bytes32 id) {
    return channels.get(id);
  }

  /** The channel; {@code CHANNEL_UNKNOWN} if it is not remembered. */
  PayeeChannel channel(Bytes32 id) {
    PayeeChannel channel = find(id);
    if (channel == null) {
      throw new PaymentException(DealCode.CHANNEL_UNKNOWN, "no channel " + id);
    }
    return channel;
  }

  /** All channels, in the order in which they came. */
  synchronized List<PayeeChannel> all() {
    return List.copyOf(channels.values());
  }

  /** Whether the payer has as many channels here as are kept, this one not among them. */
  boolean hasTooMany(PayeeChannel channel) {
    return find(channel.id) == null
        && all().stream()
                .filter(other -> other.payer.equals(channel.payer) && !other.isClosed())
                .count()
            >= context.policy().maxChannels();
  }

  /** The deal's account, as long as it is remembered. */
  synchronized Optional<DealAccount> account(DealRef deal) {
    return Optional.ofNullable(accounts.get(deal));
  }

  synchronized List<DealAccount> accountsOf(EvmAddress payer) {
    return accounts.values().stream().filter(account -> account.payer().equals(payer)).toList();
  }

  /** A deal has its account from now on. */
  synchronized void add(DealAccount account) {
    accounts.put(account.deal(), account);
  }

  /** Drops accounts that nobody can ask about any more. */
  void forgetOld(PayeeChannel channel) {
    List<DealRef> forgotten = channel.forgetOld();
    synchronized (this) {
      forgotten.forEach(accounts::remove);
    }
  }

  // rebuilding

  /** Applies one record of an earlier run. */
  void restore(PaymentRecord record) {
    switch (record) {
      case PaymentRecord.DealBound bound ->
          channelOf(bound).restore(bound, UNKNOWN_AGE).ifPresent(this::add);
      case PaymentRecord.VoucherTaken taken ->
          Optional.ofNullable(find(taken.voucher().voucher().channel()))
              .ifPresent(channel -> channel.restore(taken, UNKNOWN_AGE));
      case PaymentRecord.DealEnded ended ->
          account(ended.deal())
              .ifPresent(
                  account -> account.home().end(account.figures(), ended.charged(), ended.time()));
      case PaymentRecord.IntentPlanned planned -> {
        if (planned.intent() instanceof Intent.Redeem redeem) {
          redeem.vouchers().stream()
              .flatMap(it -> Optional.ofNullable(find(it.voucher().channel())).stream())
              .forEach(channel -> channel.redemptionPlanned(redeem.id()));
        }
      }
      case PaymentRecord.IntentEnded ended ->
          all().forEach(channel -> channel.redemptionEnded(ended.id()));
      case PaymentRecord.FundsAsked asked -> {}
      case PaymentRecord.LaneTaken taken -> {}
      case PaymentRecord.VoucherGiven given -> {}
      case PaymentRecord.VoucherAdopted adopted -> {}
      case PaymentRecord.DealLeft left -> {}
      case PaymentRecord.ChannelIdle idle -> {}
      case PaymentRecord.ConsentGiven given ->
          Optional.ofNullable(find(given.channel())).ifPresent(channel -> channel.restore(given));
      case PaymentRecord.CreditGathers gathers -> {}
    }
  }

  private synchronized PayeeChannel channelOf(PaymentRecord.DealBound bound) {
    return channels.computeIfAbsent(
        bound.channel(),
        id ->
            new PayeeChannel(
                bound.domain(),
                id,
                bound.payer(),
                bound.signer(),
                confirmations(bound.domain()),
                context));
  }

  /** The record does not say which offer it was: the most careful one of that ledger holds. */
  private long confirmations(Domain domain) {
    return context.policy().payees().stream()
        .filter(payee -> new Domain(payee.chainId(), payee.contract()).equals(domain))
        .mapToLong(Payee::confirmations)
        .max()
        .orElse(0);
  }

  /** Everything needed to build this side anew, in an order that {@link #restore} takes. */
  void snapshot(List<PaymentRecord> into) {
    all().forEach(channel -> channel.snapshot(into));
  }
}
