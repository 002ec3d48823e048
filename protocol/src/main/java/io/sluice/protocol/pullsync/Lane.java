package io.sluice.protocol.pullsync;

import io.sluice.protocol.multiformats.Cid;
import java.util.Optional;

/**
 * A set of content that neighbours keep in step: everything, or what lies beneath a root.
 *
 * @param root empty for everything
 */
public record Lane(Optional<Cid> root) {
  /** All that a node has. */
  public static final Lane EVERYTHING = new Lane(Optional.empty());

  private static final String ALL = "*";

  /**
   * Reads what {@link #toString} writes.
   *
   * @throws io.sluice.protocol.ProtocolException if it is neither {@code *} nor a CID
   */
  public static Lane parse(String text) {
    return text.equals(ALL) ? EVERYTHING : new Lane(Optional.of(Cid.parse(text)));
  }

  /** {@code *}, or the root's CID. */
  @Override
  public String toString() {
    return root.map(Cid::toString).orElse(ALL);
  }
}
