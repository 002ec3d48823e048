/**
 * Recorded histories run again, scenarios for tests, and the documents made of tables.
 *
 * <p>{@link io.sluice.fsm.replay.Replay} runs the entries of a journal or an export file through
 * the tables they were made with and finds the first step that comes out otherwise. {@link
 * io.sluice.fsm.replay.DealScenario} is the testkit: a deal written as events and the states
 * expected after them. {@link io.sluice.fsm.replay.StatePage} prints a table as a page with its
 * diagram.
 */
@NullMarked
package io.sluice.fsm.replay;

import org.jspecify.annotations.NullMarked;
