package io.sluice.payments.payee;

import io.sluice.payments.PaymentRecord;
import io.sluice.payments.voucher.Domain;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import java.util.List;
import java.util.Optional;

/**
 * What is written of a channel at its payee, for the next run to build it of. Not thread-safe: the
 * channel's monitor guards it.
 *
 * @param domain the channel's chain and contract
 * @param id the channel
 * @param payer who opened it
 * @param signer whose vouchers count
 */
record PayeeHistory(Domain domain, Bytes32 id, EvmAddress payer, EvmAddress signer) {
  /**
   * A deal has its lane.
   *
   * @param news the voucher that it brought, if that is better than what was here
   */
  PaymentRecord bound(DealFigures deal, Optional<SignedVoucher> news) {
    return new PaymentRecord.DealBound(
        deal.deal(),
        domain,
        id,
        deal.lane().number(),
        deal.base(),
        payer,
        signer,
        deal.terms(),
        news);
  }

  /** Everything needed to build the channel anew, in an order that it can be restored in. */
  void snapshot(
      ChannelDeals deals, Unredeemed unredeemed, AgreedEnd end, List<PaymentRecord> into) {
    for (DealAccount account : deals.all()) {
      DealFigures deal = account.figures();
      PayeeLane lane = deal.lane();
      into.add(bound(deal, Optional.empty()));
      // Only the lane's newest deal: earlier ones are cut at bases, and all vouchers are
      // cumulative.
      if (lane.deal() == deal && lane.best().isPresent()) {
        into.add(
            new PaymentRecord.VoucherTaken(
                deal.deal(), lane.best().get(), lane.credit(), unredeemed.since()));
      }
      // After its voucher: a deal that ended is cut where its lane stood.
      deal.endRecord().ifPresent(into::add);
    }
    end.record().ifPresent(into::add);
  }
}
