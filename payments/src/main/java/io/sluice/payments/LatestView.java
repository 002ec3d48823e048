package io.sluice.payments;

import io.sluice.payments.ledger.Channel;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.TokenAmount;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Optional;

/**
 * What the ledger last said of one channel, how old that is, and what is to be asked next. Not
 * thread-safe: it never leaves its channel, whose monitor guards it.
 *
 * <p>Questions and answers overlap, since nobody holds a lock while a ledger is asked. So each
 * question has a turn, and an answer is taken over only if no later one has come before it.
 */
public final class LatestView {
  private final Bytes32 channel;
  private long confirmations;
  private long turns;
  private Optional<ChannelView> view = Optional.empty();
  private boolean fresh;

  /** Nothing is known yet; deposits have to lie so deep to be confirmed. */
  public LatestView(Bytes32 channel, long confirmations) {
    this.channel = channel;
    this.confirmations = confirmations;
  }

  /** What the ledger is to be asked next, about those lanes. */
  public ChannelQuery nextQuery(Collection<Long> lanes) {
    return new ChannelQuery(channel, confirmations, lanes, ++turns);
  }

  /** Deposits have to lie at least so deep from now on; whether that is deeper than before. */
  public boolean deepen(long depth) {
    boolean deeper = depth > confirmations;
    confirmations = Math.max(confirmations, depth);
    return deeper;
  }

  /**
   * Takes over what the ledger said; an answer older than the one here is left.
   *
   * @return whether it says, or lets count, something that was not so before
   */
  public boolean see(ChannelView seen) {
    if (view.isPresent() && !seen.succeeds(view.get())) {
      return false;
    }
    boolean news =
        !fresh
            || view.filter(old -> old.channel().equals(seen.channel()))
                .filter(old -> old.confirmed().equals(seen.confirmed()))
                .isEmpty();
    view = Optional.of(seen);
    fresh = true;
    return news;
  }

  /** The ledger could not be asked: what is known of it is good for so long and no longer. */
  public void unanswered(Duration staleAfter, Instant now) {
    fresh = fresh && !isOlderThan(staleAfter, now);
  }

  /** The ledger has no such channel now: nothing new counts until it is there again. */
  public void gone() {
    fresh = false;
  }

  /** Whether the answer here is young enough for anything new to count by it. */
  public boolean isFresh() {
    return fresh;
  }

  /** Whether there may be news without an event, or the answer here is older than that. */
  public boolean isQueryDue(Duration age, Instant now) {
    return !fresh || isUnconfirmed() || isOlderThan(age, now);
  }

  private boolean isOlderThan(Duration age, Instant now) {
    return view.filter(seen -> Duration.between(seen.head().time(), now).compareTo(age) > 0)
        .isPresent();
  }

  /** The answer, once there is one. */
  public Optional<ChannelView> view() {
    return view;
  }

  /** The channel as it stood then. */
  public Optional<Channel> channel() {
    return view.map(ChannelView::channel);
  }

  /** How much of the deposit may be relied on; nothing as long as nothing is known. */
  public TokenAmount confirmed() {
    return view.map(ChannelView::confirmed).orElse(TokenAmount.ZERO);
  }

  /** What was ever put into the channel. */
  public TokenAmount deposit() {
    return channel().map(Channel::deposit).orElse(TokenAmount.ZERO);
  }

  /** What the ledger has paid on a lane. */
  public TokenAmount redeemed(long lane) {
    return view.map(seen -> seen.redeemed(lane)).orElse(TokenAmount.ZERO);
  }

  /** Whether part of the deposit is known and does not count yet. */
  public boolean isUnconfirmed() {
    return view.filter(ChannelView::isUnconfirmed).isPresent();
  }

  /** Whether the payer takes its money back, or the channel is closed. */
  public boolean isEnding() {
    return channel().filter(Channel::ending).isPresent();
  }

  /** Whether it is known to be closed. */
  public boolean isClosed() {
    return channel().filter(Channel::closed).isPresent();
  }
}
