/** What a person at a terminal sees: tables, the bar of a transfer, lines drawn anew, the log. */
@NullMarked
package io.sluice.cli.terminal;

import org.jspecify.annotations.NullMarked;
