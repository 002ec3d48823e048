/** State machines as tables of rows, and the port to the journal that remembers every event. */
@NullMarked
package io.sluice.fsm;

import org.jspecify.annotations.NullMarked;
