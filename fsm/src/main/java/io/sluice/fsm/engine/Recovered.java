package io.sluice.fsm.engine;

import io.sluice.fsm.MachineId;
import java.util.List;

/**
 * What a restart found.
 *
 * @param resumed live machines whose step has been asked to run again
 * @param unreadable machines that the table cannot read; they were left alone and reported
 */
public record Recovered(int resumed, List<MachineId> unreadable) {}
