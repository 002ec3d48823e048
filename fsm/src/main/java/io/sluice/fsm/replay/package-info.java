/** Runs a recorded deal through its table again and compares every step; also a testkit. */
@NullMarked
package io.sluice.fsm.replay;

import org.jspecify.annotations.NullMarked;
