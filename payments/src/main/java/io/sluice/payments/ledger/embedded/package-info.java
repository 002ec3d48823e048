/** A ledger in one local file, for trying out, tests and a single operator. */
@NullMarked
package io.sluice.payments.ledger.embedded;

import org.jspecify.annotations.NullMarked;
