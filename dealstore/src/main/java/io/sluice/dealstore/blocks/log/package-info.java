/**
 * How the block log lies on the disk: segments of checksummed frames, each sealed one with its
 * index beside it, and a head that names those that count. What it tells is a {@link
 * io.sluice.dealstore.blocks.log.BlockLog}; {@link io.sluice.dealstore.blocks.log.LogWriter} gives
 * the numbers. It knows of the block files only how far they are numbered.
 */
@NullMarked
package io.sluice.dealstore.blocks.log;

import org.jspecify.annotations.NullMarked;
