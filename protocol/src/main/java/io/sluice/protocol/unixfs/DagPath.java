package io.sluice.protocol.unixfs;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.multiformats.Cid;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A CID with a path of names, as users write it: {@code CID/dir/file}, {@code /ipfs/CID/dir/file},
 * {@code ipfs://CID/dir/file}, or the address at a gateway, {@code https://host/ipfs/CID/dir/file}.
 */
public record DagPath(Cid root, List<String> names) {
  private static final Pattern BEFORE =
      Pattern.compile("(?:(?i:https?)://[^/]+)?/ipfs/|(?i:ipfs)://(?:ipfs/)?");

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
    Matcher before = BEFORE.matcher(text);
    String bare = before.lookingAt() ? text.substring(before.end()) : text;
    if (before.lookingAt() && text.contains("://")) {
      bare = unescaped(bare);
    }
    List<String> parts = Arrays.stream(bare.split("/")).filter(part -> !part.isEmpty()).toList();
    String first = parts.isEmpty() ? text : parts.getFirst();
    try {
      return new DagPath(Cid.parse(first), parts.subList(Math.min(1, parts.size()), parts.size()));
    } catch (ProtocolException e) {
      throw new ProtocolException(
          ProtocolException.BAD_CID,
          e.getMessage()
              + "; expected bafy… or Qm…, alone or as CID/path, ipfs://CID/path or"
              + " https://host/ipfs/CID/path",
          e);
    }
  }

  /**
   * Reads what names a root and nothing within it, in the same forms.
   *
   * @throws ProtocolException {@code BAD_CID}, also if names follow
   */
  public static Cid parseRoot(String text) {
    DagPath path = parse(text);
    if (!path.names().isEmpty()) {
      throw new ProtocolException(
          ProtocolException.BAD_CID,
          "'" + text + "' names something within a root; give the CID alone");
    }
    return path.root();
  }

  /** What an address says without its query; its names may have escapes. */
  private static String unescaped(String path) {
    String bare = path.split("[?#]", 2)[0];
    try {
      return URLDecoder.decode(bare.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return bare;
    }
  }

  @Override
  public String toString() {
    return names.isEmpty() ? root.toString() : root + "/" + String.join("/", names);
  }
}
