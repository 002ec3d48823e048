package io.sluice.protocol.unixfs;

import io.sluice.protocol.multiformats.Cid;

/**
 * How files become DAGs. The same content under the same options has the same root, here and in
 * other implementations.
 *
 * @param chunkBytes bytes in a leaf, the last one of a file excepted; at most 1 MiB, since blocks
 *     above 2 MiB do not travel
 * @param linksPerNode most children of an inner node
 * @param cidVersion 1; or 0, where leaves are dag-pb blocks and not raw ones
 * @param preserveMode whether permissions are kept; then, too, leaves are dag-pb blocks, since raw
 *     ones have no room for them
 * @param preserveMtime whether the time of the last change is kept, with the same consequence
 */
public record ImportOptions(
    int chunkBytes, int linksPerNode, int cidVersion, boolean preserveMode, boolean preserveMtime) {
  /** What kubo does with {@code --cid-version=1}: chunks of 256 KiB, 174 links, raw leaves. */
  public static final ImportOptions DEFAULT = new ImportOptions(256 << 10, 174, 1);

  private static final int MOST_CHUNK = 1 << 20;
  private static final int MOST_LINKS = 8192;

  /** Checks the values. */
  public ImportOptions {
    if (chunkBytes < 1 || chunkBytes > MOST_CHUNK) {
      throw new IllegalArgumentException(
          "chunks of " + chunkBytes + " bytes; from 1 to " + MOST_CHUNK + " are possible");
    }
    if (linksPerNode < 2 || linksPerNode > MOST_LINKS) {
      throw new IllegalArgumentException(
          linksPerNode + " links in a node; from 2 to " + MOST_LINKS + " are possible");
    }
    if (cidVersion != 0 && cidVersion != 1) {
      throw new IllegalArgumentException("CID version " + cidVersion);
    }
  }

  /** Of this shape, and nothing beside the content is kept. */
  public ImportOptions(int chunkBytes, int linksPerNode, int cidVersion) {
    this(chunkBytes, linksPerNode, cidVersion, false, false);
  }

  /** The same with leaves of another size. */
  public ImportOptions withChunkBytes(int bytes) {
    return new ImportOptions(bytes, linksPerNode, cidVersion, preserveMode, preserveMtime);
  }

  /** The same, with what is kept beside the content. */
  public ImportOptions preserving(boolean mode, boolean mtime) {
    return new ImportOptions(chunkBytes, linksPerNode, cidVersion, mode, mtime);
  }

  boolean rawLeaves() {
    return cidVersion == 1 && !preserveMode && !preserveMtime;
  }

  Cid inVersion(Cid v1) {
    return cidVersion == 1 ? v1 : Cid.v0(v1.hash());
  }
}
