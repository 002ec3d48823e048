package io.sluice.protocol.ipld;

import java.nio.ByteBuffer;

/** Hears what a walk comes by, on the walk's thread. */
public interface WalkListener {
  /** Hears nothing. */
  WalkListener NONE = new WalkListener() {};

  /**
   * A node was reached.
   *
   * @param path how; several nodes can have one path, where links stand between them
   * @param node the node, or the part of it that is matched; of a file seen as such its root block,
   *     and its bytes follow by {@link #content}; of a sharded directory its root block too
   * @param matched whether the selector matches it, rather than only passing by
   */
  default void visited(Path path, Node node, boolean matched) {}

  /**
   * The next bytes of a matched file, or of the part of it that is matched.
   *
   * @param path the file
   * @param bytes a view of a block
   */
  default void content(Path path, ByteBuffer bytes) {}
}
