package io.sluice.protocol.unixfs;

import io.sluice.protocol.multiformats.Cid;

/**
 * A DAG that was built.
 *
 * @param cid its root
 * @param contentBytes of the file, or of all files beneath a directory
 * @param dagBytes of all its blocks, repeated ones counted each time; the Tsize of links to it
 * @param blocks of the DAG, repeated ones counted each time
 */
public record Imported(Cid cid, long contentBytes, long dagBytes, long blocks) {}
