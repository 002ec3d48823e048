package io.sluice.node.client;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.sluice.fsm.CrashPoint;
import io.sluice.fsm.DealReason;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.client.ClientDeal;
import io.sluice.fsm.client.ClientEvent;
import io.sluice.fsm.client.ClientInput;
import io.sluice.node.client.PaymentPlan.RecordAndPay;
import io.sluice.node.client.PaymentPlan.VoucherDue;
import io.sluice.node.client.PaymentPlan.Wait;
import io.sluice.payments.PaymentException;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.protocol.datatransfer.Pull;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out the {@link PaymentPlan} of one attempt: whatever changes the plan has it looked at,
 * and when it says that something is due, a worker syncs, records and pays until nothing is.
 *
 * <p>Blocks are counted on the walk's thread, which never waits for money: it changes the plan and
 * goes on. There is one worker at a time; while it syncs and signs, more blocks arrive, and the
 * next voucher covers them all.
 */
final class PlanRunner {
  private static final Logger LOG = LoggerFactory.getLogger(PlanRunner.class);

  private final DealContext context;
  private final MachineId id;
  private final ClientDeal deal;
  private final Consumer<DealReason> failed;

  @GuardedBy("this")
  private PaymentPlan plan;

  @GuardedBy("this")
  private @Nullable Pull pull;

  /** Whether a worker sees to the plan, which then looks at it again before it goes. */
  @GuardedBy("this")
  private boolean busy;

  /** Whether a reminder is on its way: without this, each block would order another. */
  @GuardedBy("this")
  private boolean reminded;

  @GuardedBy("this")
  private boolean stopped;

  /** A runner that does nothing before {@link #begin}; {@code failed} hears why it cannot pay. */
  PlanRunner(
      DealContext context,
      MachineId id,
      ClientDeal deal,
      PaymentPlan plan,
      Consumer<DealReason> failed) {
    this.context = context;
    this.id = id;
    this.deal = deal;
    this.plan = plan;
    this.failed = failed;
  }

  /** Begins to pay; vouchers go out over that pull. */
  synchronized void begin(Pull opened) {
    pull = opened;
    look();
  }

  /** Pays no more; a voucher that is being made still goes out. */
  synchronized void stop() {
    stopped = true;
  }

  /** The plan as it is. */
  synchronized PaymentPlan plan() {
    return plan;
  }

  /** Changes the plan, and does what then is due. Does not block. */
  synchronized PaymentPlan change(UnaryOperator<PaymentPlan> change) {
    // Change and look are one: a worker that goes in between would have seen nothing to do.
    plan = change.apply(plan);
    look();
    return plan;
  }

  /** Takes a demand into the plan, unless something is wrong with it. */
  synchronized Optional<DealReason> demanded(ProviderAnswer answer) {
    Optional<DealReason> excess = plan.excess(answer);
    if (excess.isEmpty()) {
      plan = plan.demanded(answer);
      look();
    }
    return excess;
  }

  /** How far the walk has come, as an event's input. */
  ClientInput.Verified verified() {
    return verified(plan().arrived());
  }

  private ClientInput.Verified verified(PaymentPlan.Arrived upTo) {
    return new ClientInput.Verified(context.now(), upTo.charged(), upTo.bytes(), upTo.position());
  }

  @GuardedBy("this")
  private void look() {
    if (busy || stopped || pull == null) {
      return;
    }
    switch (plan.next(context.ticker().nanos())) {
      case RecordAndPay due -> {
        // From here until take() finds nothing, whatever comes is left to that worker.
        busy = true;
        context.onWorker(this::work);
      }
      case Wait wait when wait.until().isPresent() && !reminded -> {
        reminded = true; // one at a time, however many blocks come meanwhile
        context.remind(Duration.ofNanos(wait.until().get()), this::lookAgain);
      }
      case Wait wait -> {}
    }
  }

  /** The reminder's time has come. */
  private synchronized void lookAgain() {
    reminded = false;
    look();
  }

  /** Ends with {@code busy} still set if it fails: this attempt then pays nothing any more. */
  private void work() {
    try {
      for (Optional<RecordAndPay> due = take(); due.isPresent(); due = take()) {
        recordAndPay(due.get());
      }
    } catch (PaymentException e) {
      failed.accept(FailureReasons.of(e));
    } catch (IOException e) {
      LOG.warn("{}: cannot pay: {}", id, e.toString());
      failed.accept(FailureReasons.ofDisk("cannot pay: ", e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * What the worker has to do, or nothing, and then it is one no longer. Looking and ceasing to be
   * busy are one: what comes right after finds nobody busy and orders another worker.
   */
  private synchronized Optional<RecordAndPay> take() {
    if (!stopped && plan.next(context.ticker().nanos()) instanceof RecordAndPay due) {
      plan = plan.taken();
      return Optional.of(due);
    }
    busy = false;
    look(); // whether to be reminded
    return Optional.empty();
  }

  /**
   * In this order: blocks, then the record that they are here, then the voucher. After a crash the
   * client never has paid for what it cannot show, and never forgets what it has to pay for.
   */
  private void recordAndPay(RecordAndPay due) throws IOException, InterruptedException {
    context.blocks().sync(); // before anything is signed for them, or said of them
    if (due.recording()) {
      synchronized (this) {
        plan = plan.recorded(due.arrived());
      }
      context.report(id, ClientEvent.PROGRESS, verified(due.arrived()));
    }
    if (due.payment() != VoucherDue.NONE) {
      pay(due.arrived().charged());
    }
  }

  private void pay(long upTo) throws IOException, InterruptedException {
    Optional<SignedVoucher> voucher = context.payments().pay(id, deal, upTo);
    if (voucher.isEmpty()) {
      return;
    }
    // The plan counts it as sent before it is: a demand that crosses it must not buy another.
    Pull open;
    synchronized (this) {
      plan =
          plan.sent(
              upTo, voucher.get().amount().minusOrZero(deal.base()), context.ticker().nanos());
      open = pull;
    }
    if (open != null) {
      var unused =
          open.sendVoucher(FinalVouchers.typed(voucher.get().payment(deal.id(), upTo, false)))
              .thenRun(CrashPoint.VOUCHER_SENT::reached);
    }
  }
}
