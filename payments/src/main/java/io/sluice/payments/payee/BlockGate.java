package io.sluice.payments.payee;

import io.sluice.payments.LatestView;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;

/**
 * Which blocks may go to the deals of one channel: how far each is trusted, and whether the deposit
 * is good for more. Not thread-safe: the channel's monitor guards it.
 */
final class BlockGate {
  private final EvmAddress payer;
  private final LaneCredits lanes;
  private final LatestView view;
  private final ChannelDeals deals;
  private final PayeeContext context;

  /** Whether the payer has debts of earlier deals, on whichever channel. */
  private boolean indebted;

  /** Of the channel whose parts these are. */
  BlockGate(
      EvmAddress payer,
      LaneCredits lanes,
      LatestView view,
      ChannelDeals deals,
      PayeeContext context) {
    this.payer = payer;
    this.lanes = lanes;
    this.view = view;
    this.deals = deals;
    this.context = context;
  }

  /** What the payer left unpaid with earlier deals. */
  void indebted(boolean is) {
    indebted = is;
  }

  /** What the deposit has to be larger than for a block to go. */
  private TokenAmount committed() {
    return lanes.vouchered().plus(deals.owed());
  }

  /** Below how many charged bytes a block may start. */
  long limit(DealFigures deal) {
    TokenAmount credit = deal.credit();
    // Windows shrink, never to nothing: a node that trusts too many still serves who pays at once.
    if (context.exposure().total() < context.policy().nodeUnpaidBytes()) {
      return deal.terms().limit(credit);
    }
    return indebted
        ? deal.terms().paidBytes(credit)
        : deal.terms().limit(credit, deal.terms().interval());
  }

  /** Whether a block of that size may go that would be newly charged. */
  BlockPermit pass(DealFigures deal, long size) {
    long charged = deal.charged();
    // The block that crosses the limit still goes: what is left open is a window and a block.
    if (charged >= limit(deal)) {
      return closed(deal, BlockPermit.DEPOSIT_USED);
    }
    // What costs nothing more, by rounding, needs no deposit: an exactly funded deal has to end.
    boolean costs = deal.terms().due(charged + size).exceeds(deal.due());
    if (costs && !view.confirmed().exceeds(committed())) {
      return closed(deal, BlockPermit.DEPOSIT_USED);
    }
    if (costs && context.exposure().of(payer) >= context.policy().payerUnpaidBytes()) {
      return closed(deal, BlockPermit.PAYER_LIMIT);
    }
    return BlockPermit.OPEN;
  }

  /** A client that owes nothing has to do something else than pay. */
  private static BlockPermit closed(DealFigures deal, BlockPermit otherwise) {
    return deal.owed().isZero() ? otherwise : BlockPermit.PAYMENT_NEEDED;
  }

  /** By how much the deposit is too small for the deal to go on for a window; at least 1. */
  TokenAmount shortfall(DealFigures deal) {
    long ahead = deal.charged() + deal.terms().window(deal.charged());
    return committed()
        .plus(deal.terms().due(ahead))
        .minus(deal.due())
        .minusOrZero(view.confirmed())
        .max(TokenAmount.of(1));
  }
}
