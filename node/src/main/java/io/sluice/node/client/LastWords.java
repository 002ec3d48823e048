package io.sluice.node.client;

import io.sluice.dealstore.DealStore;
import io.sluice.fsm.CrashPoint;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.client.ClientDeal;
import io.sluice.fsm.client.ClientState;
import io.sluice.fsm.engine.MachineView;
import io.sluice.protocol.datatransfer.TransferRequest;
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
 * Sends vouchers outside of conversations, and the last one of each deal until its provider has
 * answered it.
 */
final class LastWords {
  private static final Logger LOG = LoggerFactory.getLogger(LastWords.class);

  private final ClientDesk desk;
  private final Conversations conversations;
  private final LastVouchers outbox;
  private final Map<MachineId, CompletableFuture<Void>> answers = new ConcurrentHashMap<>();
  private final Map<MachineId, Instant> lastSent = new ConcurrentHashMap<>();

  LastWords(ClientDesk desk, Conversations conversations, DealStore store) {
    this.desk = desk;
    this.conversations = conversations;
    this.outbox = new LastVouchers(store);
  }

  // ---- sending

  static TypedVoucher typed(Payment payment) {
    return new TypedVoucher(RetrievalNames.PAYMENT, payment.toNode());
  }

  /** Keeps a last voucher until it is answered; durable when this returns. */
  void keep(LastVouchers.Unanswered voucher) throws IOException {
    outbox.keep(voucher);
    CrashPoint.LAST_VOUCHER_KEPT.reached();
  }

  CompletableFuture<Void> send(LastVouchers.Unanswered voucher) {
    lastSent.put(voucher.deal(), desk.now());
    return desk.endpoint()
        .send(
            voucher.provider(),
            voucher.addresses(),
            TransferRequest.voucher(voucher.transfer(), typed(voucher.payment())));
  }

  // ---- sending again

  /** Sends all that are not answered once more. */
  void sendUnanswered() {
    outbox.all().forEach(this::sendAgain);
  }

  /** Tries again, ever more rarely, in case the provider lost what it was sent and says nothing. */
  void sendOverdue() {
    for (LastVouchers.Unanswered voucher : outbox.all()) {
      Instant tried = lastSent.getOrDefault(voucher.deal(), voucher.since());
      Duration wait = Duration.between(voucher.since(), tried);
      if (tried.plus(longer(wait, desk.limits().longestPause())).isBefore(desk.now())) {
        sendAgain(voucher);
      }
    }
  }

  /** A provider that speaks of an ended deal again has not got its last voucher. */
  void sendAgain(MachineId id) {
    Instant tried = lastSent.getOrDefault(id, Instant.MIN);
    if (tried.isBefore(desk.now().minus(desk.limits().pause()))) {
      outbox.find(id).ifPresent(this::sendAgain);
    }
  }

  private void sendAgain(LastVouchers.Unanswered voucher) {
    if (voucher.since().plus(desk.limits().outbox()).isBefore(desk.now())) {
      forget(voucher.deal());
    } else if (conversations.of(voucher.deal()).isEmpty()) {
      var unused = send(voucher);
    }
  }

  private static Duration longer(Duration a, Duration b) {
    return a.compareTo(b) > 0 ? a : b;
  }

  // ---- being answered

  /** Waits a little for these providers to confirm the last vouchers that they have not yet. */
  void deliver(Set<PeerId> providers, Duration patience) throws InterruptedException {
    for (LastVouchers.Unanswered voucher : outbox.all()) {
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
    desk.onWorker(
        () -> {
          forget(id);
          CompletableFuture<Void> answer = answers.get(id);
          if (answer != null) {
            answer.complete(null);
          }
          MachineView<ClientState, ClientDeal> view = desk.machines().get(id).orElse(null);
          if (view != null && view.ended()) {
            conversations.close(id);
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
