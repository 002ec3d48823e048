/** The machine of a retrieval deal as its provider sees it. */
@NullMarked
package io.sluice.fsm.provider;

import org.jspecify.annotations.NullMarked;
