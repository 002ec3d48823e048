package io.sluice.payments;

import io.sluice.payments.ledger.Channel;
import io.sluice.payments.ledger.ChannelLedger;
import io.sluice.payments.ledger.Head;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What the ledger said of a channel when it was last asked.
 *
 * <p>Nothing of it is stored: it is asked for again at start and at every event, so it can be
 * neither out of step with the ledger's cursor nor applied twice.
 *
 * @param channel as it stands at the head
 * @param confirmed how much of the deposit lies deep enough to be relied on
 * @param redeemed what has been redeemed, for the lanes asked for
 * @param head when this was so
 * @param turn of the query, see {@link ChannelQuery#turn}
 */
public record ChannelView(
    Channel channel, TokenAmount confirmed, Map<Long, TokenAmount> redeemed, Head head, long turn) {

  /** Copies the map. */
  public ChannelView {
    redeemed = Map.copyOf(redeemed);
  }

  /** Asks the ledger; empty if it knows no such channel. Blocks: not to be called under a lock. */
  public static Optional<ChannelView> read(ChannelLedger ledger, ChannelQuery query)
      throws IOException {
    Head head = ledger.head();
    Optional<Channel> channel = ledger.channel(query.id());
    if (channel.isEmpty()) {
      return Optional.empty();
    }
    long height = head.counted(query.confirmations());
    TokenAmount deposit = channel.get().deposit();
    TokenAmount confirmed =
        height == head.height()
            ? deposit
            : ledger.channel(query.id(), height).map(Channel::deposit).orElse(TokenAmount.ZERO);
    Map<Long, TokenAmount> redeemed = new HashMap<>();
    if (!channel.get().redeemed().isZero()) {
      for (long lane : query.lanes()) {
        redeemed.put(lane, ledger.redeemed(query.id(), lane));
      }
    }
    return Optional.of(new ChannelView(channel.get(), confirmed, redeemed, head, query.turn()));
  }

  /** Whether this may take the place of {@code other}. */
  boolean succeeds(ChannelView other) {
    return turn >= other.turn && head.height() >= other.head.height();
  }

  /** What had been redeemed on that lane; zero if the lane was not asked for. */
  public TokenAmount redeemed(long lane) {
    return redeemed.getOrDefault(lane, TokenAmount.ZERO);
  }

  /** Whether what is left can be collected: by the ledger's time, never by ours. */
  public boolean isChallengeOver() {
    return !channel.closed()
        && channel.settleAt().filter(at -> !head.time().isBefore(at)).isPresent();
  }

  /** Whether part of the deposit is still too young to count. */
  boolean isUnconfirmed() {
    return channel.deposit().exceeds(confirmed);
  }
}
