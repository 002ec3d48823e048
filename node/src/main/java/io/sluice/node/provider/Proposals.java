package io.sluice.node.provider;

import static io.sluice.node.provider.Answers.typed;

import io.sluice.fsm.CrashPoint;
import io.sluice.fsm.LeftOut;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.engine.MachineView;
import io.sluice.fsm.provider.PaidOn;
import io.sluice.fsm.provider.ProviderDeal;
import io.sluice.fsm.provider.ProviderEvent;
import io.sluice.fsm.provider.ProviderInput;
import io.sluice.fsm.provider.ProviderState;
import io.sluice.node.pricing.PriceList;
import io.sluice.payments.DealAccount;
import io.sluice.payments.OpenRequest;
import io.sluice.payments.Opening;
import io.sluice.payments.Prepared;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.datatransfer.ChannelId;
import io.sluice.protocol.datatransfer.PullDecision;
import io.sluice.protocol.datatransfer.PullRequest;
import io.sluice.protocol.datatransfer.TypedVoucher;
import io.sluice.protocol.graphsync.Decision;
import io.sluice.protocol.graphsync.Exclusions;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.ipld.DagCbor;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.DealProposal;
import io.sluice.protocol.retrieval.DealResponse;
import io.sluice.protocol.retrieval.DealStatus;
import io.sluice.protocol.retrieval.Open;
import io.sluice.protocol.retrieval.RetrievalNames;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Decides about proposals: which deals begin, which go on, and which do not.
 *
 * <p>The order of checks is that of cost and of what a stranger may learn: how often it asks, the
 * opening's signature and with it channel, payer and lane, then what is here, as questions about
 * prices tell it too, then the terms, then how much is going on. A deal is durable, its lane with
 * it, before its acceptance is said.
 */
final class Proposals {

  private static final Terms FREE =
      new Terms(TokenAmount.ZERO, TokenAmount.ZERO, 1, 0, 1, Terms.DEFAULT_VALID_SECONDS);

  private static final int RESTARTS_PER_MINUTE = 60;
  private static final int PREVIOUS_PAID = 3;
  private static final long ANSWER_SECONDS = 2;

  /** Nobody knows when a node that stops will be back; asking each minute does no harm. */
  private static final long BACK_SECONDS = 60;

  private final DealDesk desk;
  private final DealCourse course;
  private final Answers answers;
  private final BlockStore blocks;
  private final PriceList prices;
  private final ProviderLimits limits;
  private final Allowance allowance;

  /** Of its own, so that a bad connection does not use up what new deals need. */
  private final Allowance restartAllowance;

  private final RefusedDeals refusedDeals;
  private final Encores encores;
  private final Set<MachineId> busy = ConcurrentHashMap.newKeySet();
  private volatile boolean closing;

  Proposals(
      DealDesk desk,
      DealCourse course,
      Answers answers,
      BlockStore blocks,
      PriceList prices,
      ProviderLimits limits,
      Clock clock) {
    this.desk = desk;
    this.course = course;
    this.answers = answers;
    this.blocks = blocks;
    this.prices = prices;
    this.limits = limits;
    this.allowance = new Allowance(limits.proposalsPerMinute(), limits.proposalBurst(), clock);
    this.restartAllowance =
        new Allowance(RESTARTS_PER_MINUTE, limits.dealsPerPeer() * limits.restarts(), clock);
    this.refusedDeals = new RefusedDeals(desk, limits.refusalsKept(), clock);
    this.encores = new Encores(desk, course, answers, blocks, limits.restarts());
  }

  /** What a proposal turned out to be: what it asks for, and with which money behind it. */
  private record Wish(
      PullRequest request, MachineId id, long number, boolean money, Optional<Node> opening) {

    PeerId peer() {
      return request.channel().initiator();
    }

    Optional<Bytes32> openingHash() {
      return opening.map(Proposals::hash);
    }
  }

  /** Decides about a request; blocks on the ledger and on the journal. */
  PullDecision decide(PullRequest request) {
    if (request.kind() == PullRequest.Kind.RESUME) {
      return resume(request);
    }
    Optional<Node> opening =
        Optional.ofNullable(request.extensions().get(RetrievalNames.OPEN_EXTENSION));
    DealProposal proposal;
    Wish wish;
    try {
      proposal = DealProposal.of(request.voucher().orElseThrow().value());
      wish =
          new Wish(
              request,
              DealDesk.idOf(request.channel().initiator(), proposal.id()),
              proposal.id(),
              opening.isPresent() || !proposal.isFree(),
              opening);
    } catch (ProtocolException e) {
      desk.metrics().refused(e.code());
      return PullDecision.reject(Optional.empty());
    }
    boolean live = desk.isLive(wish.id(), wish.peer());
    Duration wait = (live ? restartAllowance : allowance).take(wish.peer());
    if (!wait.isZero()) {
      return refuse(
          wish,
          Refusal.later(
              "RATE_LIMITED",
              "too many proposals; wait " + wait.toSeconds() + " s",
              wait.toSeconds()));
    }
    if (!proposal.payload().equals(request.root())
        || !proposal.selector().map(request.selector()::equals).orElse(true)) {
      return refuse(wish, Refusal.of("BAD_PROPOSAL", "root and selector are not the request's"));
    }
    if (!busy.add(wish.id())) {
      return refuse(wish, Refusal.later("BUSY", "that deal is being decided about", 1));
    }
    try {
      Optional<MachineView<ProviderState, ProviderDeal>> known = desk.find(wish.id());
      if (known.isEmpty()) {
        return begin(wish, false);
      }
      ProviderDeal deal = known.get().data();
      Optional<Refusal> no = different(wish, deal).or(() -> movedExclusions(wish, deal));
      if (no.isPresent()) {
        return refuse(wish, no.get());
      }
      return known.get().state() == ProviderState.NEW ? begin(wish, true) : goOn(wish, known.get());
    } finally {
      busy.remove(wish.id());
    }
  }

  // beginning

  /** From now on deals that run go on, restarts among them, and no other begins. */
  void beginNoMore() {
    closing = true;
  }

  private PullDecision begin(Wish wish, boolean durable) {
    if (closing) {
      return refuse(
          wish, Refusal.later("SHUTTING_DOWN", "this provider is stopping", BACK_SECONDS));
    }
    if (wish.request().asked().doNotSend().size() > limits.listed()) {
      return refuse(
          wish,
          Refusal.of(
              "TOO_MANY_EXCLUSIONS", "at most " + limits.listed() + " blocks may be listed"));
    }
    if (wish.opening().isPresent()) {
      return beginPaid(wish, wish.opening().get(), durable);
    }
    Optional<Refusal> no =
        absent(wish.request().root())
            .or(() -> wish.money() ? Optional.empty() : unoffered(wish.request().root(), FREE))
            .or(() -> crowded(wish.peer()));
    if (no.isPresent()) {
      return refuse(wish, no.get());
    }
    ProviderDeal deal = startUnless(durable, wish);
    Serving serving = serving(wish, deal, Optional.empty());
    boolean free = !wish.money();
    if (!free) {
      serving.startsWaiting();
    }
    desk.begin(serving);
    desk.send(wish.id(), free ? ProviderEvent.ADMITTED : ProviderEvent.OPENING_MISSING, desk.at())
        .join();
    desk.metrics().started(!free);
    return accept(wish, serving, !free);
  }

  private PullDecision beginPaid(Wish wish, Node opening, boolean durable) {
    Open open;
    try {
      open = Open.of(opening);
    } catch (ProtocolException e) {
      return refuse(wish, Refusal.of(e.code(), "" + e.getMessage()));
    }
    Judged judged = judge(wish.id(), wish.number(), wish.peer(), wish.request(), open);
    if (judged.no().isPresent()) {
      return refuse(wish, judged.no().get());
    }
    Prepared<DealAccount> bound = judged.bound().orElseThrow();
    Optional<Refusal> no = crowded(wish.peer());
    if (no.isPresent()) {
      bound.release();
      return refuse(wish, no.get());
    }
    ProviderDeal deal;
    try {
      deal = startUnless(durable, wish);
    } catch (RuntimeException e) {
      bound.release();
      throw e;
    }
    boolean feeFirst = !open.terms().fee().isZero();
    Serving serving = serving(wish, deal, Optional.of(bound.value()));
    if (feeFirst) {
      serving.startsWaiting();
    }
    desk.begin(serving);
    if (!opened(wish.id(), open, hash(opening), bound)) {
      desk.drop(serving);
      return refuse(wish, Refusal.of("INTERNAL", "the deal could not be recorded"));
    }
    desk.metrics().started(true);
    return accept(wish, serving, feeFirst);
  }

  /** An opening and what it binds, or why not. */
  record Judged(Optional<Refusal> no, Optional<Prepared<DealAccount>> bound) {
    static Judged no(Refusal why) {
      return new Judged(Optional.of(why), Optional.empty());
    }
  }

  private Judged judge(MachineId id, long number, PeerId peer, PullRequest request, Open open) {
    return judge(id, number, peer, request.root(), request.selector(), open);
  }

  /** Judges an opening, whichever way it came. The lane it binds is reserved until decided. */
  Judged judge(MachineId id, long number, PeerId peer, Cid root, Node selector, Open open) {
    if (open.id() != number) {
      return Judged.no(Refusal.of("OPEN_BAD_SIGNATURE", "the opening is for deal " + open.id()));
    }
    OpenRequest asked =
        new OpenRequest(DealDesk.refOf(id), open, peer, desk.self(), root, selector);
    for (int tries = 0; tries <= PREVIOUS_PAID; tries++) {
      switch (desk.payments().payee().open(asked)) {
        case Opening.Refused refused -> {
          return Judged.no(Refusal.of(refused));
        }
        case Opening.PreviousPaid previous -> payPrevious(previous);
        case Opening.Admitted admitted -> {
          Optional<Refusal> no = absent(root).or(() -> unoffered(root, open.terms()));
          if (no.isPresent()) {
            admitted.account().release();
            return Judged.no(no.get());
          }
          return new Judged(Optional.empty(), Optional.of(admitted.account()));
        }
      }
    }
    return Judged.no(Refusal.of("LANE_BUSY", "the lane's vouchers keep changing"));
  }

  /** A voucher that came with the next deal's opening pays for the deal before it. */
  private void payPrevious(Opening.PreviousPaid previous) {
    MachineId before = new MachineId(previous.previous().value());
    if (desk.find(before).filter(view -> !view.ended()).isPresent()) {
      // If it ends in this very moment, the opening is judged again and brings the voucher again.
      Vouchers.credit(desk, before, previous.paid()).join();
    } else {
      try {
        desk.payments().append(previous.paid());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    course.look(before);
  }

  /** Records the opening of a deal; waits until it is durable. */
  boolean opened(MachineId id, Open open, Bytes32 hash, Prepared<DealAccount> bound) {
    DealAccount account = bound.value();
    PaidOn lane =
        new PaidOn(
            open.payee(), open.channel(), open.lane(), account.base(), account.payer(), hash);
    boolean taken =
        desk.send(
                id,
                open.terms().fee().isZero() ? ProviderEvent.OPENED : ProviderEvent.OPENED_FEE_FIRST,
                new ProviderInput.Opened(desk.now(), open.terms(), lane),
                bound)
            .join();
    CrashPoint.OPENING_KEPT.reached();
    course.lookLater(id);
    return taken;
  }

  private ProviderDeal startUnless(boolean durable, Wish wish) {
    if (durable) {
      ProviderDeal deal = desk.find(wish.id()).orElseThrow().data();
      openChannel(wish, deal); // unless that was done before the last process was killed
      return deal;
    }
    PullRequest request = wish.request();
    Exclusions asked = request.asked();
    ProviderDeal deal =
        ProviderDeal.proposed(
            wish.peer(),
            wish.number(),
            request.root(),
            request.selector(),
            request.channel().transfer(),
            LeftOut.of(asked),
            wish.money(),
            desk.now());
    desk.start(wish.id(), deal);
    CrashPoint.PROPOSAL_KEPT.reached();
    openChannel(wish, deal);
    return deal;
  }

  private void openChannel(Wish wish, ProviderDeal deal) {
    PullRequest request = wish.request();
    desk.chronicle()
        .ifPresent(
            by -> by.opened(wish.id(), request.channel(), deal, request.voucher().orElseThrow()));
  }

  private Serving serving(Wish wish, ProviderDeal deal, Optional<DealAccount> account) {
    Exclusions asked = wish.request().asked();
    return new Serving(
        wish.id(),
        wish.number(),
        wish.request().pull(),
        new Exclusions(deal.leftOut().skipFirst(), asked.doNotSend()),
        asked.skipFirst(),
        Math.max(deal.charged(), account.map(DealAccount::charged).orElse(0L)),
        account,
        !deal.paid(),
        limits.markBytes(),
        course);
  }

  private PullDecision accept(Wish wish, Serving serving, boolean paused) {
    Optional<TypedVoucher> result =
        wish.request().kind() == PullRequest.Kind.NEW
            ? Optional.of(typed(DealResponse.of(DealStatus.ACCEPTED, wish.number(), "")))
            : Optional.empty();
    Decision.Accept how =
        Decision.accept(blocks)
            .gated(serving)
            .heardBy(serving)
            .charging(serving.exclusions())
            .alone(wish.money());
    return PullDecision.accept(blocks, result).paused(paused).served(how);
  }

  // going on

  private PullDecision goOn(Wish wish, MachineView<ProviderState, ProviderDeal> known) {
    ProviderDeal deal = known.data();
    if (known.state() == ProviderState.COMPLETED
        || known.state() == ProviderState.COMPLETED_UNPAID) {
      return encores.play(wish.request(), known).orElseGet(() -> refuse(wish, tooManyRestarts()));
    }
    if (DealDesk.isOver(known.state())) {
      return refuse(
          wish,
          Refusal.of(
              deal.reason().isEmpty() ? known.state().name() : deal.reason(),
              "the deal is over: " + known.state()));
    }
    if (deal.restarts() >= limits.restarts()
        && wish.request().asked().skipFirst() <= deal.position()) {
      return refuse(wish, tooManyRestarts());
    }
    if (known.state() == ProviderState.AWAITING_OPENING && wish.opening().isPresent()) {
      return beginPaid(wish, wish.opening().get(), true);
    }
    return restart(wish, deal, known.state());
  }

  private static Refusal tooManyRestarts() {
    return Refusal.of("TOO_MANY_RESTARTS", "the deal was restarted too often without moving on");
  }

  private PullDecision restart(Wish wish, ProviderDeal deal, ProviderState state) {
    Optional<DealAccount> account = desk.account(wish.id());
    if (deal.lane().isPresent() && account.isEmpty()) {
      return refuse(wish, Refusal.of("INTERNAL", "the deal's account is not here"));
    }
    account.ifPresent(by -> by.charged(deal.charged()));
    boolean waits = state == ProviderState.AWAITING_OPENING;
    Serving serving = serving(wish, deal, account);
    if (waits) {
      serving.startsWaiting();
    }
    desk.begin(serving);
    boolean taken =
        desk.send(
                wish.id(),
                ProviderEvent.RESTARTED,
                new ProviderInput.Restarted(
                    desk.now(),
                    wish.request().channel().transfer(),
                    wish.request().asked().skipFirst()))
            .join();
    if (!taken) {
      desk.drop(serving);
      return refuse(wish, Refusal.of("BUSY", "the deal has just moved on; try again"));
    }
    desk.metrics().restarted();
    return accept(wish, serving, waits);
  }

  private static Optional<Refusal> different(Wish wish, ProviderDeal deal) {
    PullRequest request = wish.request();
    boolean same =
        deal.peer().equals(wish.peer())
            && deal.root().equals(request.root())
            && deal.selector().equals(request.selector())
            && deal.paid() == wish.money();
    boolean sameOpening =
        deal.lane().isEmpty()
            || wish.openingHash()
                .map(deal.lane().get().opening()::equals)
                .orElse(
                    // A client that cannot add the extension gave its opening as a voucher before.
                    request.kind() == PullRequest.Kind.RESTART
                        && request.channel().transfer() == deal.transfer());
    return same && sameOpening
        ? Optional.empty()
        : Optional.of(
            Refusal.of("DEAL_ID_TAKEN", "deal " + deal.id() + " was opened for something else"));
  }

  /**
   * What the first request left out is free for good, so a later one must leave out no less.
   * Clients of old list what they have received, so free deals are not held to it.
   */
  private static Optional<Refusal> movedExclusions(Wish wish, ProviderDeal deal) {
    Exclusions asked = wish.request().asked();
    boolean same =
        !deal.paid()
            || (asked.skipFirst() >= deal.leftOut().skipFirst()
                && LeftOut.of(asked).list().equals(deal.leftOut().list()));
    return same
        ? Optional.empty()
        : Optional.of(
            Refusal.of(
                "EXCLUSIONS_CHANGED",
                "the request leaves out other blocks than the deal's first one did"));
  }

  /** The client paused, which ended its request, and now makes it again. */
  private PullDecision resume(PullRequest request) {
    Optional<MachineId> id = desk.dealOf(request.channel());
    Optional<MachineView<ProviderState, ProviderDeal>> known = id.flatMap(desk::find);
    if (known.isEmpty() || DealDesk.isOver(known.get().state())) {
      return PullDecision.reject(Optional.empty());
    }
    ProviderDeal deal = known.get().data();
    Wish wish = new Wish(request, id.orElseThrow(), deal.id(), deal.paid(), Optional.empty());
    return movedExclusions(wish, deal)
        .map(no -> refuse(wish, no))
        .orElseGet(() -> restart(wish, deal, known.get().state()));
  }

  // reasons to refuse

  private Optional<Refusal> unoffered(Cid root, Terms terms) {
    return switch (prices.judge(root, terms)) {
      case OFFERED -> Optional.empty();
      case NOT_OFFERED -> Optional.of(Refusal.of("NOT_OFFERED", "that content has no price here"));
      case PRICE_TOO_LOW ->
          Optional.of(
              Refusal.of(
                  "PRICE_TOO_LOW",
                  "below the price; ask for it on " + RetrievalNames.ASK_PROTOCOL));
      case INTERVAL_OUT_OF_RANGE ->
          Optional.of(
              Refusal.of("INTERVAL_OUT_OF_RANGE", "the payment intervals are out of range"));
    };
  }

  private Optional<Refusal> absent(Cid root) {
    return blocks.has(root)
        ? Optional.empty()
        : Optional.of(Refusal.of("NOT_FOUND", "that content is not here"));
  }

  private Optional<Refusal> crowded(PeerId peer) {
    if (desk.running() >= limits.deals() || desk.running(peer) >= limits.dealsPerPeer()) {
      return Optional.of(Refusal.later("TOO_MANY_DEALS", "too many deals run already", 30));
    }
    return Optional.empty();
  }

  // refusing

  /**
   * Refuses. A client that sent an opening is told the particulars first, on a stream of their own,
   * since the refusal itself has no room for them.
   */
  private PullDecision refuse(Wish wish, Refusal why) {
    desk.metrics().refused(why.code());
    ChannelId channel = wish.request().channel();
    if (wish.opening().isPresent()) {
      try {
        answers
            .result(channel, false, false, typed(why.result(wish.number())))
            .get(ANSWER_SECONDS, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (ExecutionException | TimeoutException e) {
        // The refusal that follows has the code too.
      }
    }
    refusedDeals.keep(wish.id(), wish.request(), wish.number(), wish.money(), why);
    DealStatus status =
        why.code().equals("NOT_FOUND") ? DealStatus.DEAL_NOT_FOUND : DealStatus.REJECTED;
    return PullDecision.reject(
        Optional.of(typed(DealResponse.of(status, wish.number(), why.line()))));
  }

  // hashes

  static Bytes32 hash(Node node) {
    return sha256(DagCbor.encode(node));
  }

  private static Bytes32 sha256(byte[] bytes) {
    try {
      return Bytes32.of(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
