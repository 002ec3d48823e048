package io.sluice.payments.payer;

import io.sluice.payments.ChannelView;
import io.sluice.payments.DealRef;
import io.sluice.payments.IntentQueue;
import io.sluice.payments.PaymentException;
import io.sluice.payments.Shortage;
import io.sluice.payments.ledger.ChannelLedger;
import io.sluice.payments.ledger.Intent;
import io.sluice.payments.ledger.IntentId;
import io.sluice.payments.ledger.LedgerError;
import io.sluice.payments.ledger.Outcome;
import io.sluice.payments.voucher.Domain;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.Payee;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The money behind a payer's channels: opens them, tops them up by what is missing, waits until the
 * ledger has confirmed it. One intent of a channel is on its way at a time, and durable before it
 * is tried.
 *
 * <p>A ledger may answer late, twice or not at all, and the process may end at any line. So nothing
 * here acts on what it sent: it acts on what the ledger says, which is asked again after each
 * attempt. No channel's monitor is held while it is asked.
 */
final class Deposits {
  private static final Logger LOG = LoggerFactory.getLogger(Deposits.class);

  private final PayerPolicy policy;
  private final Map<Domain, ChannelLedger> ledgers;
  private final IntentQueue intents;
  private final SecureRandom random;
  private final PayerBook book;

  Deposits(
      PayerPolicy policy,
      Map<Domain, ChannelLedger> ledgers,
      IntentQueue intents,
      SecureRandom random,
      PayerBook book) {
    this.policy = policy;
    this.ledgers = ledgers;
    this.intents = intents;
    this.random = random;
    this.book = book;
  }

  boolean accepts(Payee payee) {
    Domain domain = new Domain(payee.chainId(), payee.contract());
    ChannelLedger ledger = ledgers.get(domain);
    // Whatever would tie our money up for longer, or make a deal wait longer, than we let it.
    return ledger != null
        && policy.takes(domain, payee.token())
        && payee.minChallenge() <= policy.maxChallenge().toSeconds()
        && payee.minChallenge() <= ledger.facts().maxChallenge().toSeconds()
        && payee.confirmations() <= policy.maxConfirmations()
        && !payee.address().equals(policy.account());
  }

  boolean affords(Payee payee, TokenAmount amount) {
    Domain domain = new Domain(payee.chainId(), payee.contract());
    try {
      TokenAmount owned = ledger(domain).balance(payee.token(), policy.account());
      for (PayerChannel channel : book.all()) {
        if (channel.domain.equals(domain)
            && channel.open.payee().equals(payee.address())
            && channel.open.token().equals(payee.token())) {
          owned = owned.plus(channel.free());
        }
      }
      return !amount.exceeds(owned);
    } catch (IOException e) {
      LOG.warn("ledger {} cannot be asked: {}", domain, e.toString());
      return true;
    }
  }

  // opening and topping up

  /** A channel whose opening is planned and not yet durable. */
  PayerChannel planned(Payee payee, TokenAmount budget) {
    // Never an empty channel: the ledger refuses to open one.
    TokenAmount amount = budget.max(payee.minDeposit()).max(TokenAmount.of(1));
    policy.checkDeposit(payee.token(), amount);
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
    return new PayerChannel(domain, open, Math.max(policy.confirmations(), payee.confirmations()));
  }

  /** Opens a planned channel: its id stands before the ledger knows it, so a retry is the same. */
  Outcome open(PayerChannel channel) throws IOException {
    return act(channel, channel.open);
  }

  /** Adds to a channel's deposit, by hand. */
  Outcome topUp(PayerChannel channel, TokenAmount amount) throws IOException {
    return act(
        channel,
        new Intent.TopUp(IntentId.random(random), channel.open.sender(), channel.id, amount));
  }

  /** As {@link PayerChannel#heed}: deposits that have to lie deeper are looked at again. */
  void heed(PayerChannel channel, Payee payee) {
    if (channel.heed(payee)) {
      refresh(channel);
    }
  }

  /** Sends one top-up for all that wait, unless something is on its way already. */
  void fillGap(PayerChannel channel) throws IOException {
    // Asked first: what was missing may have arrived, and nothing is to be paid in twice.
    refresh(channel);
    Optional<Intent.TopUp> topUp = channel.planTopUp(random);
    if (topUp.isPresent()) {
      act(channel, topUp.get());
    }
  }

  /** Makes an intent durable and tries it. */
  Outcome act(PayerChannel channel, Intent intent) throws IOException {
    // Planned before it is tried: after a crash in between the same id is tried again, so that no
    // deposit is paid twice and none is forgotten.
    intents.plan(channel.domain, intent);
    Outcome outcome = intents.submit(intent.id(), this::ended);
    refresh(channel);
    return outcome;
  }

  /** Hears what became of an intent, perhaps one of a run before. */
  void ended(Intent intent, Outcome outcome) throws IOException {
    PayerChannel channel = book.channelOf(intent);
    // Ours all the same, but of the payee's side, or of no channel: a redemption, a withdrawal.
    if (channel == null) {
      return;
    }
    Optional<PaymentException> refusal = Optional.empty();
    if (outcome instanceof Outcome.Refused refused) {
      LOG.info("ledger refused {}: {}", intent, refused.message());
      refusal = Optional.of(refusal(channel, intent, refused));
    }
    if (channel.ended(intent, outcome, refusal)) {
      refresh(channel);
    } else {
      // Nobody may find it any more; deals that wait on it hear why, and get another.
      book.drop(channel);
    }
  }

  private PaymentException refusal(PayerChannel channel, Intent intent, Outcome.Refused refused) {
    if (refused.error() == LedgerError.CHANNEL_SETTLING
        || refused.error() == LedgerError.CHANNEL_NOT_OPEN) {
      return new PaymentException(DealCode.CHANNEL_CLOSING, "channel " + channel.id);
    }
    if (refused.error() != LedgerError.INSUFFICIENT_BALANCE) {
      return new PaymentException(
          DealCode.LEDGER_REFUSED, refused.error() + ": " + refused.message());
    }
    TokenAmount needed =
        switch (intent) {
          case Intent.Open open -> open.amount();
          case Intent.TopUp topUp -> topUp.amount();
          default -> TokenAmount.ZERO; // the ledger's fees alone
        };
    return new PaymentException(
        DealCode.INSUFFICIENT_FUNDS,
        Shortage.on(ledger(channel.domain), channel.open.sender(), channel.open.token(), needed)
            .message());
  }

  /** Whether taking it back brings more than it costs; no, if the ledger does not say. */
  boolean isWorth(PayerChannel channel, IdleFunds funds) {
    ChannelLedger ledger = ledgers.get(channel.domain);
    try {
      return ledger != null && funds.isWorth(ledger.redemptionCost(channel.open.token()));
    } catch (IOException e) {
      LOG.warn("ledger {} cannot be asked: {}", channel.domain, e.toString());
      return false;
    }
  }

  // waiting

  /** As {@link PayerSide#cover}. */
  void cover(DealRef deal, TokenAmount shortfall, Duration patience)
      throws IOException, InterruptedException {
    PayerChannel channel = book.with(deal);
    refresh(channel);
    TokenAmount target = channel.aim(deal, shortfall, policy);
    try {
      // Each turn fills what is missing by then: others on the channel wait, and sign, meanwhile.
      OptionalLong left = OptionalLong.of(patience.toNanos());
      while (left.isPresent()) {
        fillGap(channel);
        left = channel.awaitConfirmed(deal, target, left.getAsLong());
      }
    } finally {
      channel.aimed(deal);
    }
  }

  // the ledgers' view

  void refresh(PayerChannel channel) {
    ChannelLedger ledger = ledgers.get(channel.domain);
    // A ledger may go from the configuration while channels on it are still in the books.
    if (ledger == null) {
      return;
    }
    try {
      ChannelView.read(ledger, channel.nextQuery()).ifPresent(channel::see);
    } catch (IOException e) {
      // The view stays as it is: what was confirmed once may be signed away still.
      LOG.warn("ledger {} cannot be asked: {}", channel.domain, e.toString());
    }
  }

  /** The time of the channel's ledger. */
  Instant now(PayerChannel channel) throws IOException {
    return ledger(channel.domain).head().time();
  }

  private ChannelLedger ledger(Domain domain) {
    ChannelLedger ledger = ledgers.get(domain);
    if (ledger == null) {
      throw new PaymentException(DealCode.NO_COMMON_PAYMENT, "no ledger " + domain);
    }
    return ledger;
  }
}
