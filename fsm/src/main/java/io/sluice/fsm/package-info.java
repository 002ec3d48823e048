/**
 * State machines as tables of rows, and the ports through which they survive a restart.
 *
 * <p>Start at {@link io.sluice.fsm.TransitionTable}: states, events and every legal move of one
 * kind of machine. {@link io.sluice.fsm.Step} is what a machine does in a state, {@link
 * io.sluice.fsm.Journal} and {@link io.sluice.fsm.MachineStore} are what it is remembered by.
 * {@code io.sluice.fsm.engine} runs tables, {@code io.sluice.fsm.replay} runs recorded histories
 * through them again.
 */
@NullMarked
package io.sluice.fsm;

import org.jspecify.annotations.NullMarked;
