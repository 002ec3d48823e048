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
import io.sluice.protocol.retrieval.Terms;
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
 * Pays what deals of this home left unpaid, never beyond the deal's budget: by itself for what this
 * end counts; for what was on its way when the deal ended, and so counts at the provider alone,
 * only when the user asks for it, and no more than the provider's gate can have let out.
 */
final class DealDebts implements RefusalRemedies.Debts {
  private static final Logger LOG = LoggerFactory.getLogger(DealDebts.class);
  private static final Duration ANSWER = Duration.ofSeconds(5);

  private final DealContext context;
  private final DealStore store;
  private final LatePayments late;
  private final NamedDebts named;
  private final FinalVouchers vouchers;

  /** Ended deals that owe something and may be paid: looked for once, for there may be many. */
  private @Nullable Set<MachineId> owing;

  DealDebts(DealContext context, DealStore store, FinalVouchers vouchers) {
    this.context = context;
    this.store = store;
    this.late = new LatePayments(store);
    this.named = new NamedDebts(store);
    this.vouchers = vouchers;
  }

  /**
   * Pays what one deal owes that is over, also what its provider counts and is not on record here;
   * what that came to. What lies in the block store says nothing: it may have come from elsewhere.
   */
  TokenAmount pay(MachineId id, ClientDeal deal) throws IOException, InterruptedException {
    if (!mayOwe(deal)) {
      return TokenAmount.ZERO;
    }
    TokenAmount own = pay(id, deal, Math.max(deal.progress().charged(), counted(id, deal)));
    // The answer to that may have named more.
    return own.plus(pay(id, deal, counted(id, deal)));
  }

  /** What its provider counts, as far as that can be. */
  private long counted(MachineId id, ClientDeal deal) {
    return Math.min(named.charged(id).orElse(0), mostSent(deal));
  }

  private static boolean mayOwe(ClientDeal deal) {
    return !deal.isFree() && deal.money().isPresent() && deal.progress().answered();
  }

  private TokenAmount pay(MachineId id, ClientDeal deal, long charged)
      throws IOException, InterruptedException {
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

  /** The bytes up to which the provider can have sent while the deal ran. */
  private static long mostSent(ClientDeal deal) {
    Terms terms = deal.terms().orElseThrow();
    return terms.mostSent(terms.paidBytes(deal.paid()));
  }

  @Override
  public Optional<String> named(PeerId provider, long number, long charged) throws IOException {
    MachineId id = DealClient.idOf(number);
    note(id, provider, charged);
    return of(id, provider).map(deal -> advice(deal, charged));
  }

  private static String advice(MachineView<ClientState, ClientDeal> deal, long charged) {
    MachineId id = deal.id();
    if (charged > mostSent(deal.data())) {
      return "that is %s here, for which it counts %d bytes and can have sent %d at most"
          .formatted(id, charged, mostSent(deal.data()));
    }
    return deal.ended()
        ? "that is %s here, for bytes that were under way when it ended; `sluice deals pay %s` pays them"
            .formatted(id, id)
        : "that is %s here, which is not over: go on with it, or cancel it and then pay it"
            .formatted(id);
  }

  /** Notes how many bytes a provider counts for a deal, if it can have sent them. */
  void note(MachineId id, PeerId provider, long charged) throws IOException {
    if (of(id, provider).filter(deal -> charged <= mostSent(deal.data())).isPresent()) {
      named.note(id, charged);
    }
  }

  /** A deal that may owe that provider something. */
  private Optional<MachineView<ClientState, ClientDeal>> of(MachineId id, PeerId provider)
      throws IOException {
    return context
        .find(id)
        .filter(view -> view.data().order().provider().equals(provider))
        .filter(view -> mayOwe(view.data()));
  }

  /**
   * Pays what ended deals owe a provider by this end's count, as far as it is no more than {@code
   * most}. Deals that are unpaid for a reason stay so.
   *
   * @return whether anything was paid
   */
  @Override
  public boolean pay(PeerId provider, TokenAmount most) throws IOException, InterruptedException {
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
        sum = sum.plus(pay(id, deal, deal.progress().charged()));
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
