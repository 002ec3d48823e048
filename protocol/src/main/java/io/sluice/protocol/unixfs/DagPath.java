package io.sluice.protocol.unixfs;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.multiformats.Cid;
import java.util.Arrays;
import java.util.List;

/**
 * A CID with a path of names, as users write it: {@code CID/dir/file}; {@code /ipfs/} may stand
 * before.
 */
public record DagPath(Cid root, List<String> names) {
  private static final String IPFS = "/ipfs/";

  /** Copies the list. */
  public DagPath {
    names = List.copyOf(names);
  }

  /**
   * Reads the text form; empty segments are passed over.
   *
   * @throws ProtocolException {@code BAD_CID}
   */
  public static DagPath parse(String text) {
    String bare = text.startsWith(IPFS) ? text.substring(IPFS.length()) : text;
    List<String> parts = Arrays.stream(bare.split("/")).filter(part -> !part.isEmpty()).toList();
    if (parts.isEmpty()) {
      throw new ProtocolException(
          ProtocolException.BAD_CID, "there is no valid CID in \"" + text + "\"");
    }
    return new DagPath(Cid.parse(parts.getFirst()), parts.subList(1, parts.size()));
  }

  @Override
  public String toString() {
    return names.isEmpty() ? root.toString() : root + "/" + String.join("/", names);
  }
}
