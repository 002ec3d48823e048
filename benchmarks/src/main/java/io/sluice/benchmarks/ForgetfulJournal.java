package io.sluice.benchmarks;

import io.sluice.fsm.Journal;
import io.sluice.fsm.JournalEntry;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.MachineStore;
import io.sluice.fsm.StoredMachine;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Knows live machines as they are now, and neither what happened to them nor those that ended. */
final class ForgetfulJournal implements Journal, MachineStore {
  private final Map<MachineId, StoredMachine> live = new ConcurrentHashMap<>();

  @Override
  public void append(JournalEntry entry, StoredMachine after) {
    if (after.ended()) {
      live.remove(after.id());
    } else {
      live.put(after.id(), after);
    }
  }

  @Override
  public Optional<StoredMachine> load(MachineId id) {
    return Optional.ofNullable(live.get(id));
  }

  @Override
  public Iterable<StoredMachine> live(String table) {
    return live.values().stream().filter(machine -> machine.table().equals(table)).toList();
  }

  @Override
  public Iterable<JournalEntry> history(MachineId id) {
    return List.of();
  }
}
