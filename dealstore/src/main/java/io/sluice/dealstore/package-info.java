/**
 * The queryable state of deals, channels, vouchers and content, one class a table. H2 lives here
 * only.
 */
@NullMarked
package io.sluice.dealstore;

import org.jspecify.annotations.NullMarked;
