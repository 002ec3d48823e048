/** The machine of a data-transfer channel. */
@NullMarked
package io.sluice.fsm.transfer;

import org.jspecify.annotations.NullMarked;
