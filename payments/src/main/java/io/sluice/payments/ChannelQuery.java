package io.sluice.payments;

import io.sluice.protocol.retrieval.Bytes32;
import java.util.Collection;
import java.util.Set;

/**
 * What a ledger is to be asked about a channel.
 *
 * @param id the channel
 * @param confirmations how deep its deposit has to lie to be confirmed
 * @param lanes the lanes of which the redeemed amount is wanted
 * @param turn orders the queries about one channel: an answer to an earlier one must not take the
 *     place of one to a later
 */
public record ChannelQuery(Bytes32 id, long confirmations, Collection<Long> lanes, long turn) {
  /** Copies the lanes. */
  public ChannelQuery {
    lanes = Set.copyOf(lanes);
  }

  /** The same with another depth. */
  public ChannelQuery confirmedBy(long depth) {
    return new ChannelQuery(id, depth, lanes, turn);
  }
}
