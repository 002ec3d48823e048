package io.sluice.protocol.ipld;

import io.sluice.protocol.multiformats.Cid;

/**
 * A walk's need of one block. Links that a DAG repeats are visited again each time.
 *
 * @param cid the block
 * @param path how the link was reached; empty for the root and for blocks that an interpretation
 *     needs by itself (parts of a file, shards of a directory)
 * @param number how many blocks the walk has asked for, this one included, found or not
 * @param depth how many links lie between the root and this block; 0 for the root
 */
public record Visit(Cid cid, Path path, long number, int depth) {}
