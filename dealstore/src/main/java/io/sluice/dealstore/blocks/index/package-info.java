/**
 * Hashes looked for in memory: where those are that came last, and a filter that says of the many
 * that are nowhere that they are not here.
 */
@NullMarked
package io.sluice.dealstore.blocks.index;

import org.jspecify.annotations.NullMarked;
