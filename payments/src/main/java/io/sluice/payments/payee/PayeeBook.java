package io.sluice.payments.payee;

import io.sluice.payments.DealRef;
import io.sluice.payments.PaymentException;
import io.sluice.payments.PaymentRecord;
import io.sluice.payments.ledger.Intent;
import io.sluice.payments.voucher.Domain;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Payee;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The channels that pay this home and the accounts of the deals that they pay for, rebuilt from
 * records.
 */
final class PayeeBook {
  /** Whatever may be old is redeemed as if it were. */
  private static final Instant UNKNOWN_AGE = Instant.EPOCH;

  private final PayeePolicy policy;
  private final Clock clock;
  private final Exposure exposure = new Exposure();

  /** Guards both maps, never held together with a wait or a write. */
  private final Object desk = new Object();

  private final Map<Bytes32, PayeeChannel> channels = new LinkedHashMap<>();
  private final Map<DealRef, DealAccount> accounts = new LinkedHashMap<>();

  PayeeBook(PayeePolicy policy, Clock clock) {
    this.policy = policy;
    this.clock = clock;
  }

  /** One object a channel, also if two openings bring it at once. */
  PayeeChannel remembered(PayeeChannel channel) {
    synchronized (desk) {
      PayeeChannel before = channels.putIfAbsent(channel.id, channel);
      return before == null ? channel : before;
    }
  }

  /** The channel, if it is remembered. */
  @Nullable PayeeChannel find(Bytes32 id) {
    synchronized (desk) {
      return channels.get(id);
    }
  }

  /** The channel; {@code CHANNEL_UNKNOWN} if it is not remembered. */
  PayeeChannel channel(Bytes32 id) {
    synchronized (desk) {
      PayeeChannel channel = channels.get(id);
      if (channel == null) {
        throw new PaymentException(DealCode.CHANNEL_UNKNOWN, "no channel " + id);
      }
      return channel;
    }
  }

  /** All channels, in the order in which they came. */
  List<PayeeChannel> all() {
    synchronized (desk) {
      return List.copyOf(channels.values());
    }
  }

  /** Whether the payer has as many channels here as are kept, this one not among them. */
  boolean crowded(PayeeChannel channel) {
    synchronized (desk) {
      return !channels.containsKey(channel.id)
          && channels.values().stream()
                  .filter(other -> other.payer.equals(channel.payer) && !closed(other))
                  .count()
              >= policy.maxChannels();
    }
  }

  private static boolean closed(PayeeChannel channel) {
    return channel.view.filter(seen -> seen.channel().closed()).isPresent();
  }

  /** The deal's account, as long as it is remembered. */
  Optional<DealAccount> account(DealRef deal) {
    synchronized (desk) {
      return Optional.ofNullable(accounts.get(deal));
    }
  }

  List<DealAccount> accountsOf(EvmAddress payer) {
    synchronized (desk) {
      return accounts.values().stream().filter(account -> account.payer().equals(payer)).toList();
    }
  }

  /** A new account on a lane. */
  DealAccount account(PaymentRecord.DealBound record, PayeeChannel channel, PayeeLane lane) {
    return new DealAccount(
        record.deal(), channel, lane, record.base(), record.terms(), policy, exposure);
  }

  /** The account has its lane from now on. */
  void bound(PayeeChannel channel, DealAccount account, Optional<SignedVoucher> news, Instant now) {
    channel.lock.lock();
    try {
      PayeeLane lane = account.lane;
      lane.binding = null;
      if (lane.account != null) {
        lane.account.freeze(account.base);
      }
      if (news.isPresent()) {
        channel.take(channel.claim(lane, news.get()), news.get(), now);
      }
      lane.account = account;
      channel.accounts.put(account.deal(), account);
      channel.live.put(account.deal(), account);
      channel.judge();
    } finally {
      channel.lock.unlock();
    }
    synchronized (desk) {
      accounts.put(account.deal(), account);
    }
  }

  /** Drops accounts that nobody can ask about: paid, off their lane, and two deals ago. */
  void forgetOld(PayeeChannel channel) {
    Instant now = clock.instant();
    List<DealRef> forgotten = new ArrayList<>();
    channel.lock.lock();
    try {
      channel
          .accounts
          .values()
          .removeIf(
              account -> {
                boolean old =
                    !account.live()
                        && account.frozen()
                        && account.lane.account != account
                        && account.debt(now) == 0;
                if (old) {
                  forgotten.add(account.deal());
                }
                return old;
              });
    } finally {
      channel.lock.unlock();
    }
    synchronized (desk) {
      forgotten.forEach(accounts::remove);
    }
  }

  /** Now, as precisely as it is stored. */
  Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.SECONDS);
  }

  // rebuilding

  /** Applies one record of an earlier run. */
  void restore(PaymentRecord record) {
    switch (record) {
      case PaymentRecord.DealBound bound -> restore(bound);
      case PaymentRecord.VoucherTaken taken -> restore(taken);
      case PaymentRecord.DealEnded ended ->
          account(ended.deal())
              .ifPresent(
                  account ->
                      account.channel.locked(() -> account.ended(ended.charged(), ended.time())));
      case PaymentRecord.IntentPlanned planned -> {
        if (planned.intent() instanceof Intent.Redeem redeem) {
          redeem.vouchers().stream()
              .map(voucher -> channels.get(voucher.voucher().channel()))
              .filter(Objects::nonNull)
              .forEach(channel -> channel.locked(() -> channel.redemptionPlanned(redeem.id())));
        }
      }
      case PaymentRecord.IntentEnded ended -> {
        for (PayeeChannel channel : all()) {
          if (channel.redeeming.filter(ended.id()::equals).isPresent()) {
            channel.locked(() -> channel.redeeming = Optional.empty());
          }
        }
      }
      case PaymentRecord.FundsAsked asked -> {}
      case PaymentRecord.LaneTaken taken -> {}
      case PaymentRecord.VoucherGiven given -> {}
      case PaymentRecord.VoucherAdopted adopted -> {}
      case PaymentRecord.DealLeft left -> {}
    }
  }

  private void restore(PaymentRecord.DealBound bound) {
    PayeeChannel channel =
        channels.computeIfAbsent(
            bound.channel(),
            id ->
                new PayeeChannel(
                    bound.domain(),
                    id,
                    bound.payer(),
                    bound.signer(),
                    policy,
                    confirmations(bound)));
    if (channel.accounts.containsKey(bound.deal())) {
      return;
    }
    DealAccount account = account(bound, channel, channel.lane(bound.lane()));
    bound(channel, account, bound.best(), UNKNOWN_AGE);
  }

  private long confirmations(PaymentRecord.DealBound bound) {
    return policy.payees().stream()
        .filter(payee -> new Domain(payee.chainId(), payee.contract()).equals(bound.domain()))
        .mapToLong(Payee::confirmations)
        .max()
        .orElse(0);
  }

  private void restore(PaymentRecord.VoucherTaken taken) {
    SignedVoucher voucher = taken.voucher();
    PayeeChannel channel = channels.get(voucher.voucher().channel());
    if (channel == null) {
      return;
    }
    channel.locked(
        () -> {
          PayeeLane lane = channel.lane(voucher.voucher().lane());
          // As much as counted then counts still; the rest is judged when the ledger was asked.
          lane.counted = lane.counted.max(taken.credit());
          Instant since = taken.time().orElse(UNKNOWN_AGE);
          channel.take(channel.claim(lane, voucher), voucher, since);
        });
  }

  /** Everything needed to build this side anew, in an order that {@link #restore} takes. */
  void snapshot(List<PaymentRecord> into) {
    for (PayeeChannel channel : all()) {
      channel.lock.lock();
      try {
        for (DealAccount account : channel.accounts.values()) {
          PayeeLane lane = account.lane;
          boolean current = lane.account == account;
          into.add(
              new PaymentRecord.DealBound(
                  account.deal(),
                  channel.domain,
                  channel.id,
                  lane.number,
                  account.base(),
                  channel.payer,
                  channel.signer,
                  account.terms(),
                  Optional.empty()));
          if (current) {
            lane.best.ifPresent(
                best ->
                    into.add(
                        new PaymentRecord.VoucherTaken(
                            account.deal(), best, lane.counted, channel.unredeemedSince)));
          }
          account.endRecord().ifPresent(into::add);
        }
      } finally {
        channel.lock.unlock();
      }
    }
  }
}
