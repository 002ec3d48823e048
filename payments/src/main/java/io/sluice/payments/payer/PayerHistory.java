package io.sluice.payments.payer;

import io.sluice.payments.DealRef;
import io.sluice.payments.PaymentRecord;
import io.sluice.payments.ledger.Intent;
import io.sluice.payments.voucher.Domain;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.List;
import java.util.Optional;

/**
 * What is written of a channel at its payer: the records that it is built of anew, and those that
 * are made of it when the journal is cut. Not thread-safe: the channel's monitor guards it.
 *
 * <p>Both directions stand beside each other since they have to agree: what a snapshot leaves out
 * is lost with the records before it, and a payer that forgets a voucher signs below it.
 */
final class PayerHistory {
  private final Domain domain;
  private final Intent.Open open;
  private final Bytes32 id;
  private final LanePool lanes;
  private final ChannelFunds funds;
  private final Refund refund;

  /** Of the channel whose parts these are. */
  PayerHistory(Domain domain, Intent.Open open, LanePool lanes, ChannelFunds funds, Refund refund) {
    this.domain = domain;
    this.open = open;
    this.id = open.channel(domain);
    this.lanes = lanes;
    this.funds = funds;
    this.refund = refund;
  }

  /** A deal has its lane and budget. */
  PaymentRecord taken(LaneHold hold) {
    return new PaymentRecord.LaneTaken(
        hold.deal(), id, hold.lane().number(), hold.base(), hold.budget());
  }

  /** Applies one record of an earlier run that is about this channel. */
  void restore(PaymentRecord record) {
    switch (record) {
      case PaymentRecord.IntentPlanned planned -> {
        funds.begun(planned.intent().id());
        funds.closing(planned.intent() instanceof Intent.CloseByConsent);
      }
      case PaymentRecord.IntentEnded ended -> {
        // Ends of other intents pass by here, too: only that of its closing opens it again.
        if (funds.isOnItsWay(ended.id())) {
          funds.closing(false);
        }
        funds.ended(ended.id());
      }
      case PaymentRecord.FundsAsked asked -> funds.waiting().put(asked.deal(), asked.amount());
      case PaymentRecord.LaneTaken taken -> {
        leave(taken.deal());
        lanes.restore(taken.deal(), taken.lane(), taken.base(), taken.budget());
      }
      case PaymentRecord.VoucherGiven given ->
          lanes.lane(given.voucher().voucher().lane()).keep(given.voucher());
      case PaymentRecord.VoucherAdopted adopted -> lanes.adopt(adopted.deal(), adopted.voucher());
      case PaymentRecord.DealLeft left -> {
        if (left.mayOwe()) {
          lanes.keepForDebt(left.deal());
        }
        leave(left.deal());
      }
      case PaymentRecord.ChannelIdle idle -> refund.idle(idle.since());
      case PaymentRecord.CreditGathers gathers -> {}
      case PaymentRecord.ConsentGiven given -> {}
      case PaymentRecord.DealBound bound -> {}
      case PaymentRecord.VoucherTaken taken -> {}
      case PaymentRecord.DealEnded ended -> {}
    }
  }

  /** Ends a deal's hold and its waiting: from then on the channel may idle. */
  void leave(DealRef deal) {
    funds.leave(deal);
    lanes.leave(deal);
    refund.used();
  }

  /** Everything needed to build it anew, in an order that {@link #restore} takes. */
  void snapshot(List<PaymentRecord> into) {
    into.add(new PaymentRecord.IntentPlanned(domain, open));
    if (!funds.isOnItsWay(open.id())) {
      into.add(new PaymentRecord.IntentEnded(open.id(), Optional.empty()));
    }
    funds
        .waiting()
        .forEach((deal, amount) -> into.add(new PaymentRecord.FundsAsked(deal, id, amount)));
    for (PayerLane lane : lanes.all()) {
      // Its best voucher stays with a lane whose deals have left.
      lane.best().ifPresent(best -> into.add(new PaymentRecord.VoucherGiven(nobody(lane), best)));
      // A debtor's lane is taken for nothing and left at once: only so it is known as the last.
      lane.debtor()
          .filter(deal -> lane.hold() == null)
          .ifPresent(
              deal -> {
                into.add(
                    new PaymentRecord.LaneTaken(
                        deal, id, lane.number(), lane.vouchered(), TokenAmount.ZERO));
                into.add(new PaymentRecord.DealLeft(deal, true));
              });
    }
    lanes.holds().forEach(hold -> into.add(taken(hold)));
    // Last, since each deal that leaves lets idling begin anew.
    refund.idleSince().ifPresent(since -> into.add(new PaymentRecord.ChannelIdle(id, since)));
  }

  /** Stands for the deals that have left a lane; one name a lane, for stores that go by deal. */
  private DealRef nobody(PayerLane lane) {
    return new DealRef("-%s/%d".formatted(id, lane.number()));
  }
}
