/**
 * The lists of a home, kept as documents of the deal store: {@link io.sluice.node.content.Contents}
 * are the roots that are here, {@link io.sluice.node.content.DenyList} is what is never served, and
 * who is not.
 */
@NullMarked
package io.sluice.node.content;

import org.jspecify.annotations.NullMarked;
