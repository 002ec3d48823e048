/**
 * What a provider asks for its content. Start at {@link io.sluice.node.pricing.PriceList}; the two
 * ports beside it say what is here and keep the list.
 */
@NullMarked
package io.sluice.node.pricing;

import org.jspecify.annotations.NullMarked;
