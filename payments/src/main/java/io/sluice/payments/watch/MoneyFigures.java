package io.sluice.payments.watch;

import io.sluice.payments.ChannelBook;
import io.sluice.payments.ChannelStanding;
import io.sluice.payments.ledger.LedgerStanding;
import io.sluice.payments.token.Amounts;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * A home's money on its ledger at one moment.
 *
 * @param ledger what the ledger said; empty if it could not be asked
 * @param newest the newest block that was ever seen; empty before the first
 * @param now wall clock at that moment
 * @param ledgerTime the ledger's time, as it goes on from the newest block; the wall clock before
 *     the first
 * @param channels the channels on this ledger that are not closed, of those that pay in what this
 *     home may be paid in now
 * @param standing how the way to the ledger is
 * @param acts things to be done on the ledger that have not come to an end
 * @param redemptions how many redemptions the ledger has taken, since the home was opened
 * @param settles on how many channels payers were seen to take back what is left, since then; those
 *     that were at it already among them
 */
public record MoneyFigures(
    Optional<LedgerFigures> ledger,
    Optional<NewestBlock> newest,
    Instant now,
    Instant ledgerTime,
    List<ChannelStanding> channels,
    LedgerStanding standing,
    int acts,
    long redemptions,
    long settles) {

  /** Copies the list. */
  public MoneyFigures {
    channels = List.copyOf(channels);
  }

  /**
   * What the ledger says when it is asked.
   *
   * @param coin what the account owns of the coin that gas is paid in
   * @param balances what it owns of each token that channels pay in
   * @param credits what it may withdraw of these
   * @param redemptionCost about what a redemption costs, in the coin
   */
  public record LedgerFigures(
      TokenAmount coin, Amounts balances, Amounts credits, TokenAmount redemptionCost) {}

  /**
   * The newest block.
   *
   * @param height its number
   * @param time the ledger's time in it
   * @param unsettled how many of the newest blocks do not count yet, by what is asked for here
   */
  public record NewestBlock(long height, Instant time, long unsettled) {}

  /** The sum of what lies in the channels of a part that pay in a token. */
  public TokenAmount inside(ChannelBook.Role role, EvmAddress token) {
    return sum(role, token, ChannelStanding::inside);
  }

  /**
   * What can be lost of a token in the channels of a part: vouchers that are not redeemed, or money
   * that was not signed away.
   */
  public TokenAmount atRisk(ChannelBook.Role role, EvmAddress token) {
    return sum(role, token, ChannelStanding::atRisk);
  }

  private TokenAmount sum(
      ChannelBook.Role role, EvmAddress token, Function<ChannelStanding, TokenAmount> of) {
    return channels.stream()
        .filter(channel -> channel.role() == role && channel.token().equals(token))
        .map(of)
        .reduce(TokenAmount.ZERO, TokenAmount::plus);
  }

  /** How many channels of a part that pay in a token are being settled, or are not. */
  public long count(ChannelBook.Role role, EvmAddress token, boolean settling) {
    return channels.stream()
        .filter(channel -> channel.role() == role && channel.token().equals(token))
        .filter(channel -> channel.settleAt().isPresent() == settling)
        .count();
  }

  /**
   * How long it is until vouchers become worthless, because their payer takes back what they are
   * covered by: the shortest of those times. Vouchers over the coin that are worth less than what
   * redeeming costs do not count. Empty if no payer does.
   */
  public Optional<Duration> deadline() {
    return channels.stream()
        .filter(this::isEndangered)
        .flatMap(channel -> channel.settleAt().stream())
        .filter(at -> at.isAfter(ledgerTime))
        .min(Instant::compareTo)
        .map(at -> Duration.between(ledgerTime, at));
  }

  /** The vouchers over a token that become worthless at such a time, all together. */
  public TokenAmount endangered(EvmAddress token) {
    return settling(token, true);
  }

  /** Those over a token that have become worthless so, in channels that are not closed yet. */
  public TokenAmount missed(EvmAddress token) {
    return settling(token, false);
  }

  private TokenAmount settling(EvmAddress token, boolean inTime) {
    return channels.stream()
        .filter(channel -> channel.token().equals(token))
        .filter(this::isEndangered)
        .filter(channel -> channel.settleAt().orElseThrow().isAfter(ledgerTime) == inTime)
        .map(ChannelStanding::atRisk)
        .reduce(TokenAmount.ZERO, TokenAmount::plus);
  }

  private boolean isEndangered(ChannelStanding channel) {
    return channel.role() == ChannelBook.Role.PAYEE
        && channel.settleAt().isPresent()
        && channel.atRisk().exceeds(worthless(channel.token()));
  }

  /** Of a token that is not the coin nobody knows what is less than redeeming costs. */
  private TokenAmount worthless(EvmAddress token) {
    return ledger
        .filter(asked -> token.isZero())
        .map(LedgerFigures::redemptionCost)
        .orElse(TokenAmount.ZERO);
  }

  /** How old the newest block is by the wall clock, never below zero; empty before the first. */
  public Optional<Duration> headAge() {
    return newest.map(block -> age(block.time()));
  }

  /** For how long the oldest transaction that is in no block has waited; zero if none does. */
  public Duration oldestWaiting() {
    return standing.waiting().since().map(this::age).orElse(Duration.ZERO);
  }

  private Duration age(Instant since) {
    return since.isAfter(now) ? Duration.ZERO : Duration.between(since, now);
  }
}
