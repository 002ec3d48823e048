package io.sluice.fsm.engine;

import io.sluice.fsm.MachineId;
import java.time.Instant;

/**
 * A machine as it was when somebody looked.
 *
 * @param sequence the number of its last journal entry, from 1
 * @param changed when that entry was made
 */
public record MachineView<S extends Enum<S>, D>(
    MachineId id, S state, boolean ended, D data, long sequence, Instant changed) {}
