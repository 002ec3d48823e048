/** Retrieval deals on the wire: query, ask, proposal, answer and payment. */
@NullMarked
package io.sluice.protocol.retrieval;

import org.jspecify.annotations.NullMarked;
