/** What a provider asks for its content and what a client is willing to pay. */
@NullMarked
package io.sluice.node.pricing;

import org.jspecify.annotations.NullMarked;
