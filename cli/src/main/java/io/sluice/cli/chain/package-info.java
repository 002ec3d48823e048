/**
 * A chain of one's own to try things on, in a process on this machine; npm brings the program.
 * {@link LocalChain} is where to start.
 */
@NullMarked
package io.sluice.cli.chain;

import org.jspecify.annotations.NullMarked;
