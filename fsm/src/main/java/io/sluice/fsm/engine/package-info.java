/**
 * Runs tables: every event on its machine's stripe, durable before anything follows from it.
 *
 * <p>Start at {@link io.sluice.fsm.engine.Engine}, which gives one {@link
 * io.sluice.fsm.engine.Machines} for each table. Only this package knows Spring Statemachine.
 */
@NullMarked
package io.sluice.fsm.engine;

import org.jspecify.annotations.NullMarked;
