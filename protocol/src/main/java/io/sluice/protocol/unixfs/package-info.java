/**
 * Files and directories as DAGs: building them from bytes and reading them back.
 *
 * <p>In: {@link io.sluice.protocol.unixfs.UnixFsImporter}. Out: {@link
 * io.sluice.protocol.unixfs.UnixFsReader} for content, ranges, lists and paths, {@link
 * io.sluice.protocol.unixfs.UnixFsExporter} to write a tree to disk.
 */
@NullMarked
package io.sluice.protocol.unixfs;

import org.jspecify.annotations.NullMarked;
