package io.sluice.protocol.graphsync.wire;

import io.sluice.protocol.multiformats.Cid;

/**
 * One visit of the responder's walk, in the order of the walk.
 *
 * @param link the block visited
 * @param action what came of it
 */
public record LinkMeta(Cid link, LinkAction action) {}
