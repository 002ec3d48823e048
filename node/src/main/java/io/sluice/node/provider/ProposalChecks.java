package io.sluice.node.provider;

import io.sluice.fsm.MachineId;
import io.sluice.fsm.provider.ProviderOrder;
import io.sluice.payments.DealRef;
import io.sluice.payments.Prepared;
import io.sluice.payments.payee.DealAccount;
import io.sluice.payments.payee.OpenRequest;
import io.sluice.payments.payee.OpeningDecision;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.DealOpening;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Terms;
import java.util.Optional;

/**
 * Finds what speaks against a proposal, and the account of an opening that nothing speaks against.
 */
record ProposalChecks(
    SaleContext context, RunningTransfers transfers, Stock stock, ProviderLimits limits) {

  /** An opening brings one better voucher; more often than that the lane changes hands under us. */
  private static final int PREVIOUS_PAID = 3;

  // openings

  /** What an opening is worth. */
  sealed interface CheckedOpening {
    /** The deal's account, reserved until it is committed or released. */
    record Good(Prepared<DealAccount> account) implements CheckedOpening {}

    /** It is refused. */
    record Bad(ProposalRefusal why) implements CheckedOpening {
      static Bad of(DealCode code, String message) {
        return new Bad(ProposalRefusal.of(code, message));
      }
    }
  }

  /** Checks the opening of a deal, whichever way it came. */
  CheckedOpening check(MachineId id, ProviderOrder order, DealOpening open) {
    if (open.id() != order.id()) {
      return CheckedOpening.Bad.of(
          DealCode.OPEN_BAD_SIGNATURE, "the opening is for deal " + open.id());
    }
    OpenRequest asked =
        new OpenRequest(
            SaleContext.refOf(id),
            open,
            order.peer(),
            context.self(),
            order.root(),
            order.selector());
    for (int tries = 0; tries <= PREVIOUS_PAID; tries++) {
      switch (context.payee().open(asked)) {
        case OpeningDecision.OpeningRefused refused -> {
          return new CheckedOpening.Bad(ProposalRefusal.of(refused, debt(order.peer(), refused)));
        }
        case OpeningDecision.PreviousPaid previous -> payPrevious(previous);
        case OpeningDecision.Admitted admitted -> {
          Optional<ProposalRefusal> no =
              whyNotSold(order, Optional.of(open.terms()), Optional.of(open.payee().token()));
          no.ifPresent(why -> admitted.account().release());
          return no.<CheckedOpening>map(CheckedOpening.Bad::new)
              .orElseGet(() -> new CheckedOpening.Good(admitted.account()));
        }
      }
    }
    return CheckedOpening.Bad.of(DealCode.LANE_BUSY, "the lane's vouchers keep changing");
  }

  /** The debt that an opening is refused for; the client knows its own deals by their numbers. */
  private Optional<ProposalRefusal.Debt> debt(
      PeerId client, OpeningDecision.OpeningRefused refused) {
    if (refused.code() != DealCode.UNPAID) {
      return Optional.empty();
    }
    return refused
        .deal()
        .flatMap(context.payee()::account)
        .map(
            account ->
                new ProposalRefusal.Debt(
                    account.owed(), account.charged(), numberOf(client, account.deal())));
  }

  /** The client's number of one of its deals; empty if it is another client's. */
  Optional<Long> numberOf(PeerId client, DealRef deal) {
    return context
        .find(new MachineId(deal.value()))
        .map(view -> view.data().order())
        .filter(order -> order.peer().equals(client))
        .map(ProviderOrder::id);
  }

  /** A voucher that came with the next deal's opening pays for the deal before it. */
  private void payPrevious(OpeningDecision.PreviousPaid previous) {
    MachineId before = new MachineId(previous.previous().value());
    if (context.find(before).filter(view -> !view.ended()).isPresent()) {
      // If it ends in this very moment, the opening is checked again and brings the voucher again.
      VoucherReceiver.credit(context, before, previous.paid()).join();
    } else {
      context.append(previous.paid());
    }
    context.look(before);
  }

  // the content, its price, and the load: each says what speaks against a deal, if anything does

  /**
   * A path that leads nowhere is not sold. Free, it is served as far as it goes, as other providers
   * do: those blocks prove that there is nothing at its end.
   *
   * @param terms that were proposed; empty if they come later
   * @param token what the deal's channel pays in; empty without one
   */
  Optional<ProposalRefusal> whyNotSold(
      ProviderOrder order, Optional<Terms> terms, Optional<EvmAddress> token) {
    return stock
        .whyNotHere(order.root())
        .or(() -> terms.flatMap(of -> stock.whyNotOffered(order.root(), of, token)))
        .or(
            () ->
                Optional.of(order)
                    .filter(ProviderOrder::paid)
                    .flatMap(paid -> stock.whyNotThere(paid.root(), paid.selector())));
  }

  Optional<ProposalRefusal> whyNotNow(PeerId peer) {
    return transfers.count() >= limits.deals().inAll()
            || transfers.count(peer) >= limits.deals().perPeer()
        ? Optional.of(
            ProposalRefusal.later(DealCode.TOO_MANY_DEALS, "too many deals run already", 30))
        : Optional.empty();
  }
}
