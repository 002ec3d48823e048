/**
 * What survives a restart. {@link io.sluice.dealstore.DealStore} is the way in: it implements the
 * journal ports of deals and payments over one journal, and keeps what can be queried in H2, one
 * class a table. H2 never counts as durable; it is brought up to date from the journal at start.
 */
@NullMarked
package io.sluice.dealstore;

import org.jspecify.annotations.NullMarked;
