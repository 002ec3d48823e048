/**
 * The machine of a retrieval deal as its provider sees it: data against payment, and what becomes
 * of a deal that is not paid.
 *
 * <p>Start at {@link io.sluice.fsm.provider.ProviderDeals#TABLE}. The steps, which serve blocks and
 * ask for money, belong to the node.
 */
@NullMarked
package io.sluice.fsm.provider;

import org.jspecify.annotations.NullMarked;
