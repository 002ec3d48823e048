/**
 * The figures that a running node shows. {@link io.sluice.node.metrics.Metric} is the table of all
 * of them, {@link io.sluice.node.metrics.Metrics} counts and shows them.
 */
@NullMarked
package io.sluice.node.metrics;

import org.jspecify.annotations.NullMarked;
