package io.sluice.protocol.unixfs;

import io.sluice.protocol.multiformats.Cid;

/**
 * A name in a directory. The name is as the DAG has it: anybody may have made it, so it may hold
 * anything, slashes included.
 *
 * @param dagBytes size of the DAG below as the directory says it, unproven; 0 if it says nothing
 */
public record DirectoryEntry(String name, Cid cid, long dagBytes) {}
