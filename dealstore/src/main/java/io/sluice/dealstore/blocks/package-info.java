/**
 * The block store: append-only CARv2 files with an index.
 *
 * <p>Start with {@link io.sluice.dealstore.blocks.FileBlockStore}. One file is active and grows;
 * full files are sealed with an index behind their payload and never change again. An archive that
 * lies elsewhere can be served where it is. What is kept in memory of a sealed file is a filter and
 * one in sixty-four index entries.
 *
 * <p>What came is numbered for neighbours in a {@link io.sluice.dealstore.blocks.log.BlockLog},
 * from when a store is first asked for one.
 */
@NullMarked
package io.sluice.dealstore.blocks;

import org.jspecify.annotations.NullMarked;
