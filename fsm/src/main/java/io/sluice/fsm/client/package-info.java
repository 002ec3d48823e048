/** The machine of a retrieval deal as its client sees it. */
@NullMarked
package io.sluice.fsm.client;

import org.jspecify.annotations.NullMarked;
