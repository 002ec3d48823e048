package io.sluice.payments;

import io.sluice.payments.ledger.ChannelLedger;
import io.sluice.payments.ledger.Intent;
import io.sluice.payments.ledger.IntentId;
import io.sluice.payments.ledger.Outcome;
import io.sluice.payments.voucher.Domain;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is to be done on ledgers: durable before the first try, tried under the same id until the
 * ledger says what became of it, across restarts.
 */
public final class IntentQueue {
  private static final Logger LOG = LoggerFactory.getLogger(IntentQueue.class);

  /** Hears what became of an intent, from the thread that found out. */
  @FunctionalInterface
  public interface IntentListener {
    /** That is what became of it. */
    void ended(Intent intent, Outcome outcome) throws IOException;
  }

  private final Map<Domain, ChannelLedger> ledgers;
  private final PaymentJournal journal;
  private final Map<IntentId, PaymentRecord.IntentPlanned> open = new LinkedHashMap<>();

  /** An empty queue before those ledgers. */
  public IntentQueue(Map<Domain, ChannelLedger> ledgers, PaymentJournal journal) {
    this.ledgers = Map.copyOf(ledgers);
    this.journal = journal;
  }

  /** Applies one record of an earlier run. */
  public synchronized void restore(PaymentRecord.IntentPlanned planned) {
    open.put(planned.intent().id(), planned);
  }

  /** Applies one record of an earlier run. */
  public synchronized void restore(PaymentRecord.IntentEnded ended) {
    open.remove(ended.id());
  }

  /** Makes the intent durable. From here on it will be tried until it ends. */
  public void plan(Domain domain, Intent intent) throws IOException {
    PaymentRecord.IntentPlanned planned = new PaymentRecord.IntentPlanned(domain, intent);
    journal.append(planned);
    synchronized (this) {
      open.put(intent.id(), planned);
    }
  }

  /**
   * Submits a planned intent. {@link Outcome.Pending} if the ledger could not say, or not yet: it
   * will be tried again.
   */
  public Outcome submit(IntentId id, IntentListener listener) throws IOException {
    PaymentRecord.IntentPlanned planned;
    synchronized (this) {
      planned = open.get(id);
    }
    if (planned == null) {
      return new Outcome.Unknown(id);
    }
    ChannelLedger ledger = ledgers.get(planned.domain());
    if (ledger == null) {
      return new Outcome.Pending(id);
    }
    Outcome outcome;
    try {
      outcome = ledger.submit(planned.intent());
    } catch (IOException e) {
      LOG.warn("ledger {} did not answer to {}: {}", planned.domain(), id, e.toString());
      return new Outcome.Pending(id);
    }
    switch (outcome) {
      case Outcome.Included included -> end(planned, included, Optional.empty(), listener);
      case Outcome.Refused refused ->
          end(planned, refused, Optional.of(refused.error().name()), listener);
      case Outcome.Pending pending -> {}
      case Outcome.Unknown unknown -> {}
    }
    return outcome;
  }

  private void end(
      PaymentRecord.IntentPlanned planned,
      Outcome outcome,
      Optional<String> refused,
      IntentListener listener)
      throws IOException {
    IntentId id = planned.intent().id();
    journal.append(new PaymentRecord.IntentEnded(id, refused));
    synchronized (this) {
      open.remove(id);
    }
    listener.ended(planned.intent(), outcome);
  }

  /** Tries again what has not ended. */
  public void retry(IntentListener listener) throws IOException {
    for (PaymentRecord.IntentPlanned planned : unfinished()) {
      submit(planned.intent().id(), listener);
    }
  }

  /** What has not ended, in the order in which it was planned. */
  public synchronized List<PaymentRecord.IntentPlanned> unfinished() {
    return List.copyOf(open.values());
  }
}
