package io.sluice.node.client;

import io.sluice.fsm.CrashPoint;
import io.sluice.fsm.DealReason;
import io.sluice.fsm.EventSink;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.Step;
import io.sluice.fsm.client.ClientDeal;
import io.sluice.fsm.client.ClientEvent;
import io.sluice.fsm.client.ClientInput;
import io.sluice.fsm.client.ClientState;
import io.sluice.fsm.client.LaneOpening;
import io.sluice.payments.PaymentException;
import io.sluice.protocol.graphsync.Exclusions;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.Payment;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a client does in each state of a deal; each step finds out first what is already done.
 *
 * <p>A step runs when a deal comes into its state, and again in every process that takes the deal
 * up. So it may find its work done, half done or not begun, and none of that is known from memory:
 * what is here is found by a walk, what is signed by asking the payer. A step ends in an event that
 * moves the deal on, or in none where something that will come moves it: the attempt, the user, a
 * timer.
 *
 * <p>Order within a step is that of promises: blocks are synced before a voucher says that they
 * have come, a voucher is durable before it is sent, and a lane is given free by the same record
 * that ends its deal.
 */
final class DealSteps {
  private static final Logger LOG = LoggerFactory.getLogger(DealSteps.class);

  /** A provider that is gone must not hold up the end of a deal; the outbox has the voucher. */
  private static final Duration FAREWELL = Duration.ofSeconds(10);

  /** Attempts at a deal whose provider asks for more than came, before it is believed to lie. */
  private static final int OVERCHARGED_TRIES = 2;

  private final DealContext context;
  private final TransferAttempts attempts;
  private final TransferAttempt.AttemptListener listener;
  private final FinalVouchers finalVouchers;
  private final RefusalRemedies.DebtPayer debts;
  private final RefusalRemedies remedies;
  private final DealWatchers watchers;
  private final ExclusionLists exclusions;

  /** What whoever ordered a deal found here just before, until its first proposal. */
  private final Map<MachineId, LocalContent> found = new ConcurrentHashMap<>();

  DealSteps(
      DealContext context,
      TransferAttempts attempts,
      TransferAttempt.AttemptListener listener,
      FinalVouchers finalVouchers,
      RefusalRemedies.DebtPayer debts,
      RefusalRemedies remedies,
      DealWatchers watchers,
      ExclusionLists exclusions) {
    this.context = context;
    this.attempts = attempts;
    this.listener = listener;
    this.finalVouchers = finalVouchers;
    this.debts = debts;
    this.remedies = remedies;
    this.watchers = watchers;
    this.exclusions = exclusions;
  }

  Map<ClientState, Step<ClientDeal, ClientInput>> byState() {
    return Map.of(
        ClientState.NEW, this::fund,
        ClientState.PROPOSED, this::propose,
        ClientState.TRANSFERRING, this::transferring,
        ClientState.RETRYING, this::retry,
        ClientState.PARKED, this::park,
        ClientState.FINALIZING, this::finish,
        ClientState.LEAVING, this::leave);
  }

  /** Says what is here of a deal that is about to be made, which then need not be looked up. */
  void found(MachineId id, LocalContent local) {
    found.put(id, local);
  }

  /** The deal has ended. */
  void forget(MachineId id) {
    found.remove(id);
  }

  // ---- agreeing

  /** Money for all of it is put aside before anything is asked for; free content needs none. */
  private void fund(MachineId id, ClientDeal deal, EventSink<ClientInput> events)
      throws InterruptedException {
    CrashPoint.DEAL_BEGUN.reached();
    if (deal.isFree()) {
      events.send(ClientEvent.FREE, context.at());
      return;
    }
    try {
      // Before this deal takes the lane of one that owes: from then on that could not be paid.
      boolean unused = debts.pay(deal.order().provider(), deal.order().budget());
      LaneOpening lane = context.payments().fund(id, deal);
      CrashPoint.LANE_TAKEN.reached();
      events.send(ClientEvent.FUNDED, new ClientInput.Funded(context.now(), lane));
    } catch (PaymentException e) {
      // Nobody was asked yet: the next provider may be cheaper, or take another channel.
      events.send(ClientEvent.UNFUNDED, context.stopped(FailureReasons.of(e)));
    } catch (IOException e) {
      // Nothing was promised yet: there is no deal to be put aside.
      events.send(ClientEvent.GIVE_UP, context.stopped(FailureReasons.ofDisk("", e)));
    }
  }

  /** Opens the transfer: the first time as a proposal, after that as a restart of it. */
  private void propose(MachineId id, ClientDeal deal, EventSink<ClientInput> events)
      throws InterruptedException {
    attempts.close(id); // of two attempts at a deal, one would pay for what the other received
    try {
      Exclusions first = exclusions.of(id, deal.leftOut());
      LocalContent local = local(id, deal, first);
      if (deal.progress().answered()) {
        payAhead(id, deal, local.charged());
      }
      TransferAttempt attempt = new TransferAttempt(context, listener, id, deal, local);
      attempts.add(id, attempt); // before the pull is opened: its listener may be called at once
      Proposal proposal = new Proposal(context.self(), deal, first, local);
      CrashPoint.PROPOSAL_DUE.reached();
      attempt.begin(context.open(proposal.spec(), attempt));
    } catch (PaymentException e) {
      DealReason reason = FailureReasons.of(e);
      events.send(DealContext.stop(reason), context.stopped(reason));
    } catch (IOException e) {
      DealReason reason = FailureReasons.ofDisk("", e);
      events.send(DealContext.stop(reason), context.stopped(reason));
    }
  }

  /** Found just before by whoever ordered the deal, or by a walk. */
  private LocalContent local(MachineId id, ClientDeal deal, Exclusions first)
      throws IOException, InterruptedException {
    LocalContent known = found.remove(id);
    return known != null
        ? known.leftOut()
        : LocalContent.of(context.blocks(), deal.order().root(), deal.order().selector(), first);
  }

  /** Pays for all that is verified before the restart asks for more. */
  private void payAhead(MachineId id, ClientDeal deal, long charged)
      throws IOException, InterruptedException {
    if (deal.isFree()) {
      return;
    }
    context.blocks().sync(); // they may have come in a process that was killed before it did
    Optional<Payment> payment = payment(id, deal, charged, false);
    if (payment.isPresent()) {
      var unused =
          context.sendVoucher(
              deal.order().provider(),
              deal.order().addresses(),
              deal.progress().transfer(),
              payment.get());
    }
  }

  // ---- data against payment

  /** Runs when the transfer begins, where there is nothing to do, and in a new process. */
  private void transferring(MachineId id, ClientDeal deal, EventSink<ClientInput> events) {
    if (attempts.of(id).isEmpty()) {
      events.send(
          ClientEvent.CONNECTION_LOST,
          context.stopped(new DealReason(DealCode.CONNECTION_LOST, "taken up in a new process")));
    }
  }

  /** Another attempt after a pause, unless the reason says that it is of no use or too late. */
  private void retry(MachineId id, ClientDeal deal, EventSink<ClientInput> events)
      throws InterruptedException {
    DealReason reason = reason(deal);
    long retries = deal.progress().retries();
    if (retries >= mostRetries(deal, reason.code())) {
      events.send(
          ClientEvent.GIVE_UP,
          context.stopped(
              new DealReason(
                  reason.code(),
                  "given up after %d attempts: %s".formatted(retries, reason.message()))));
      return;
    }
    context.pause(context.limits().pauseBefore(retries, remedies.takePause(id)));
    events.send(
        ClientEvent.RETRY, new ClientInput.Going(context.now(), deal.progress().transfer()));
  }

  /** What is out of reach is tried longer once the deal has begun: then money is at stake. */
  private int mostRetries(ClientDeal deal, DealCode reason) {
    ClientLimits limits = context.limits();
    int most = deal.progress().answered() ? limits.tries() : limits.firstTries();
    return reason == DealCode.OVERCHARGED ? Math.min(most, OVERCHARGED_TRIES) : most;
  }

  /** Why the deal came into a state that it comes into for a reason only. */
  private static DealReason reason(ClientDeal deal) {
    return deal.standing()
        .reason()
        .orElseThrow(() -> new IllegalStateException("deal " + deal.id() + " has no reason"));
  }

  /** Pays before it lets go: the provider keeps the deal for one whose account is in order. */
  private void park(MachineId id, ClientDeal deal, EventSink<ClientInput> events)
      throws InterruptedException {
    // Closed before it is paid for: what came meanwhile would be paid after its figure was told.
    Optional<TransferAttempt> attempt = attempts.take(id);
    attempt.ifPresent(TransferAttempt::close);
    settleUp(id, deal, attempt, VoucherRole.ONE_OF_MANY);
    watchers.parked(id);
  }

  /** Pays for all that is here, of a deal that stays where it is. */
  void payParked(MachineId id, ClientDeal deal) throws IOException, InterruptedException {
    Exclusions first = exclusions.of(id, deal.leftOut());
    long charged = Math.max(deal.progress().charged(), local(id, deal, first).charged());
    context.blocks().sync();
    settleUpOrFail(id, deal, charged, VoucherRole.ONE_OF_MANY);
  }

  // ---- the end

  /** Everything is here and durable: the last voucher is kept before the deal counts as done. */
  private void finish(MachineId id, ClientDeal deal, EventSink<ClientInput> events)
      throws InterruptedException {
    try {
      settleUpOrFail(id, deal, deal.progress().charged(), VoucherRole.FINAL);
      context.payments().leave(id, false, events, ClientEvent.FINAL_SENT, context.at());
    } catch (PaymentException e) { // everything is here, and cannot be paid: that is no completion
      DealReason reason = FailureReasons.of(e);
      events.send(
          DealContext.isMended(reason.code()) ? ClientEvent.PARK : ClientEvent.CANCEL,
          context.stopped(reason));
    } catch (IOException e) {
      LOG.error("{}: the last voucher could not be made: {}", id, e.toString());
      DealReason reason = FailureReasons.ofDisk("", e);
      if (DealContext.isMended(reason.code())) { // else the next start tries again
        events.send(ClientEvent.PARK, context.stopped(reason));
      }
    }
  }

  /** The deal ends short of its end: what came is paid, unless the reason says otherwise. */
  private void leave(MachineId id, ClientDeal deal, EventSink<ClientInput> events)
      throws InterruptedException {
    DealCode reason = reason(deal).code();
    Optional<TransferAttempt> attempt = attempts.take(id);
    if (deal.progress().answered() && FailureReasons.isPaidFor(reason)) {
      settleUp(id, deal, attempt, VoucherRole.LAST);
    }
    // After the voucher, not before: a provider that hears of the end first books a debt.
    if (attempt.isPresent()) {
      attempt.get().cancel();
    } else if (deal.progress().answered() && reason == DealCode.CANCELLED) {
      awaitSent(
          id,
          context.sendCancel(
              deal.order().provider(), deal.order().addresses(), deal.progress().transfer()));
    }
    context
        .payments()
        .leave(
            id,
            deal.progress().answered(), // what is under way now counts at the provider
            events,
            ClientEvent.LEFT,
            new ClientInput.Left(context.now(), FailureReasons.outcome(reason)));
  }

  // ---- paying

  /** What a voucher is to its deal. */
  private enum VoucherRole {
    /** More follow, or the deal waits. */
    ONE_OF_MANY,
    /** No other will come: the client leaves the deal. */
    LAST,
    /** No other will come: the client has everything. */
    FINAL
  }

  /** Pays for what is verified; a failure leaves the rest to the next attempt. */
  private void settleUp(
      MachineId id, ClientDeal deal, Optional<TransferAttempt> attempt, VoucherRole role)
      throws InterruptedException {
    long charged = deal.progress().charged();
    try {
      if (attempt.isPresent()) {
        ClientInput.Verified verified = attempt.get().verified();
        context.blocks().sync();
        charged = Math.max(charged, verified.charged());
        context.send(id, ClientEvent.PROGRESS, verified);
      }
      if (charged > 0) {
        settleUpOrFail(id, deal, charged, role);
      }
    } catch (IOException | PaymentException e) {
      LOG.warn("{}: what is verified could not be paid: {}", id, e.toString());
    }
  }

  /**
   * Signs and sends a voucher for so many bytes. A last one is kept in the outbox first, and it is
   * enough that it has been tried: it goes out again at each contact.
   */
  private void settleUpOrFail(MachineId id, ClientDeal deal, long charged, VoucherRole role)
      throws IOException, InterruptedException {
    Optional<Payment> payment = payment(id, deal, charged, role == VoucherRole.FINAL);
    if (payment.isEmpty()) {
      return;
    }
    FinalVoucherStore.Unanswered out =
        new FinalVoucherStore.Unanswered(
            id,
            deal.order().provider(),
            deal.order().addresses(),
            deal.progress().transfer(),
            payment.get(),
            context.now());
    if (role != VoucherRole.ONE_OF_MANY) {
      finalVouchers.keep(out);
    }
    awaitSent(id, finalVouchers.send(out));
  }

  /** Not waited for for ever: vouchers go out again later, and a deal that is off times out. */
  private static void awaitSent(MachineId id, CompletableFuture<Void> sent)
      throws InterruptedException {
    try {
      sent.get(FAREWELL.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      LOG.info("{}: the provider could not be told", id);
    }
  }

  /** The voucher for so many bytes as it goes out; empty where it would be worth nothing. */
  private Optional<Payment> payment(MachineId id, ClientDeal deal, long charged, boolean last)
      throws IOException, InterruptedException {
    return context
        .payments()
        .pay(id, deal, charged)
        .filter(voucher -> voucher.amount().exceeds(deal.base()))
        .map(voucher -> voucher.payment(deal.id(), charged, last));
  }
}
