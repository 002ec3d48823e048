package io.sluice.node.client;

import io.sluice.dealstore.DealStore;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.StoredMachine;
import io.sluice.fsm.client.ClientDeal;
import io.sluice.fsm.client.ClientDeals;
import io.sluice.fsm.client.ClientState;
import io.sluice.fsm.engine.MachineView;
import io.sluice.payments.PaymentException;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pays what deals of this home left unpaid: by this end's own count, never by what a provider
 * claims, and never beyond the deal's budget. What a provider counts beyond that was on its way
 * when the connection broke, which it tolerates.
 */
final class DealDebts {
  private static final Logger LOG = LoggerFactory.getLogger(DealDebts.class);
  private static final Duration ANSWER = Duration.ofSeconds(5);

  private final DealContext context;
  private final DealStore store;
  private final LatePayments late;
  private final FinalVouchers vouchers;
  private final ExclusionLists exclusions;

  /** Ended deals that owe something and may be paid: looked for once, for there may be many. */
  private @Nullable Set<MachineId> owing;

  DealDebts(
      DealContext context, DealStore store, FinalVouchers vouchers, ExclusionLists exclusions) {
    this.context = context;
    this.store = store;
    this.late = new LatePayments(store);
    this.vouchers = vouchers;
    this.exclusions = exclusions;
  }

  /** Pays what one deal owes that is parked or over; what that came to. */
  TokenAmount pay(MachineId id, ClientDeal deal) throws IOException, InterruptedException {
    if (deal.isFree() || deal.money().isEmpty() || !deal.progress().answered()) {
      return TokenAmount.ZERO;
    }
    long charged = charged(id, deal);
    TokenAmount before = late.paid(id, deal);
    TokenAmount due = deal.terms().orElseThrow().due(charged).min(deal.order().budget());
    if (!due.exceeds(before)) {
      return TokenAmount.ZERO;
    }
    context.blocks().sync();
    SignedVoucher voucher = context.payments().payLate(id, deal, before, due);
    late.note(id, due);
    FinalVoucherStore.Unanswered out =
        new FinalVoucherStore.Unanswered(
            id,
            deal.order().provider(),
            deal.order().addresses(),
            deal.progress().transfer(),
            voucher.payment(deal.id(), charged, false),
            context.now());
    vouchers.keep(out);
    var unused = vouchers.send(out);
    vouchers.await(id, ANSWER);
    return due.minus(before);
  }

  /** What is here counts, also where the last process was killed before it put that on record. */
  private long charged(MachineId id, ClientDeal deal) throws IOException, InterruptedException {
    LocalContent local =
        LocalContent.of(
            context.blocks(),
            deal.order().root(),
            deal.order().selector(),
            exclusions.of(id, deal.leftOut()));
    return Math.max(deal.progress().charged(), local.charged());
  }

  /**
   * Pays what ended deals owe a provider, as far as it is no more than {@code most}. Deals that are
   * unpaid for a reason stay so.
   *
   * @return whether anything was paid
   */
  boolean payAll(PeerId provider, TokenAmount most) throws IOException, InterruptedException {
    TokenAmount sum = TokenAmount.ZERO;
    for (MachineId id : owing()) {
      Optional<MachineView<ClientState, ClientDeal>> view = context.find(id);
      TokenAmount owed = view.map(deal -> owed(id, deal.data())).orElse(TokenAmount.ZERO);
      if (owed.isZero()) {
        settled(id);
        continue;
      }
      ClientDeal deal = view.orElseThrow().data();
      if (!deal.order().provider().equals(provider) || sum.plus(owed).exceeds(most)) {
        continue;
      }
      try {
        sum = sum.plus(pay(id, deal));
      } catch (PaymentException e) {
        LOG.info("{} stays unpaid: {}", id, e.getMessage());
      }
    }
    return !sum.isZero();
  }

  private TokenAmount owed(MachineId id, ClientDeal deal) {
    return FailureReasons.isPaidFor(deal.reason().orElse(DealCode.COMPLETED))
        ? late.owed(id, deal)
        : TokenAmount.ZERO;
  }

  private synchronized List<MachineId> owing() throws IOException {
    Set<MachineId> known = owing;
    if (known == null) {
      known = new LinkedHashSet<>();
      for (StoredMachine machine : store.all(ClientDeals.TABLE.name())) {
        if (machine.ended()
            && !owed(machine.id(), ClientDeals.TABLE.data().decode(machine.data())).isZero()) {
          known.add(machine.id());
        }
      }
      owing = known;
    }
    return List.copyOf(known);
  }

  /** A deal has ended in this process. */
  synchronized void ended(MachineId id, ClientDeal deal) {
    if (owing != null && !owed(id, deal).isZero()) {
      owing.add(id);
    }
  }

  private synchronized void settled(MachineId id) {
    if (owing != null) {
      owing.remove(id);
    }
  }
}
