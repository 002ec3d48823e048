package io.sluice.protocol.unixfs;

import io.sluice.protocol.multiformats.Cid;

/**
 * What a CID stands for.
 *
 * @param cid of the root of its DAG
 * @param size of a file's content in bytes, as its root says, 0 if it does not; the length of a
 *     link's target; 0 for directories
 * @param attributes what is kept beside the content
 */
public record UnixFsEntry(Cid cid, EntryKind kind, long size, FileAttributes attributes) {
  /** Kinds of entries. */
  public enum EntryKind {
    /** Bytes. */
    FILE,
    /** Names, in one block or sharded. */
    DIRECTORY,
    /** A path to somewhere else. */
    SYMLINK
  }
}
