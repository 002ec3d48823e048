package io.sluice.payments;

import static io.sluice.payments.Samples.CHANNEL;
import static io.sluice.payments.Samples.DOMAIN;
import static io.sluice.payments.Samples.PAYER;
import static io.sluice.payments.Samples.amount;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sluice.payments.ledger.ChannelLedger;
import io.sluice.payments.ledger.Intent;
import io.sluice.payments.ledger.IntentId;
import io.sluice.payments.ledger.LedgerError;
import io.sluice.payments.ledger.Outcome;
import io.sluice.payments.voucher.Domain;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is planned is tried under one id until the ledger says what became of it. */
class IntentQueueTest {
  private static final Domain ELSEWHERE = new Domain(8, DOMAIN.contract());
  private static final Intent ONE = topUp("one");
  private static final Intent TWO = topUp("two");

  /** What the ledger says to each intent; it does not answer to others. */
  private final Map<IntentId, Outcome> answers = new HashMap<>();

  /** What happened, in order. */
  private final List<String> seen = new ArrayList<>();

  private final List<PaymentRecord> journal = new ArrayList<>();
  private boolean diskFails;
  private final IntentQueue queue = new IntentQueue(Map.of(DOMAIN, ledger()), this::append);

  private static Intent topUp(String id) {
    return new Intent.TopUp(new IntentId(id), PAYER.address(), CHANNEL, amount(5));
  }

  private static PaymentRecord.IntentPlanned planned(Intent intent) {
    return new PaymentRecord.IntentPlanned(DOMAIN, intent);
  }

  private void append(PaymentRecord record) throws IOException {
    if (diskFails) {
      throw new IOException("disk full");
    }
    seen.add(record.kind());
    journal.add(record);
  }

  private ChannelLedger ledger() {
    return (ChannelLedger)
        Proxy.newProxyInstance(
            ChannelLedger.class.getClassLoader(),
            new Class<?>[] {ChannelLedger.class},
            (proxy, method, arguments) -> {
              Intent intent = (Intent) arguments[0];
              seen.add("submit " + intent.id().value());
              Outcome answer = answers.get(intent.id());
              if (answer == null) {
                throw new IOException("no way to the ledger");
              }
              return answer;
            });
  }

  private Outcome submit(Intent intent) throws IOException {
    return queue.submit(intent.id(), this::ended);
  }

  private void ended(Intent intent, Outcome outcome) {
    seen.add("ended " + intent.id().value());
    assertSame(answers.get(intent.id()), outcome);
  }

  private static Outcome included(Intent intent) {
    return new Outcome.Included(intent.id(), 1, List.of());
  }

  @Test
  void included_plannedSubmittedRecordedSaid() throws IOException {
    answers.put(ONE.id(), included(ONE));

    queue.plan(DOMAIN, ONE);
    Outcome outcome = submit(ONE);

    assertSame(answers.get(ONE.id()), outcome);
    assertEquals(List.of("intent-planned", "submit one", "intent-ended", "ended one"), seen);
    assertEquals(
        List.of(planned(ONE), new PaymentRecord.IntentEnded(ONE.id(), Optional.empty())), journal);
    assertEquals(List.of(), queue.unfinished());
    assertEquals(new Outcome.Unknown(ONE.id()), submit(ONE), "it has ended");
    assertEquals(4, seen.size());
  }

  @Test
  void refused_recordedWithTheReason() throws IOException {
    answers.put(
        ONE.id(), new Outcome.Refused(ONE.id(), LedgerError.INSUFFICIENT_BALANCE, "too poor"));

    queue.plan(DOMAIN, ONE);
    submit(ONE);

    assertEquals(
        new PaymentRecord.IntentEnded(ONE.id(), Optional.of("INSUFFICIENT_BALANCE")),
        journal.getLast());
    assertEquals("ended one", seen.getLast());
    assertEquals(List.of(), queue.unfinished());
  }

  @Test
  void notSaidYet_triedAgainInOrderUntilItIs() throws IOException {
    queue.plan(DOMAIN, ONE);
    queue.plan(DOMAIN, TWO);
    assertEquals(new Outcome.Pending(ONE.id()), submit(ONE), "no answer");
    answers.put(TWO.id(), new Outcome.Pending(TWO.id()));
    assertEquals(new Outcome.Pending(TWO.id()), submit(TWO));
    answers.put(TWO.id(), new Outcome.Unknown(TWO.id()));
    assertEquals(new Outcome.Unknown(TWO.id()), submit(TWO));
    assertEquals(List.of(planned(ONE), planned(TWO)), queue.unfinished());
    seen.clear();
    answers.put(ONE.id(), included(ONE));
    answers.put(TWO.id(), included(TWO));

    queue.retry(this::ended);

    assertEquals(
        List.of(
            "submit one", "intent-ended", "ended one", "submit two", "intent-ended", "ended two"),
        seen);
    assertEquals(List.of(), queue.unfinished());
  }

  @Test
  void ledgerThatIsNotConfigured_waitedFor() throws IOException {
    queue.plan(ELSEWHERE, ONE);

    assertEquals(new Outcome.Pending(ONE.id()), submit(ONE));

    assertEquals(List.of("intent-planned"), seen);
    assertEquals(1, queue.unfinished().size());
  }

  /** What is not durable is not tried; an end that is not durable is heard of once it is. */
  @Test
  void diskFails_nothingIsTriedAndNoEndIsSaid() throws IOException {
    diskFails = true;
    assertThrows(IOException.class, () -> queue.plan(DOMAIN, ONE));
    assertEquals(List.of(), queue.unfinished());
    diskFails = false;
    queue.plan(DOMAIN, ONE);
    answers.put(ONE.id(), included(ONE));
    diskFails = true;

    assertThrows(IOException.class, () -> submit(ONE));

    assertEquals(List.of("intent-planned", "submit one"), seen);
    assertEquals(List.of(planned(ONE)), queue.unfinished());
    diskFails = false;
    queue.retry(this::ended);
    assertEquals("ended one", seen.getLast());
  }

  @Test
  void restored_whatHasNotEnded() throws IOException {
    queue.restore(planned(ONE));
    queue.restore(planned(TWO));
    queue.restore(new PaymentRecord.IntentEnded(ONE.id(), Optional.empty()));

    assertEquals(List.of(planned(TWO)), queue.unfinished());
    queue.retry(this::ended);
    assertEquals(List.of("submit two"), seen);
  }
}
