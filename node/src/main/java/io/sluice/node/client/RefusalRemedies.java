package io.sluice.node.client;

import io.sluice.fsm.DealReason;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.client.ClientDeal;
import io.sluice.fsm.client.ClientEvent;
import io.sluice.fsm.client.ClientInput;
import io.sluice.fsm.client.ClientMoney;
import io.sluice.fsm.client.LaneOpening;
import io.sluice.payments.PaymentException;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.DealResult;
import io.sluice.protocol.retrieval.Payment;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What follows a refusal. Some can be remedied, by another lane or more deposit; some pass with
 * time; the others stand.
 */
final class RefusalRemedies {
  /** So often a refusal is met by another proposal; then it stands. */
  static final int MOST = 8;

  private final DealContext context;
  private final Debts debts;
  private final Map<MachineId, Integer> tried = new ConcurrentHashMap<>();

  /** How long providers asked to be left alone; until the next attempt. */
  private final Map<MachineId, Duration> pauses = new ConcurrentHashMap<>();

  /** Pays what earlier deals owe a provider. */
  @FunctionalInterface
  interface DebtPayer {
    /** By this end's own count, never more than {@code most}; whether anything was paid. */
    boolean pay(PeerId provider, TokenAmount most) throws IOException, InterruptedException;
  }

  /** What earlier deals owe, by either end's count. */
  interface Debts extends DebtPayer {
    /**
     * A provider names an earlier deal and the bytes that it counts for it.
     *
     * @return what the user can do about that; empty if there was no such deal
     */
    Optional<String> named(PeerId provider, long deal, long charged) throws IOException;
  }

  RefusalRemedies(DealContext context, Debts debts) {
    this.context = context;
    this.debts = debts;
  }

  /** The provider said no; waits for what it may say beside that, and for the ledger. */
  void refused(RefusedAttempt attempt, MachineId id, ClientDeal deal, DealReason reason) {
    context.metrics().refused(reason.code().name());
    try {
      if (reason.code().isTransient()) { // it asks for patience, not for another deal
        retryAfter(attempt, deal, reason).ifPresent(wait -> pauses.put(id, wait));
        attempt.lost(reason);
        return;
      }
      Optional<LaneOpening> remedy = remedy(attempt, id, deal, reason);
      if (remedy.isPresent()) {
        context.metrics().mended(reason.code().name());
        context.send(id, ClientEvent.REOPENED, new ClientInput.Funded(context.now(), remedy.get()));
        return;
      }
      context.report(id, ClientEvent.REFUSED, context.stopped(explained(attempt, deal, reason)));
    } catch (PaymentException e) {
      context.report(id, ClientEvent.REFUSED, context.stopped(FailureReasons.of(e)));
    } catch (ProtocolException e) {
      context.report(
          id, ClientEvent.REFUSED, context.stopped(FailureReasons.of(DealCode.NOT_OUR_VOUCHER, e)));
    } catch (IOException e) {
      context.report(
          id, ClientEvent.GIVE_UP, context.stopped(FailureReasons.of(DealCode.INTERNAL, e)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** How long the provider asked to be left alone before the attempt that now follows. */
  Duration takePause(MachineId id) {
    return Optional.ofNullable(pauses.remove(id)).orElse(Duration.ZERO);
  }

  void forget(MachineId id) {
    tried.remove(id);
    pauses.remove(id);
  }

  private static Optional<Duration> retryAfter(
      RefusedAttempt attempt, ClientDeal deal, DealReason reason) throws InterruptedException {
    return deal.isFree() // nothing but the classic response comes then
        ? Optional.empty()
        : attempt
            .resultWith(reason.code())
            .flatMap(DealResult::retryAfter)
            .map(Duration::ofSeconds);
  }

  /** With what the user can do about it where only the user can. */
  private DealReason explained(RefusedAttempt attempt, ClientDeal deal, DealReason reason)
      throws IOException, InterruptedException {
    if (reason.code() != DealCode.UNPAID || deal.isFree()) {
      return reason;
    }
    Optional<DealResult> result = attempt.resultWith(DealCode.UNPAID);
    Optional<Long> earlier = result.flatMap(DealResult::deal);
    Optional<Long> charged = result.flatMap(DealResult::bytes);
    if (earlier.isEmpty() || charged.isEmpty()) {
      return reason;
    }
    return debts
        .named(deal.order().provider(), earlier.get(), charged.get())
        .map(text -> new DealReason(reason.code(), reason.message() + "; " + text))
        .orElse(reason);
  }

  private Optional<LaneOpening> remedy(
      RefusedAttempt attempt, MachineId id, ClientDeal deal, DealReason reason)
      throws IOException, InterruptedException {
    if (deal.isFree()
        || deal.progress().answered()
        || attempt.isAccepted()
        || tried.merge(id, 1, Integer::sum) > MOST) {
      return Optional.empty();
    }
    DealPayments payments = context.payments();
    return switch (reason.code()) {
      case LANE_BUSY -> Optional.of(payments.another(id, deal));
      case LANE_BEHIND -> {
        Optional<Payment> best = attempt.resultWith(reason.code()).flatMap(DealResult::best);
        yield best.isEmpty()
            ? Optional.empty()
            : payments.adopt(id, deal, SignedVoucher.of(best.get()));
      }
      case INSUFFICIENT_DEPOSIT, DEPOSIT_USED -> {
        Optional<TokenAmount> gap =
            attempt.resultWith(reason.code()).flatMap(DealResult::shortfall);
        yield gap.isEmpty() ? Optional.empty() : payments.cover(id, deal, gap.get());
      }
      // What this command may spend bounds what it pays for others, too.
      case UNPAID ->
          debts.pay(deal.order().provider(), deal.order().budget())
              ? deal.money().map(ClientMoney::lane)
              : Optional.empty();
      default -> Optional.empty();
    };
  }
}
