/**
 * Trades on one machine: homes in a folder that goes away in the end, and processes of this very
 * program in them. {@link Stage} is where to start.
 */
package io.sluice.cli.stage;
