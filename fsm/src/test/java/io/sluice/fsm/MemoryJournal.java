package io.sluice.fsm;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Journal and store in memory. Fails on demand, in either half. */
public final class MemoryJournal implements Journal, MachineStore {

  private final Map<MachineId, StoredMachine> machines = new LinkedHashMap<>();
  private final List<JournalEntry> entries = new ArrayList<>();
  private int appendsLeft = Integer.MAX_VALUE;
  private boolean lastOneStays;
  private boolean saveFails;

  @Override
  public synchronized void append(JournalEntry entry, StoredMachine after) throws IOException {
    if (appendsLeft == 0) {
      if (lastOneStays) {
        entries.add(entry);
        lastOneStays = false;
      }
      throw new IOException("no space left");
    }
    appendsLeft--;
    entries.add(entry);
    if (saveFails) {
      throw new IOException("database closed");
    }
    machines.put(after.id(), after);
  }

  @Override
  public synchronized Optional<StoredMachine> load(MachineId id) {
    return Optional.ofNullable(machines.get(id));
  }

  @Override
  public synchronized Iterable<StoredMachine> live(String table) {
    return machines.values().stream().filter(m -> m.table().equals(table) && !m.ended()).toList();
  }

  @Override
  public synchronized List<JournalEntry> history(MachineId id) {
    return entries.stream().filter(entry -> entry.machine().equals(id)).toList();
  }

  public synchronized List<JournalEntry> entries() {
    return List.copyOf(entries);
  }

  /** Puts a machine there as it is, without an entry. */
  public synchronized void plant(StoredMachine machine) {
    machines.put(machine.id(), machine);
  }

  public synchronized void failAppends() {
    failAppendsAfter(0, false);
  }

  /**
   * Lets so many appends pass, then fails.
   *
   * @param lastOneStays whether the first that fails is there all the same: after a failed sync
   *     nobody knows
   */
  public synchronized void failAppendsAfter(int appends, boolean lastOneStays) {
    this.appendsLeft = appends;
    this.lastOneStays = lastOneStays;
  }

  /** What the next process finds: a store made anew from the journal. */
  public synchronized MemoryJournal reopened(TransitionTable<?, ?, ?> table) {
    MemoryJournal next = new MemoryJournal();
    for (JournalEntry entry : entries) {
      next.entries.add(entry);
      next.machines.put(entry.machine(), entry.machineAfter(isEnd(table, entry.after())));
    }
    return next;
  }

  /** The journal as it would be had a machine recorded nothing after it was last in that state. */
  public synchronized MemoryJournal upTo(MachineId machine, String state) {
    int last = -1;
    for (int i = 0; i < entries.size(); i++) {
      if (entries.get(i).machine().equals(machine) && entries.get(i).after().equals(state)) {
        last = i;
      }
    }
    MemoryJournal before = new MemoryJournal();
    for (int i = 0; i < entries.size(); i++) {
      if (i <= last || !entries.get(i).machine().equals(machine)) {
        before.entries.add(entries.get(i));
      }
    }
    return before;
  }

  private static <S extends Enum<S>> boolean isEnd(TransitionTable<S, ?, ?> table, String state) {
    return table.isEnd(table.state(state));
  }

  public synchronized void failSaves() {
    saveFails = true;
  }
}
