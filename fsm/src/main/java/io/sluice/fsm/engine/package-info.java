/** Runs a table: one pooled machine a stripe. Spring Statemachine lives here only. */
@NullMarked
package io.sluice.fsm.engine;

import org.jspecify.annotations.NullMarked;
