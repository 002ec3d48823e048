package io.sluice.protocol.ipld;

import static io.sluice.protocol.ProtocolException.SELECTOR_TOO_COMPLEX;

import io.sluice.protocol.ProtocolException;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * Which part of a DAG is meant. Immutable; compared by its data form. {@link Selectors} makes the
 * usual ones.
 *
 * <p>Spec: ipld/selectors; where that leaves a choice, as go-ipld-prime takes it.
 */
public final class Selector {
  private static final int MAX_BYTES = 16 * 1024;

  private final Node node;
  private final Clause clause;
  private final boolean unlimited;

  private Selector(Node node, Clause clause, boolean unlimited) {
    this.node = node;
    this.clause = clause;
    this.unlimited = unlimited;
  }

  /**
   * Reads the data form, as a peer sent it: the order of its map entries is the order of the walk.
   *
   * @throws ProtocolException {@code SELECTOR_INVALID} if it is not a selector, {@code
   *     SELECTOR_TOO_COMPLEX} or {@code SELECTOR_TOO_DEEP} if it is over the limits
   */
  public static Selector parse(Node node) {
    SelectorParser parser = new SelectorParser();
    Clause clause = parser.clause(node, 1);
    int size = DagCbor.encode(node).length;
    if (size > MAX_BYTES) {
      throw new ProtocolException(
          SELECTOR_TOO_COMPLEX, "a selector of " + size + " bytes, at most " + MAX_BYTES);
    }
    return new Selector(node, clause, parser.unlimited());
  }

  /**
   * Reads a data form made here, in the order in which a peer will see it: both ends then walk
   * alike.
   *
   * @throws ProtocolException as {@link #parse}
   */
  public static Selector canonical(Node node) {
    return parse(DagCbor.decode(ByteBuffer.wrap(DagCbor.encode(node)), Limits.MESSAGE));
  }

  /** The data form. */
  public Node node() {
    return node;
  }

  /** Whether it holds a recursion without a limit of depth. */
  public boolean isUnlimited() {
    return unlimited;
  }

  /**
   * The steps that lead to all that is meant, where the selector names them one by one, as it does
   * for a path; without them nothing is found. Empty if it begins with a choice.
   */
  public Path way() {
    Path way = Path.ROOT;
    Clause at = clause;
    while (true) {
      if (at instanceof Clause.InterpretAs as) {
        at = as.next();
      } else if (at instanceof Clause.ExploreFields fields && fields.names().size() == 1) {
        PathSegment name = fields.names().getFirst();
        way = way.child(name);
        at = Objects.requireNonNull(fields.next().get(name.text()));
      } else if (at instanceof Clause.ExploreRange range && range.end() - range.start() == 1) {
        way = way.child(PathSegment.of(range.start()));
        at = range.next();
      } else {
        return way;
      }
    }
  }

  Clause clause() {
    return clause;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Selector that && node.equals(that.node);
  }

  @Override
  public int hashCode() {
    return node.hashCode();
  }

  @Override
  public String toString() {
    return "Selector[" + node + "]";
  }
}
