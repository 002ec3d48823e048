package io.sluice.fsm;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** A journal in memory whose disk waits for a test: entries are durable when it says so. */
public final class HeldJournal implements Journal, MachineStore {
  private record Held(JournalEntry entry, StoredMachine after, CompletableFuture<Void> done) {}

  private final MemoryJournal durable = new MemoryJournal();
  private final Deque<Held> held = new ArrayDeque<>();

  @Override
  public void append(JournalEntry entry, StoredMachine after) throws IOException {
    handOver(entry, after).await();
  }

  @Override
  public synchronized Receipt handOver(JournalEntry entry, StoredMachine after) {
    Held next = new Held(entry, after, new CompletableFuture<>());
    held.add(next);
    return new Receipt() {
      @Override
      public boolean isDone() {
        return next.done().isDone();
      }

      @Override
      public void await() throws IOException {
        try {
          next.done().get();
        } catch (InterruptedException | ExecutionException e) {
          throw new IOException(e);
        }
      }
    };
  }

  /** How many entries wait. */
  public synchronized int waiting() {
    return held.size();
  }

  /** The first of those that wait is durable now. */
  public synchronized void sync() throws IOException {
    Held first = held.remove();
    durable.append(first.entry(), first.after());
    first.done().complete(null);
  }

  /** The disk fails all that wait. */
  public synchronized void fail() {
    for (Held each : held) {
      each.done().completeExceptionally(new IOException("no space left"));
    }
    held.clear();
  }

  @Override
  public Optional<StoredMachine> load(MachineId id) {
    return durable.load(id);
  }

  @Override
  public Iterable<StoredMachine> live(String table) {
    return durable.live(table);
  }

  @Override
  public Iterable<JournalEntry> history(MachineId id) {
    return durable.history(id);
  }
}
