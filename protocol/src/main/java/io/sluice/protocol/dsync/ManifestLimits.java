package io.sluice.protocol.dsync;

import io.sluice.protocol.ipld.Limits;

/**
 * How large a DAG may be of which a manifest is read or made.
 *
 * @param nodes most blocks
 * @param links most links, repeated ones counted each time
 */
public record ManifestLimits(int nodes, int links) {
  /** What a node takes unless told otherwise: 25 GiB of blocks of 256 KiB. */
  public static final ManifestLimits DEFAULT = ofNodes(100_000);

  private static final int LINKS_A_NODE = 4;

  /** Longest texts of a CID of 32 bytes of hash, of a size and of a link, with what separates. */
  private static final int NODE_BYTES = 96;

  private static final int LINK_BYTES = 24;

  /** Of labels and of what is ignored. */
  private static final int REST_BYTES = 64 << 10;

  /** What they take when decoded as JSON, by the reader's own count. */
  private static final int NODE_COST = 512;

  private static final int LINK_COST = 256;
  private static final int JSON_DEPTH = 16;

  /** Checks the values. */
  public ManifestLimits {
    if (nodes < 1 || links < 1) {
      throw new IllegalArgumentException("limits are positive: " + nodes + ", " + links);
    }
  }

  /** As many links as DAGs of so many blocks have at most that are not made to be a burden. */
  public static ManifestLimits ofNodes(int nodes) {
    return new ManifestLimits(
        nodes, (int) Math.min(Integer.MAX_VALUE, (long) LINKS_A_NODE * nodes));
  }

  /** The longest encoding of an info, in bytes. */
  public int bytes() {
    return (int)
        Math.min(
            Integer.MAX_VALUE - 8,
            (long) NODE_BYTES * nodes + (long) LINK_BYTES * links + REST_BYTES);
  }

  Limits json() {
    return new Limits(
        JSON_DEPTH, (long) NODE_COST * nodes + (long) LINK_COST * links + 16L * REST_BYTES);
  }

  /** Holds an encoding against the limit before it is read. */
  void check(int encodedBytes) {
    if (encodedBytes > bytes()) {
      throw BadManifest.tooLarge(
          "an info of %d bytes, at most %d are read".formatted(encodedBytes, bytes()));
    }
  }
}
