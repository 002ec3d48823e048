/**
 * Single operations, timed by JMH: one class for each thing that is done once a message, a block, a
 * voucher or an event. {@code .ci/jmh} runs them.
 *
 * <p>What is measured stands in fields of the benchmark itself, which the compiler does not take
 * for constants even where they are final, and {@code check} sees once that it works before
 * anything is timed.
 */
@NullMarked
package io.sluice.benchmarks;

import org.jspecify.annotations.NullMarked;
