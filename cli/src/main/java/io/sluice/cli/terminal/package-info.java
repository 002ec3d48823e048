/** What a person at a terminal sees: tables, the bar of a transfer, completion, man pages. */
@NullMarked
package io.sluice.cli.terminal;

import org.jspecify.annotations.NullMarked;
