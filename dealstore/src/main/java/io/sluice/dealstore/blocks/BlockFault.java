package io.sluice.dealstore.blocks;

import io.sluice.protocol.multiformats.Cid;
import java.nio.file.Path;

/**
 * A block that is not what its CID says.
 *
 * @param cid of the block
 * @param file where it lies
 * @param offset of its section from the start of the file's payload
 * @param reason what was found instead
 */
public record BlockFault(Cid cid, Path file, long offset, String reason) {}
