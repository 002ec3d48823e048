package io.sluice.payments.payee;

import io.sluice.payments.DealRef;
import io.sluice.payments.PaymentRecord;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.retrieval.TokenAmount;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * The money side of one deal at its provider: what has been charged and paid, and whether the next
 * block may go. Methods may be called from any thread and wait for nothing but a short lock.
 *
 * <p>A deal's credit is the part of its lane that lies above its base, up to the end if it has one:
 * lanes are cut into deals without gaps, so nothing counts twice.
 */
public final class DealAccount {
  final DealRef deal;
  final PayeeChannel channel;
  final PayeeLane lane;
  final TokenAmount base;
  final Terms terms;
  private final PayeePolicy policy;
  private final Exposure exposure;

  // guarded by the channel's lock
  private Optional<TokenAmount> end = Optional.empty();
  private Optional<Instant> endedAt = Optional.empty();
  private long charged;
  private long exposed;

  DealAccount(
      DealRef deal,
      PayeeChannel channel,
      PayeeLane lane,
      TokenAmount base,
      Terms terms,
      PayeePolicy policy,
      Exposure exposure) {
    this.deal = deal;
    this.channel = channel;
    this.lane = lane;
    this.base = base;
    this.terms = terms;
    this.policy = policy;
    this.exposure = exposure;
  }

  /** The deal. */
  public DealRef deal() {
    return deal;
  }

  /** The channel that pays for it. */
  public Bytes32 channel() {
    return channel.id;
  }

  /** The account that pays. */
  public EvmAddress payer() {
    return channel.payer;
  }

  /** The lane that pays for it. */
  public long lane() {
    return lane.number;
  }

  /** What the lane had paid before this deal. */
  public TokenAmount base() {
    return base;
  }

  /** The deal's terms. */
  public Terms terms() {
    return terms;
  }

  /** What counts as paid now. */
  public TokenAmount credit() {
    channel.lock.lock();
    try {
      return share(lane.counted);
    } finally {
      channel.lock.unlock();
    }
  }

  /** What the vouchers in hand are worth, whether or not all of it counts yet. */
  public TokenAmount vouchered() {
    channel.lock.lock();
    try {
      return share(lane.amount());
    } finally {
      channel.lock.unlock();
    }
  }

  /** Both figures at one moment. */
  public Credit figures() {
    channel.lock.lock();
    try {
      return new Credit(deal, share(lane.counted), share(lane.amount()));
    } finally {
      channel.lock.unlock();
    }
  }

  /** How many bytes have been charged. */
  public long charged() {
    channel.lock.lock();
    try {
      return charged;
    } finally {
      channel.lock.unlock();
    }
  }

  /** States how many bytes have been charged in all; a smaller figure than before is ignored. */
  public void charged(long total) {
    channel.lock.lock();
    try {
      charged = Math.max(charged, total);
      expose();
    } finally {
      channel.lock.unlock();
    }
  }

  /** What the client has still to pay for the bytes charged, fee included, by its vouchers. */
  public TokenAmount owed() {
    channel.lock.lock();
    try {
      return unpaid();
    } finally {
      channel.lock.unlock();
    }
  }

  /** Whether everything charged is paid, and counts. */
  public boolean settled() {
    channel.lock.lock();
    try {
      return !terms.due(charged).exceeds(share(lane.counted));
    } finally {
      channel.lock.unlock();
    }
  }

  /** Below how many charged bytes a block may start. */
  public long limit() {
    channel.lock.lock();
    try {
      return limitNow();
    } finally {
      channel.lock.unlock();
    }
  }

  /**
   * Whether a block that would be newly charged may go. Blocks that are not charged need not ask.
   *
   * @param size the block's size in bytes
   */
  public BlockPermit pass(long size) {
    channel.lock.lock();
    try {
      if (charged >= limitNow()) {
        return closed(BlockPermit.DEPOSIT_USED);
      }
      boolean costs = terms.due(charged + size).exceeds(terms.due(charged));
      if (costs && !channel.counted().exceeds(channel.committed())) {
        return closed(BlockPermit.DEPOSIT_USED);
      }
      if (costs && exposure.of(channel.payer) >= policy.payerUnpaidBytes()) {
        return closed(BlockPermit.PAYER_LIMIT);
      }
      return BlockPermit.OPEN;
    } finally {
      channel.lock.unlock();
    }
  }

  /** A client that owes nothing has to do something else than pay. */
  private BlockPermit closed(BlockPermit otherwise) {
    return unpaid().isZero() ? otherwise : BlockPermit.PAYMENT_NEEDED;
  }

  /** By how much the deposit is too small for this deal to go on for a window; at least 1. */
  public TokenAmount shortfall() {
    channel.lock.lock();
    try {
      long ahead = charged + terms.window(charged);
      return channel
          .committed()
          .plus(terms.due(ahead))
          .minus(terms.due(charged))
          .minusOrZero(channel.counted())
          .max(TokenAmount.of(1));
    } finally {
      channel.lock.unlock();
    }
  }

  private long limitNow() {
    TokenAmount credit = share(lane.counted);
    if (exposure.total() < policy.nodeUnpaidBytes()) {
      return terms.limit(credit);
    }
    return channel.indebted ? terms.paidBytes(credit) : terms.limit(credit, terms.interval());
  }

  // for the channel, under its lock

  /** The part of a lane's amount that belongs to this deal. */
  TokenAmount share(TokenAmount laneAmount) {
    return end.map(laneAmount::min).orElse(laneAmount).minusOrZero(base);
  }

  /** What is due for the bytes charged and not covered by vouchers. */
  TokenAmount unpaid() {
    return terms.due(charged).minusOrZero(share(lane.amount()));
  }

  boolean live() {
    return endedAt.isEmpty();
  }

  boolean frozen() {
    return end.isPresent();
  }

  /** The lane goes on without this deal, or the deal is paid: nothing more becomes its credit. */
  void freeze(TokenAmount at) {
    if (end.isEmpty()) {
      end = Optional.of(at.max(base));
    }
  }

  void ended(long total, Instant time) {
    charged = Math.max(charged, total);
    endedAt = endedAt.or(() -> Optional.of(time));
    channel.live.remove(deal);
    freezeIfPaid();
    expose();
  }

  /** An ended deal is done with once its vouchers cover it. */
  void freezeIfPaid() {
    if (!live() && unpaid().isZero()) {
      freeze(lane.amount());
    }
  }

  /** Keeps the sums over all deals in step with this one; after every change. */
  void expose() {
    long paid = terms.paidBytes(share(lane.counted));
    long open = live() ? Math.max(0, charged - paid) : 0;
    exposure.add(channel.payer, open - exposed);
    exposed = open;
  }

  /** The bytes that this deal left unpaid when it ended, less one first interval for each day. */
  long debt(Instant now) {
    if (endedAt.isEmpty()) {
      return 0;
    }
    long open = charged - terms.paidBytes(share(lane.amount()));
    double days = Duration.between(endedAt.get(), now).toSeconds() / 86_400.0;
    return Math.max(0, open - (long) (Math.max(0, days) * terms.interval()));
  }

  Optional<PaymentRecord> endRecord() {
    return endedAt.map(time -> new PaymentRecord.DealEnded(deal, charged, time));
  }
}
