package io.sluice.payments.payee;

import io.sluice.payments.ChannelBook;
import io.sluice.payments.ChannelStanding;
import io.sluice.payments.LatestView;
import io.sluice.payments.ledger.Channel;
import io.sluice.payments.voucher.Domain;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.Optional;

/**
 * What people are told of a channel at its payee. Not thread-safe: the channel's monitor guards it,
 * so that all figures are of one moment.
 */
final class PayeeFigures {
  private final Domain domain;
  private final Bytes32 id;
  private final EvmAddress payer;
  private final LaneCredits lanes;
  private final LatestView view;

  /** Of the channel whose lanes and view these are. */
  PayeeFigures(Domain domain, Bytes32 id, EvmAddress payer, LaneCredits lanes, LatestView view) {
    this.domain = domain;
    this.id = id;
    this.payer = payer;
    this.lanes = lanes;
    this.view = view;
  }

  /** The channel as it stands now. */
  ChannelBook book() {
    Optional<Channel> channel = view.channel();
    return new ChannelBook(
        id,
        ChannelBook.Role.PAYEE,
        domain,
        payer,
        channel.map(Channel::token).orElse(EvmAddress.ZERO),
        view.deposit(),
        view.confirmed(),
        lanes.vouchered(),
        TokenAmount.ZERO,
        channel.map(Channel::redeemed).orElse(TokenAmount.ZERO),
        channel.map(Channel::state).orElse("unknown"),
        channel.flatMap(Channel::settleAt),
        lanes.books());
  }

  /** What lies in it, and how much of that vouchers are over; empty unless it is known open. */
  Optional<ChannelStanding> standing() {
    return view.channel()
        .filter(channel -> !channel.closed())
        .map(
            channel ->
                new ChannelStanding(
                    id,
                    ChannelBook.Role.PAYEE,
                    domain,
                    channel.token(),
                    channel.headroom(),
                    lanes.redeemable(),
                    channel.settleAt()));
  }
}
