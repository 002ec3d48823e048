package io.sluice.protocol.ipld;

import java.util.List;

/** The selectors in use among IPFS and Filecoin peers. */
public final class Selectors {
  private static final String UNIXFS = "unixfs";

  private static final Node MATCH = clause(".", Node.map().build());
  private static final Node EVERYTHING = everything(clause("none", Node.map().build()));
  private static final Selector EXPLORE_ALL = Selector.canonical(EVERYTHING);
  private static final Selector MATCH_POINT = Selector.canonical(MATCH);

  private Selectors() {}

  /** How much of what a path leads to is meant; the words of the trustless gateway. */
  public enum Scope {
    /** All that is below. */
    ALL,
    /** A file's bytes, or a directory's list of entries. */
    ENTITY,
    /** The one block. */
    BLOCK
  }

  /** Everything below the root, without a limit of depth: what most peers ask for. */
  public static Selector exploreAll() {
    return EXPLORE_ALL;
  }

  /**
   * Everything below the root, at most {@code depth} steps deep; steps are map keys and list
   * indexes, not blocks.
   */
  public static Selector exploreAll(long depth) {
    return Selector.canonical(everything(clause("depth", Node.of(depth))));
  }

  /** The root block alone. */
  public static Selector matchPoint() {
    return MATCH_POINT;
  }

  /**
   * What a path of names in files and directories leads to; the blocks on the way are part of it.
   *
   * @param path the names; empty for the root itself
   * @param scope how much of the target
   */
  public static Selector unixfsPath(List<String> path, Scope scope) {
    Node target =
        switch (scope) {
          case ALL -> EVERYTHING;
          case ENTITY -> entity(MATCH);
          case BLOCK -> MATCH;
        };
    return Selector.canonical(wrapped(path, target));
  }

  /**
   * A range of the bytes of the file that a path leads to; of a directory, its list of entries.
   *
   * @param path the names; empty for the root itself
   * @param from the first byte; negative numbers count from the end
   * @param to the byte behind the last one; negative numbers count from the end, {@link
   *     Long#MAX_VALUE} means the end
   */
  public static Selector unixfsBytes(List<String> path, long from, long to) {
    Node subset = Node.map().put("[", from).put("]", to).build();
    Node match = clause(".", Node.map().put("subset", subset).build());
    return Selector.canonical(wrapped(path, entity(match)));
  }

  private static Node wrapped(List<String> path, Node target) {
    Node wrapped = target;
    for (String name : path.reversed()) {
      Node fields = clause("f", Node.map().put("f>", clause(name, wrapped)).build());
      wrapped = interpreted(fields);
    }
    return wrapped;
  }

  /**
   * The file's bytes by the match; a directory's entries by the recursion, which ends before it
   * enters them.
   */
  private static Node entity(Node match) {
    return interpreted(clause("|", Node.list(match, everything(clause("depth", Node.of(1))))));
  }

  private static Node interpreted(Node next) {
    return clause("~", Node.map().put(">", next).put("as", UNIXFS).build());
  }

  private static Node everything(Node limit) {
    Node edge = clause("@", Node.map().build());
    Node children = clause("a", clause(">", edge));
    return clause("R", Node.map().put("l", limit).put(":>", children).build());
  }

  private static Node clause(String name, Node body) {
    return Node.map().put(name, body).build();
  }
}
