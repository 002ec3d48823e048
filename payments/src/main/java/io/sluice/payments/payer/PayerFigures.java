package io.sluice.payments.payer;

import io.sluice.payments.ChannelBook;
import io.sluice.payments.ChannelStanding;
import io.sluice.payments.ledger.Channel;
import io.sluice.payments.ledger.Intent;
import io.sluice.payments.voucher.Domain;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.Optional;

/**
 * What people are told of a channel at its payer. Not thread-safe: the channel's monitor guards it,
 * so that all figures are of one moment.
 */
final class PayerFigures {
  private final Domain domain;
  private final Intent.Open open;
  private final Bytes32 id;
  private final LanePool lanes;
  private final ChannelFunds funds;

  /** Of the channel whose lanes and funds these are. */
  PayerFigures(Domain domain, Intent.Open open, LanePool lanes, ChannelFunds funds) {
    this.domain = domain;
    this.open = open;
    this.id = open.channel(domain);
    this.lanes = lanes;
    this.funds = funds;
  }

  /** What further deals may use of it; nothing of a channel that ends. */
  TokenAmount free() {
    return funds.view().isEnding()
        ? TokenAmount.ZERO
        : funds.view().confirmed().minusOrZero(lanes.vouchered().plus(lanes.reserved()));
  }

  /** The channel as it stands now. */
  ChannelBook book() {
    Optional<Channel> channel = funds.view().channel();
    return new ChannelBook(
        id,
        ChannelBook.Role.PAYER,
        domain,
        open.payee(),
        open.token(),
        funds.deposit(),
        funds.view().confirmed(),
        lanes.vouchered(),
        lanes.reserved(),
        channel.map(Channel::redeemed).orElse(TokenAmount.ZERO),
        channel.map(Channel::state).orElse("planned"),
        channel.flatMap(Channel::settleAt),
        lanes.books());
  }

  /** What lies in it, and how much of that was not signed away; empty unless it is known open. */
  Optional<ChannelStanding> standing() {
    return funds
        .view()
        .channel()
        .filter(channel -> !channel.closed())
        .map(
            channel ->
                new ChannelStanding(
                    id,
                    ChannelBook.Role.PAYER,
                    domain,
                    open.token(),
                    channel.headroom(),
                    // A home that lost its vouchers still sees what was redeemed of them.
                    channel.deposit().minusOrZero(lanes.vouchered().max(channel.redeemed())),
                    channel.settleAt()));
  }
}
