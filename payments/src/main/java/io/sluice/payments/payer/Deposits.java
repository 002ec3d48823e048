package io.sluice.payments.payer;

import io.sluice.payments.ChannelView;
import io.sluice.payments.DealRef;
import io.sluice.payments.IntentQueue;
import io.sluice.payments.PaymentException;
import io.sluice.payments.ledger.ChannelLedger;
import io.sluice.payments.ledger.Intent;
import io.sluice.payments.ledger.IntentId;
import io.sluice.payments.ledger.LedgerError;
import io.sluice.payments.ledger.LedgerEvent;
import io.sluice.payments.ledger.Outcome;
import io.sluice.payments.voucher.Domain;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.Payee;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The money behind a payer's channels: opens them, tops them up by what is missing, waits until the
 * ledger has confirmed it. One intent of a channel is on its way at a time, and durable before it
 * is tried.
 */
final class Deposits {
  private static final Logger LOG = LoggerFactory.getLogger(Deposits.class);

  private final PayerPolicy policy;
  private final Map<Domain, ChannelLedger> ledgers;
  private final IntentQueue outbox;
  private final SecureRandom random;
  private final PayerBook book;

  Deposits(
      PayerPolicy policy,
      Map<Domain, ChannelLedger> ledgers,
      IntentQueue outbox,
      SecureRandom random,
      PayerBook book) {
    this.policy = policy;
    this.ledgers = ledgers;
    this.outbox = outbox;
    this.random = random;
    this.book = book;
  }

  boolean accepts(Payee payee) {
    Domain domain = new Domain(payee.chainId(), payee.contract());
    ChannelLedger ledger = ledgers.get(domain);
    return ledger != null
        && policy.takes(domain, payee.token())
        && payee.minChallenge() <= policy.maxChallenge().toSeconds()
        && payee.minChallenge() <= ledger.facts().maxChallenge().toSeconds()
        && payee.confirmations() <= policy.maxConfirmations()
        && !payee.address().equals(policy.account());
  }

  // opening and topping up

  /** A channel whose opening is planned and not yet durable. */
  PayerChannel planned(Payee payee, TokenAmount budget) {
    TokenAmount amount = budget.max(payee.minDeposit()).max(TokenAmount.of(1));
    if (amount.exceeds(policy.maxDeposit())) {
      throw tooDeep(amount);
    }
    Domain domain = new Domain(payee.chainId(), payee.contract());
    long challenge =
        Math.max(payee.minChallenge(), ledger(domain).facts().minChallenge().toSeconds());
    byte[] salt = new byte[Bytes32.LENGTH];
    random.nextBytes(salt);
    Intent.Open open =
        new Intent.Open(
            IntentId.random(random),
            policy.account(),
            payee.address(),
            policy.account(),
            payee.token(),
            challenge,
            Bytes32.of(salt),
            amount);
    PayerChannel channel =
        new PayerChannel(domain, open, Math.max(policy.confirmations(), payee.confirmations()));
    channel.inFlight = Optional.of(open.id());
    return channel;
  }

  PaymentException tooDeep(TokenAmount wanted) {
    return new PaymentException(
        DealCode.MAX_DEPOSIT,
        "%s would lie in the channel, allowed are %s".formatted(wanted, policy.maxDeposit()),
        wanted.minusOrZero(policy.maxDeposit()));
  }

  /** Opens a planned channel. */
  Outcome open(PayerChannel channel) throws IOException {
    outbox.plan(channel.domain, channel.open);
    return attempt(channel, channel.open.id());
  }

  /** Adds to a channel's deposit, by hand. */
  Outcome topUp(PayerChannel channel, TokenAmount amount) throws IOException {
    return act(channel, planned(channel, amount));
  }

  /**
   * What this payee asks of a channel holds for it from now on, also if it was opened with less.
   */
  void heed(PayerChannel channel, Payee payee) throws IOException {
    channel.lock.lock();
    try {
      channel.floor = channel.floor.max(payee.minDeposit());
      if (payee.confirmations() <= channel.confirmations) {
        return;
      }
      channel.confirmations = payee.confirmations();
    } finally {
      channel.lock.unlock();
    }
    refresh(channel);
  }

  /** Sends one top-up for all that wait, unless something is on its way already. */
  void pump(PayerChannel channel) throws IOException {
    refresh(channel);
    Intent.TopUp topUp;
    channel.lock.lock();
    try {
      TokenAmount gap = channel.gap();
      if (channel.inFlight.isPresent() || gap.isZero() || channel.view.isEmpty()) {
        return;
      }
      topUp = planned(channel, gap);
      channel.inFlight = Optional.of(topUp.id());
    } finally {
      channel.lock.unlock();
    }
    outbox.plan(channel.domain, topUp);
    attempt(channel, topUp.id());
  }

  private Intent.TopUp planned(PayerChannel channel, TokenAmount amount) {
    return new Intent.TopUp(IntentId.random(random), channel.open.sender(), channel.id, amount);
  }

  /** Makes an intent durable and tries it. */
  Outcome act(PayerChannel channel, Intent intent) throws IOException {
    outbox.plan(channel.domain, intent);
    return attempt(channel, intent.id());
  }

  private Outcome attempt(PayerChannel channel, IntentId id) throws IOException {
    Outcome outcome = outbox.submit(id, this::ended);
    refresh(channel);
    return outcome;
  }

  /** Hears what became of an intent, perhaps one of a run before. */
  void ended(Intent intent, Outcome outcome) throws IOException {
    PayerChannel channel = book.channelOf(intent);
    if (channel == null) {
      return;
    }
    channel.lock.lock();
    try {
      channel.inFlight = channel.inFlight.filter(id -> !id.equals(intent.id()));
      if (outcome instanceof Outcome.Refused refused) {
        LOG.info("ledger refused {}: {}", intent, refused.message());
        if (intent instanceof Intent.Open) {
          channel.refused = Optional.of(refusal(refused));
        } else if (intent instanceof Intent.TopUp) {
          channel.fail(refusal(refused));
        }
      }
      if (outcome instanceof Outcome.Included included) {
        included.events().forEach(event -> noteDeposit(channel, event));
      }
      channel.changed.signalAll();
    } finally {
      channel.lock.unlock();
    }
    if (channel.refused.isPresent()) {
      book.drop(channel);
    } else {
      refresh(channel);
    }
  }

  private static void noteDeposit(PayerChannel channel, LedgerEvent event) {
    if (event instanceof LedgerEvent.ChannelOpened opened) {
      channel.reached = channel.reached.max(opened.deposit());
    } else if (event instanceof LedgerEvent.ChannelToppedUp toppedUp) {
      channel.reached = channel.reached.max(toppedUp.deposit());
    }
  }

  private static PaymentException refusal(Outcome.Refused refused) {
    return new PaymentException(
        refused.error() == LedgerError.INSUFFICIENT_BALANCE
            ? DealCode.INSUFFICIENT_FUNDS
            : DealCode.LEDGER_REFUSED,
        refused.error() + ": " + refused.message());
  }

  // waiting

  /** As {@link PayerSide#cover}. */
  void cover(DealRef deal, TokenAmount shortfall, Duration patience)
      throws IOException, InterruptedException {
    PayerChannel channel = book.with(deal);
    refresh(channel);
    TokenAmount target;
    channel.lock.lock();
    try {
      target = channel.counted().plus(shortfall);
      TokenAmount open = target.max(channel.deposit()).minusOrZero(channel.signed());
      if (open.exceeds(policy.maxDeposit())) {
        throw tooDeep(open);
      }
      channel.target = channel.target.max(target);
      channel.waiting.putIfAbsent(deal, TokenAmount.ZERO);
    } finally {
      channel.lock.unlock();
    }
    try {
      reach(channel, deal, target, patience);
    } finally {
      PayerBook.locked(
          channel,
          () -> {
            channel.target = TokenAmount.ZERO;
            channel.waiting.remove(deal, TokenAmount.ZERO);
          });
    }
  }

  private void reach(PayerChannel channel, DealRef deal, TokenAmount target, Duration patience)
      throws IOException, InterruptedException {
    long left = patience.toNanos();
    while (true) {
      pump(channel);
      channel.lock.lock();
      try {
        channel.throwFailure(deal);
        if (!target.exceeds(channel.counted())) {
          return;
        }
        if (!channel.usable()) {
          throw new PaymentException(DealCode.CHANNEL_CLOSING, "channel " + channel.id);
        }
        if (left <= 0) {
          throw new PaymentException(
              DealCode.NOT_CONFIRMED,
              "channel %s: %s of %s confirmed"
                  .formatted(channel.id, channel.counted(), channel.deposit()));
        }
        if (channel.inFlight.isPresent() || channel.view.isEmpty() || channel.gap().isZero()) {
          left = channel.changed.awaitNanos(left);
        }
      } finally {
        channel.lock.unlock();
      }
    }
  }

  // the ledgers' view

  void refreshAll() throws IOException {
    for (PayerChannel channel : book.all()) {
      refresh(channel);
    }
  }

  void refresh(PayerChannel channel) throws IOException {
    ChannelLedger ledger = ledgers.get(channel.domain);
    if (ledger == null) {
      return;
    }
    Collection<Long> lanes;
    long confirmations;
    long turn;
    channel.lock.lock();
    try {
      turn = ++channel.turns;
      lanes = channel.laneNumbers();
      confirmations = channel.confirmations;
    } finally {
      channel.lock.unlock();
    }
    Optional<ChannelView> seen;
    try {
      seen = ChannelView.read(ledger, channel.id, confirmations, lanes, turn);
    } catch (IOException e) {
      LOG.warn("ledger {} cannot be asked: {}", channel.domain, e.toString());
      return;
    }
    seen.ifPresent(view -> PayerBook.locked(channel, () -> channel.see(view)));
  }

  private ChannelLedger ledger(Domain domain) {
    ChannelLedger ledger = ledgers.get(domain);
    if (ledger == null) {
      throw new PaymentException(DealCode.NO_COMMON_PAYMENT, "no ledger " + domain);
    }
    return ledger;
  }
}
