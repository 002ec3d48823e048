package io.sluice.payments;

import java.io.IOException;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A change that is decided and reserved but not yet made: first its record has to be durable.
 *
 * <p>Put {@link #record} into the journal entry of the deal's event, as an attachment of kind
 * {@link PaymentRecord#kind} and value {@link PaymentRecord#toNode}; then {@link #commit}. If the
 * entry was not written, {@link #release}. Or let {@code Payments.append} do both on its own.
 * Exactly one of both must be called, from any thread; calling one again does nothing.
 *
 * @param <T> what the change brings
 */
public final class Prepared<T> {
  private final T value;
  private final Optional<PaymentRecord> record;
  private final Runnable commit;
  private final Runnable release;
  private final AtomicBoolean done = new AtomicBoolean();

  /** A change that brings that value; {@code record} is empty if nothing has to be durable. */
  public Prepared(T value, Optional<PaymentRecord> record, Runnable commit, Runnable release) {
    this.value = Objects.requireNonNull(value, "value");
    this.record = record;
    this.commit = commit;
    this.release = release;
  }

  /** Nothing changes: this was so before. */
  public static <T> Prepared<T> unchanged(T value) {
    return new Prepared<>(value, Optional.empty(), () -> {}, () -> {});
  }

  /** What the change brings; not to be shown to anyone before it is committed. */
  public T value() {
    return value;
  }

  /** What has to be durable before {@link #commit}; empty if nothing changes. */
  public Optional<PaymentRecord> record() {
    return record;
  }

  /** The record is durable: make the change. */
  public void commit() {
    if (done.compareAndSet(false, true)) {
      commit.run();
    }
  }

  /** The record was not written: forget the change. */
  public void release() {
    if (done.compareAndSet(false, true)) {
      release.run();
    }
  }

  /** The same, with something to be done at its end, whichever that is. */
  public Prepared<T> andThen(Runnable last) {
    return new Prepared<>(
        value,
        record,
        () -> {
          commit();
          last.run();
        },
        () -> {
          release();
          last.run();
        });
  }

  /** Makes the record durable by itself, and the change; releases it if that fails. */
  public T writeTo(PaymentJournal journal) throws IOException {
    if (record.isPresent()) {
      try {
        journal.append(record.get());
      } catch (IOException e) {
        release();
        throw e;
      }
    }
    commit();
    return value;
  }
}
