package io.sluice.protocol.ipld;

import io.sluice.protocol.multiformats.Cid;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A link of a dag-pb node.
 *
 * @param name its name as it stands on the wire; absent and empty differ
 * @param tsize the size of the serialised DAG below, in bytes, an unsigned number; a hint
 * @param cid where it leads
 */
public record PbLink(Optional<Node.Text> name, OptionalLong tsize, Cid cid) {
  private static final Node.Text NO_NAME = Node.Text.of("");

  /** A link with name and size, as directories and files have them. */
  public static PbLink of(String name, long tsize, Cid cid) {
    return new PbLink(Optional.of(Node.Text.of(name)), OptionalLong.of(tsize), cid);
  }

  /** The name; empty if it is absent. */
  public Node.Text nameOrEmpty() {
    return name.orElse(NO_NAME);
  }

  /** The name as a string; empty if it is absent. */
  public String nameText() {
    return nameOrEmpty().string();
  }
}
