package io.sluice.fsm.replay;

import io.sluice.fsm.MachineId;
import java.util.Map;
import java.util.Optional;

/**
 * What a replay found.
 *
 * @param entries how many entries came out as recorded
 * @param states the state to which each machine was brought, by its name
 * @param difference the first entry that came out otherwise, if there is one
 */
public record ReplayReport(
    long entries, Map<MachineId, String> states, Optional<Difference> difference) {

  /** Whether all of it came out as recorded. */
  public boolean same() {
    return difference.isEmpty();
  }
}
