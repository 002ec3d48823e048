package io.sluice.payments.watch;

import io.sluice.payments.ChannelBook;
import io.sluice.payments.ChannelStanding;
import io.sluice.payments.home.Payments;
import io.sluice.payments.ledger.ChannelLedger;
import io.sluice.payments.ledger.Head;
import io.sluice.payments.token.Amounts;
import io.sluice.payments.watch.MoneyFigures.LedgerFigures;
import io.sluice.payments.watch.MoneyFigures.NewestBlock;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the money of a home: at its channels, in one pass without the closed ones, and with a
 * handful of questions at its ledger. What a look costs does not depend on how many deals there
 * were.
 *
 * <p>What became of the ledger's time is remembered from look to look, so that a deadline comes
 * nearer also while nobody answers, or the chain stands still: its next block will be later.
 */
public final class MoneyWatch {
  private static final Logger LOG = LoggerFactory.getLogger(MoneyWatch.class);

  private final Payments payments;
  private final ChannelLedger ledger;
  private final EvmAddress account;
  private final List<EvmAddress> tokens;
  private final long confirmations;
  private final Clock clock;
  private final Ticker ticker;
  private final Set<Bytes32> settling = new HashSet<>();
  private Optional<Seen> seen = Optional.empty();
  private long settles;
  private boolean isAnswered = true;

  private record Seen(NewestBlock block, long nanos) {}

  /**
   * Over the money of one home on one ledger.
   *
   * @param account whose balances are watched
   * @param tokens what channels may pay in; zero for the ledger's coin
   * @param confirmations blocks after which a deposit counts
   * @param clock wall clock
   * @param ticker for how long the ledger has been silent
   */
  public MoneyWatch(
      Payments payments,
      ChannelLedger ledger,
      EvmAddress account,
      List<EvmAddress> tokens,
      long confirmations,
      Clock clock,
      Ticker ticker) {
    this.payments = payments;
    this.ledger = ledger;
    this.account = account;
    this.tokens = List.copyOf(tokens);
    this.confirmations = confirmations;
    this.clock = clock;
    this.ticker = ticker;
  }

  /** How things are now. Blocks on the ledger, not on what others do with it; one at a time. */
  public synchronized MoneyFigures look() {
    Optional<LedgerFigures> asked = ask();
    List<ChannelStanding> channels =
        payments.standings().stream()
            .filter(channel -> channel.domain().equals(ledger.domain()))
            .filter(channel -> tokens.contains(channel.token()))
            .toList();
    count(channels);
    Instant now = clock.instant();
    return new MoneyFigures(
        asked,
        seen.map(Seen::block),
        now,
        seen.map(this::goneOn).orElse(now),
        channels,
        ledger.standing(),
        payments.acts(),
        payments.payee().redemptions(),
        settles);
  }

  private Optional<LedgerFigures> ask() {
    try {
      saw(ledger.head());
      Amounts balances = Amounts.NONE;
      Amounts credits = Amounts.NONE;
      for (EvmAddress token : tokens) {
        balances = balances.plus(token, ledger.balance(token, account));
        credits = credits.plus(token, ledger.credit(token, account));
      }
      LedgerFigures figures =
          new LedgerFigures(
              ledger.balance(EvmAddress.ZERO, account), balances, credits, ledger.redemptionCost());
      isAnswered = true;
      return Optional.of(figures);
    } catch (IOException e) {
      if (isAnswered) { // said once: somebody looks every few seconds
        LOG.warn("ledger {} cannot be asked: {}", ledger.domain(), e.toString());
      }
      isAnswered = false;
      return Optional.empty();
    }
  }

  /** A block that is still the newest is as old as when it was seen first, and grows older. */
  private void saw(Head head) {
    boolean isKnown =
        seen.filter(last -> last.block().height() == head.height())
            .filter(last -> last.block().time().equals(head.time()))
            .isPresent();
    NewestBlock block =
        new NewestBlock(head.height(), head.time(), head.height() - head.counted(confirmations));
    long nanos = isKnown ? seen.orElseThrow().nanos() : ticker.nanos();
    seen = Optional.of(new Seen(block, nanos));
  }

  private Instant goneOn(Seen last) {
    return last.block().time().plusNanos(ticker.nanos() - last.nanos());
  }

  private void count(List<ChannelStanding> channels) {
    Set<Bytes32> now =
        channels.stream()
            .filter(channel -> channel.role() == ChannelBook.Role.PAYEE)
            .filter(channel -> channel.settleAt().isPresent())
            .map(ChannelStanding::id)
            .collect(Collectors.toSet());
    settling.retainAll(now);
    for (Bytes32 channel : now) {
      if (settling.add(channel)) {
        settles++;
      }
    }
  }
}
