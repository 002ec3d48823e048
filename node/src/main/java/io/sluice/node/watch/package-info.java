/**
 * Whether a node is fit for work and its money safe: {@link io.sluice.node.watch.MoneyHealth} says
 * so, by {@link io.sluice.node.watch.Concern} and {@link io.sluice.node.watch.WatchLimits}.
 */
@NullMarked
package io.sluice.node.watch;

import org.jspecify.annotations.NullMarked;
