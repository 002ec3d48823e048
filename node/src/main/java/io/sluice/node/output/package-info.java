/**
 * Content that leaves a home: what of it is meant, in which form, and writing it while it still
 * comes.
 */
@NullMarked
package io.sluice.node.output;

import org.jspecify.annotations.NullMarked;
