package io.sluice.node.client;

import io.sluice.fsm.CrashPoint;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.engine.MachineView;
import io.sluice.protocol.datatransfer.TypedVoucher;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.Payment;
import io.sluice.protocol.retrieval.RetrievalNames;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends vouchers outside of attempts, and the last one of each deal until its provider has answered
 * it.
 */
final class FinalVouchers {
  private static final Logger LOG = LoggerFactory.getLogger(FinalVouchers.class);

  private final DealContext context;
  private final TransferAttempts attempts;
  private final FinalVoucherStore outbox;
  private final Map<MachineId, CompletableFuture<Void>> answers = new ConcurrentHashMap<>();
  private final Map<MachineId, Instant> lastSent = new ConcurrentHashMap<>();

  FinalVouchers(DealContext context, TransferAttempts attempts, FinalVoucherStore outbox) {
    this.context = context;
    this.attempts = attempts;
    this.outbox = outbox;
  }

  // ---- sending

  static TypedVoucher typed(Payment payment) {
    return new TypedVoucher(RetrievalNames.PAYMENT, Payment.CODEC.encode(payment));
  }

  /** Keeps a last voucher until it is answered; durable when this returns. */
  void keep(FinalVoucherStore.Unanswered voucher) throws IOException {
    outbox.keep(voucher);
    CrashPoint.LAST_VOUCHER_KEPT.reached();
  }

  CompletableFuture<Void> send(FinalVoucherStore.Unanswered voucher) {
    lastSent.put(voucher.deal(), context.now());
    return context.sendVoucher(
        voucher.provider(), voucher.addresses(), voucher.transfer(), voucher.payment());
  }

  // ---- sending again

  /** Sends all that are not answered once more. */
  void sendUnanswered() {
    outbox.all().forEach(this::sendAgain);
  }

  /** Tries again, ever more rarely, in case the provider lost what it was sent and says nothing. */
  void sendOverdue() {
    for (FinalVoucherStore.Unanswered voucher : outbox.all()) {
      Instant tried = lastSent.getOrDefault(voucher.deal(), voucher.since());
      Duration wait = Duration.between(voucher.since(), tried);
      if (tried.plus(longer(wait, context.limits().longestPause())).isBefore(context.now())) {
        sendAgain(voucher);
      }
    }
  }

  /** A provider that speaks of an ended deal again has not got its last voucher. */
  void sendAgain(MachineId id) {
    Instant tried = lastSent.getOrDefault(id, Instant.MIN);
    if (tried.isBefore(context.now().minus(context.limits().pause()))) {
      outbox.find(id).ifPresent(this::sendAgain);
    }
  }

  private void sendAgain(FinalVoucherStore.Unanswered voucher) {
    if (voucher.since().plus(context.limits().outbox()).isBefore(context.now())) {
      forget(voucher.deal());
    } else if (attempts.of(voucher.deal()).isEmpty()) {
      var unused = send(voucher);
    }
  }

  private static Duration longer(Duration a, Duration b) {
    return a.compareTo(b) > 0 ? a : b;
  }

  // ---- being answered

  /** Waits a little for these providers to confirm the last vouchers that they have not yet. */
  void deliver(Set<PeerId> providers, Duration patience) throws InterruptedException {
    for (FinalVoucherStore.Unanswered voucher : outbox.all()) {
      if (providers.contains(voucher.provider())) {
        sendAgain(voucher);
        await(voucher.deal(), patience);
      }
    }
  }

  /** Waits a little for the provider to confirm the last voucher of a deal that has ended. */
  void await(MachineId id, Duration patience) throws InterruptedException {
    if (!outbox.isOpen(id)) {
      return;
    }
    CompletableFuture<Void> answer = answers.computeIfAbsent(id, key -> new CompletableFuture<>());
    try {
      if (outbox.isOpen(id)) {
        answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
      }
    } catch (TimeoutException | ExecutionException e) {
      LOG.debug("{}: the last voucher is not answered yet and stays in the outbox", id);
    } finally {
      answers.remove(id);
    }
  }

  /** The provider confirmed the end of a deal. */
  void answered(MachineId id) {
    context.onWorker(
        () -> {
          forget(id);
          CompletableFuture<Void> answer = answers.get(id);
          if (answer != null) {
            answer.complete(null);
          }
          if (context.find(id).filter(MachineView::ended).isPresent()) {
            attempts.close(id);
          }
        });
  }

  private void forget(MachineId id) {
    lastSent.remove(id);
    try {
      outbox.answered(id);
    } catch (IOException e) {
      LOG.warn("{}: the outbox could not be written", id, e);
    }
  }
}
