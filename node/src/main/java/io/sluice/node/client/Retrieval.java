package io.sluice.node.client;

import io.sluice.fsm.DealOutcome;
import io.sluice.fsm.DealReason;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.client.ClientDeal;
import io.sluice.fsm.client.DealOrder;
import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.ServiceException;
import io.sluice.payments.payer.PayerSide;
import io.sluice.payments.token.Amounts;
import io.sluice.payments.token.Tokens;
import io.sluice.protocol.graphsync.Exclusions;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Offer;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One retrieval as a user asks for it: look what is here, ask the providers what the rest costs,
 * buy from the cheapest, from the next one if that fails. Afterwards all blocks are in the store.
 *
 * <p>{@link #run} blocks; {@link #interrupt} may be called from another thread, once.
 */
public final class Retrieval {
  private static final Duration LAST_WORD = Duration.ofSeconds(5);

  /** What a provider says that knows another deal by the same number, or this one further on. */
  private static final Set<DealCode> NUMBER_IN_USE =
      EnumSet.of(DealCode.DEAL_ID_TAKEN, DealCode.EXCLUSIONS_CHANGED, DealCode.RESTART_BEHIND_PAID);

  /** What the deal waits for, whoever else might have the content. */
  private static final Set<DealCode> PARKING =
      EnumSet.of(DealCode.INTERRUPTED, DealCode.STORAGE_FULL, DealCode.NOT_SIGNED);

  /** So many numbers are tried for one deal. */
  private static final int MOST_NUMBERS = 64;

  private final DealClient client;
  private final PriceQuery prices;
  private final PayerSide payer;
  private final BlockStore blocks;
  private final RetrievalOrder order;
  private final KeyOpener keys;
  private final AtomicReference<@Nullable MachineId> running = new AtomicReference<>();
  private final SpendingLimit spending;
  private final List<DealCost> costs = new ArrayList<>();

  // guarded by this
  private boolean interrupted;
  private @Nullable Thread asker;

  /**
   * What is wanted.
   *
   * @param root root of the content
   * @param selector what of it
   * @param providers who may deliver, as addresses with a peer id
   * @param maxPricePerMiB dearest prices accepted; where there is one of some tokens, nothing is
   *     paid in others
   * @param maxTotal most that may be paid in all, of {@code token}; by default a tenth more than
   *     the quote
   * @param token the only one that may be paid in; empty for any
   * @param tokens what amounts are shown in
   */
  public record RetrievalOrder(
      Cid root,
      Node selector,
      List<Multiaddr> providers,
      Amounts maxPricePerMiB,
      Optional<TokenAmount> maxTotal,
      Optional<EvmAddress> token,
      Tokens tokens) {
    /** Copies the list. */
    public RetrievalOrder {
      providers = List.copyOf(providers);
      if (maxTotal.isPresent() && token.isEmpty()) {
        throw new IllegalArgumentException("a limit in no token");
      }
    }

    /** With limits of the first token that is paid in; with none of them, it is paid in any. */
    public RetrievalOrder(
        Cid root,
        Node selector,
        List<Multiaddr> providers,
        Optional<TokenAmount> maxPricePerMiB,
        Optional<TokenAmount> maxTotal,
        Tokens tokens) {
      this(
          root,
          selector,
          providers,
          maxPricePerMiB.map(price -> Amounts.of(tokens.paidIn(), price)).orElse(Amounts.NONE),
          maxTotal,
          maxTotal.or(() -> maxPricePerMiB).map(limit -> tokens.paidIn()),
          tokens);
    }
  }

  /** What one deal cost. */
  public record DealCost(MachineId deal, PeerId provider, TokenAmount paid, long vouchers) {}

  /**
   * How it ended.
   *
   * @param deal the id of the deal that brought the last of it; absent when everything was here
   * @param bought that deal at its end; absent when everything was here
   * @param costs that deal's, and before it those of all others that were paid
   * @param bytes bytes of the distinct blocks, as far as they are here
   * @param blocks how many those are
   * @param complete whether nothing is missing
   * @param paid by all deals of this order together
   * @param token what they paid in: one order pays in one token; empty if they paid nothing
   * @param vouchers in how many vouchers
   */
  public record RetrievalOutcome(
      Optional<MachineId> deal,
      Optional<ClientDeal> bought,
      List<DealCost> costs,
      long bytes,
      long blocks,
      boolean complete,
      TokenAmount paid,
      Optional<EvmAddress> token,
      long vouchers) {}

  /** Unlocks the keys that a deal is paid with. */
  public interface KeyOpener {
    /** Does it, if that was not done before; what it throws ends the retrieval. */
    void open() throws IOException, ServiceException;
  }

  /**
   * A retrieval by this client.
   *
   * @param keys opens them: what is free needs none
   */
  public Retrieval(
      DealClient client,
      PriceQuery prices,
      PayerSide payer,
      BlockStore blocks,
      RetrievalOrder order,
      KeyOpener keys) {
    this.client = client;
    this.prices = prices;
    this.payer = payer;
    this.blocks = blocks;
    this.order = order;
    this.keys = keys;
    this.spending = new SpendingLimit(order.maxTotal(), order.tokens());
  }

  /**
   * Does it. May be called again, where what came was lost since.
   *
   * @param progress hears of charged and received bytes
   * @param quoted hears what it will cost, once, if it costs something
   */
  public RetrievalOutcome run(BiConsumer<Long, Long> progress, Consumer<QuotedPrice> quoted)
      throws ServiceException {
    try {
      spending.runAgain();
      LocalContent local = here();
      Map<PeerId, MachineId> live = liveDeals();
      if (local.complete() && live.isEmpty()) {
        client.deliver(providers(), LAST_WORD); // this may be the next contact for a long time
        return outcome(Optional.empty(), Optional.empty(), local);
      }
      ServiceException last = null;
      LocalContent now = local;
      for (PricedProvider candidate : asked(live)) {
        try {
          return bought(inOneToken(candidate), local, now, progress, quoted);
        } catch (ServiceException e) {
          if (isInterrupted() || PARKING.contains(e.code())) {
            throw e;
          }
          last = e;
          now = here();
        }
      }
      throw last == null ? new ServiceException(DealCode.NOT_FOUND, "no provider was named") : last;
    } catch (IOException e) {
      throw new ServiceException(DealCode.INTERNAL, "the store failed: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServiceException(DealCode.INTERRUPTED, "interrupted", e);
    }
  }

  /**
   * Asks the providers. Only here may the thread itself be interrupted: later it may be writing the
   * journal, which takes an interruption for a failure.
   */
  private List<PricedProvider> asked(Map<PeerId, MachineId> live)
      throws ServiceException, IOException {
    synchronized (this) {
      asker = Thread.currentThread();
    }
    try {
      return candidates(live);
    } catch (ServiceException e) {
      if (isInterrupted()) {
        throw new ServiceException(DealCode.INTERRUPTED, "interrupted before a deal was begun", e);
      }
      throw e;
    } finally {
      synchronized (this) {
        asker = null;
        var unused = Thread.interrupted(); // it has done what it was for
      }
    }
  }

  private synchronized boolean isInterrupted() {
    return interrupted;
  }

  /** Pays for what is verified and parks the deal; {@link #run} then throws INTERRUPTED. */
  public void interrupt() throws IOException, InterruptedException {
    synchronized (this) {
      interrupted = true;
      if (asker != null) {
        asker.interrupt();
      }
    }
    MachineId deal = running.get();
    if (deal != null) {
      client.parkDeal(deal);
    }
  }

  private Set<PeerId> providers() {
    return order.providers().stream()
        .flatMap(provider -> provider.peerId().stream())
        .collect(Collectors.toSet());
  }

  /** Deals for the same that are under way, by provider. They may end while we look on. */
  private Map<PeerId, MachineId> liveDeals() throws IOException {
    Map<PeerId, MachineId> live = new HashMap<>();
    for (Multiaddr provider : order.providers()) {
      Optional<PeerId> peer = provider.peerId();
      if (peer.isPresent()) {
        client
            .underWay(peer.get(), order.root(), order.selector())
            .ifPresent(deal -> live.put(peer.get(), deal));
      }
    }
    return live;
  }

  /** Who can deliver at a price that is accepted, cheapest first. */
  private List<PricedProvider> candidates(Map<PeerId, MachineId> live)
      throws ServiceException, IOException {
    List<PricedProvider> candidates = new ArrayList<>();
    ServiceException last = null;
    for (Multiaddr provider : order.providers()) {
      PeerId peer =
          provider
              .peerId()
              .orElseThrow(
                  () ->
                      new ServiceException(
                          ErrorCode.BAD_ADDRESS, "the address names no peer: " + provider));
      List<Multiaddr> addresses = List.of(provider.withoutPeer());
      try {
        candidates.add(candidate(peer, addresses, Optional.ofNullable(live.get(peer))));
      } catch (ServiceException e) {
        last = e;
      }
    }
    if (candidates.isEmpty() && last != null) {
      throw last;
    }
    candidates.sort(PricedProvider.cheapestFirst(order.tokens()));
    return candidates;
  }

  /** What was begun to be paid in one token goes on in it, or not at all. */
  private PricedProvider inOneToken(PricedProvider candidate) throws ServiceException, IOException {
    Optional<EvmAddress> spent = spending.spentIn();
    if (spent.isEmpty() || candidate.token().isEmpty() || candidate.token().equals(spent)) {
      return candidate;
    }
    if (candidate.joins().isPresent()) {
      throw new ServiceException(
          DealCode.NO_COMMON_PAYMENT,
          "some was paid in %s, and deal %s pays in %s"
              .formatted(
                  order.tokens().name(spent.get()),
                  candidate.joins().get(),
                  order.tokens().name(candidate.token().get())));
    }
    return candidate(candidate.peer(), candidate.addresses(), Optional.empty());
  }

  private PricedProvider candidate(PeerId peer, List<Multiaddr> addresses, Optional<MachineId> live)
      throws ServiceException, IOException {
    QuotedPrice quote = prices.ask(peer, addresses, order.root(), Optional.of(order.selector()));
    if (live.isPresent()) {
      List<Offer> agreed = client.view(live.get()).data().order().offer().stream().toList();
      QuotedPrice own = new QuotedPrice(quote.status(), quote.size(), agreed, quote.message());
      return new PricedProvider(peer, addresses, Optional.empty(), own, live);
    }
    QuotedPrice chosen =
        new OfferChoice(order, spending.spentIn(), payer::accepts, payer::affords)
            .choose(peer, quote);
    return new PricedProvider(
        peer,
        addresses,
        chosen.offers().stream().filter(each -> !each.terms().isFree()).findFirst(),
        chosen,
        Optional.empty());
  }

  private LocalContent here() throws IOException, InterruptedException {
    return LocalContent.of(blocks, order.root(), order.selector(), Exclusions.NONE);
  }

  private RetrievalOutcome outcome(
      Optional<MachineId> deal, Optional<ClientDeal> bought, LocalContent local) {
    return new RetrievalOutcome(
        deal,
        bought,
        costs.stream()
            .filter(cost -> !cost.paid().isZero() || deal.equals(Optional.of(cost.deal())))
            .toList(),
        local.bytes(),
        local.blocks(),
        local.complete(),
        spending.spent(),
        spending.spentIn(),
        spending.vouchers());
  }

  /**
   * An old copy of a home numbers its deals as the original did; there are more numbers. A deal
   * that it holds may have gone on without it, and then a new one gets what is missing here.
   */
  private RetrievalOutcome bought(
      PricedProvider candidate,
      LocalContent before,
      LocalContent now,
      BiConsumer<Long, Long> progress,
      Consumer<QuotedPrice> quoted)
      throws ServiceException, IOException, InterruptedException {
    PricedProvider from = candidate;
    for (int numbers = 1; ; numbers++) {
      try {
        return buy(from, before, now, progress, quoted);
      } catch (ServiceException e) {
        boolean goneOn = from.joins().isPresent() && e.code() == DealCode.RESTART_BEHIND_PAID;
        if (goneOn) {
          from = candidate(from.peer(), from.addresses(), Optional.empty());
        } else if (from.joins().isPresent()
            || numbers >= MOST_NUMBERS
            || !NUMBER_IN_USE.contains(e.code())) {
          throw e;
        }
      }
    }
  }

  private RetrievalOutcome buy(
      PricedProvider candidate,
      LocalContent before,
      LocalContent now,
      BiConsumer<Long, Long> progress,
      Consumer<QuotedPrice> quoted)
      throws ServiceException, IOException, InterruptedException {
    if (isInterrupted()) {
      throw new ServiceException(DealCode.INTERRUPTED, "interrupted before a deal was begun");
    }
    if (!candidate.quote().isFree()) {
      keys.open();
    }
    MachineId deal = begun(candidate, before, now);
    quoted.accept(candidate.quote());
    running.set(deal);
    if (isInterrupted()) {
      client.parkDeal(deal);
    }
    Optional<DealOutcome> ended = client.await(deal, progress);
    client.awaitAnswer(deal, LAST_WORD);
    running.set(null);
    ClientDeal bought = client.view(deal).data();
    if (ended.isEmpty()) {
      throw parked(deal, bought);
    }
    paidIn(bought).ifPresent(spending::payIn);
    spending.spend(bought.paid(), bought.vouchers());
    costs.add(new DealCost(deal, bought.order().provider(), bought.paid(), bought.vouchers()));
    if (ended.get() == DealOutcome.COMPLETED) {
      return outcome(Optional.of(deal), Optional.of(bought), here());
    }
    DealReason reason =
        bought
            .standing()
            .reason()
            .orElseGet(() -> new DealReason(DealCode.FAILED, DealCode.FAILED.meaning()));
    throw new ServiceException(reason.code(), reason.message() + " (deal " + deal + ")");
  }

  private static Optional<EvmAddress> paidIn(ClientDeal deal) {
    return deal.order().offer().map(offer -> offer.payee().token());
  }

  /** By the user, or since the disk is full: both times the deal waits for the same command. */
  private ServiceException parked(MachineId deal, ClientDeal bought) {
    String paid =
        "%s paid for %d bytes, the same command goes on with deal %s"
            .formatted(
                order.tokens().show(bought.paid(), paidIn(bought).orElse(order.tokens().paidIn())),
                bought.progress().charged(),
                deal);
    return bought
        .standing()
        .reason()
        .filter(why -> why.code() != DealCode.INTERRUPTED)
        .map(why -> new ServiceException(why.code(), why.message() + "; " + paid))
        .orElseGet(() -> new ServiceException(DealCode.INTERRUPTED, "interrupted; " + paid));
  }

  private MachineId begun(PricedProvider candidate, LocalContent before, LocalContent now)
      throws ServiceException, IOException, InterruptedException {
    if (candidate.joins().isPresent()) {
      MachineId same = candidate.joins().get(); // which may have come to its end meanwhile
      spending.goOnFrom(client.view(same).data().paid());
      client.wake(same);
      return same;
    }
    return client.begin(
        new DealOrder(
            candidate.peer(),
            candidate.addresses(),
            order.root(),
            order.selector(),
            candidate.offer(),
            budget(candidate, before, now)),
        now);
  }

  private TokenAmount budget(PricedProvider candidate, LocalContent before, LocalContent now)
      throws ServiceException {
    if (candidate.offer().isEmpty()) {
      return TokenAmount.ZERO;
    }
    spending.payIn(candidate.offer().get().payee().token());
    Optional<Long> size = candidate.quote().size();
    return spending.budget(
        candidate.offer().get().terms(),
        size.map(all -> Math.max(0, all - before.spared())),
        size.map(all -> Math.max(0, all - now.spared())));
  }
}
