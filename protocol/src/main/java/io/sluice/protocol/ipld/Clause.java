package io.sluice.protocol.ipld;

import static io.sluice.protocol.ProtocolException.SELECTOR_INVALID;
import static io.sluice.protocol.ProtocolException.SELECTOR_TOO_COMPLEX;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.multiformats.Cid;
import java.io.IOException;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A selector as it is evaluated: which children of a node are of interest, and which clause then
 * applies to a child.
 *
 * <p>Both ends of a transfer must walk alike, so this follows go-ipld-prime to the letter, oddities
 * included: a union's interests are not freed of duplicates, a recursion looks for its edge only
 * directly beneath a step or within unions, and an interpretation counts only where it stands as
 * the clause of a node by itself.
 */
sealed interface Clause {
  /** The children to look at, in order; null for all. */
  @Nullable List<PathSegment> interests(NodeView node);

  /** The clause for a child, or null if it is not of interest. */
  @Nullable Clause explore(NodeView node, PathSegment child)
      throws InterpretationException, IOException, InterruptedException;

  /** How the node is matched, or null if it is not. */
  default @Nullable Match match(NodeView node)
      throws InterpretationException, IOException, InterruptedException {
    return null;
  }

  /** How many clauses this consists of that a step may multiply. */
  default int weight() {
    return 1;
  }

  /**
   * A part of text or bytes that is matched, or all of a node.
   *
   * @param whole whether it is all of the node
   * @param from the first byte of a part
   * @param to the byte behind the last one
   */
  record Match(boolean whole, long from, long to) {
    static final Match WHOLE = new Match(true, 0, Long.MAX_VALUE);
  }

  /** Matches its node, or a part of it. */
  record Matcher(@Nullable Slice slice) implements Clause {
    @Override
    public List<PathSegment> interests(NodeView node) {
      return List.of();
    }

    @Override
    public @Nullable Clause explore(NodeView node, PathSegment child) {
      return null;
    }

    @Override
    public @Nullable Match match(NodeView node)
        throws InterpretationException, IOException, InterruptedException {
      return slice == null ? Match.WHOLE : slice.of(node);
    }
  }

  /** A range of bytes as it stands in a selector: negative numbers count from the end. */
  record Slice(long from, long to) {
    @Nullable Match of(NodeView node)
        throws InterpretationException, IOException, InterruptedException {
      long length = node.byteLength();
      if (length < 0) {
        return null;
      }
      long end = to < 0 ? length + to : Math.min(to, length);
      long start = from < 0 ? Math.max(length + from, 0) : from;
      return start > end || start >= length ? null : new Match(false, start, end);
    }
  }

  /** All children. */
  record All(Clause next) implements Clause {
    @Override
    public @Nullable List<PathSegment> interests(NodeView node) {
      return null;
    }

    @Override
    public Clause explore(NodeView node, PathSegment child) {
      return next;
    }
  }

  /** Children by name, in the order of the selector. */
  record ExploreFields(Map<Node.Text, Clause> next, List<PathSegment> names) implements Clause {
    @Override
    public List<PathSegment> interests(NodeView node) {
      return names;
    }

    @Override
    public @Nullable Clause explore(NodeView node, PathSegment child) {
      return next.get(child.text());
    }
  }

  /** List items from one index up to another, which is excluded. */
  record ExploreRange(long start, long end, Clause next) implements Clause {
    /** Of a node that is not a list, no more than this can ever be looked at. */
    private static final int OF_NO_LIST = 1024;

    @Override
    public List<PathSegment> interests(NodeView node) {
      long last =
          Math.min(
              end, node.isList() ? node.childCount() : start + Math.min(OF_NO_LIST, end - start));
      int count = (int) Math.max(0, Math.min(last - start, Integer.MAX_VALUE));
      return new AbstractList<>() {
        @Override
        public PathSegment get(int index) {
          return PathSegment.of(start + index);
        }

        @Override
        public int size() {
          return count;
        }
      };
    }

    @Override
    public @Nullable Clause explore(NodeView node, PathSegment child) {
      if (!node.isList()) {
        return null;
      }
      long index = child.index();
      return index >= start && index < end ? next : null;
    }
  }

  /** Several clauses at once. */
  record Union(List<Clause> members, int weight) implements Clause {
    /** Recursions within unions can double with every step. */
    private static final int MAX_WEIGHT = 4096;

    static Union of(List<Clause> members) {
      int weight = 0;
      for (Clause member : members) {
        weight += member.weight();
      }
      if (weight > MAX_WEIGHT) {
        throw new ProtocolException(
            SELECTOR_TOO_COMPLEX, "a selector that grows beyond " + MAX_WEIGHT + " clauses");
      }
      return new Union(members, weight);
    }

    /** None, the one, or a union of several. */
    static @Nullable Clause ofSome(List<Clause> members) {
      return switch (members.size()) {
        case 0 -> null;
        case 1 -> members.getFirst();
        default -> of(members);
      };
    }

    @Override
    public @Nullable List<PathSegment> interests(NodeView node) {
      List<PathSegment> all = new ArrayList<>();
      for (Clause member : members) {
        List<PathSegment> interests = member.interests(node);
        if (interests == null) {
          return null;
        }
        all.addAll(interests);
      }
      return all;
    }

    @Override
    public @Nullable Clause explore(NodeView node, PathSegment child)
        throws InterpretationException, IOException, InterruptedException {
      List<Clause> found = new ArrayList<>(members.size());
      for (Clause member : members) {
        Clause next = member.explore(node, child);
        if (next != null) {
          found.add(next);
        }
      }
      return ofSome(found);
    }

    @Override
    public @Nullable Match match(NodeView node)
        throws InterpretationException, IOException, InterruptedException {
      for (Clause member : members) {
        Match match = member.match(node);
        if (match != null) {
          return match;
        }
      }
      return null;
    }
  }

  /**
   * A sequence that starts anew wherever its edge is reached.
   *
   * @param sequence the whole sequence
   * @param current the rest of it from here
   * @param depth how many edges may still be passed, the first included; negative for any number
   * @param stopAt a link that is not followed
   */
  record Recursive(Clause sequence, Clause current, long depth, @Nullable Cid stopAt)
      implements Clause {
    @Override
    public @Nullable List<PathSegment> interests(NodeView node) {
      return current.interests(node);
    }

    @Override
    public @Nullable Match match(NodeView node)
        throws InterpretationException, IOException, InterruptedException {
      return current.match(node);
    }

    @Override
    public @Nullable Clause explore(NodeView node, PathSegment child)
        throws InterpretationException, IOException, InterruptedException {
      if (stopAt != null) {
        Node target = node.lookup(child);
        if (target == null) {
          throw new InterpretationException("the child " + child + " cannot be found again");
        }
        if (target instanceof Node.Link link && link.cid().equals(stopAt)) {
          return null;
        }
      }
      if (current instanceof Edge) {
        return null;
      }
      Clause next = current.explore(node, child);
      if (next == null) {
        return null;
      }
      if (!hasEdge(next)) {
        return with(next, depth);
      }
      if (depth >= 0 && depth < 2) {
        return replaceEdge(next, null);
      }
      Clause replaced = replaceEdge(next, sequence);
      return replaced == null ? null : with(replaced, depth < 0 ? depth : depth - 1);
    }

    private Recursive with(Clause nextCurrent, long nextDepth) {
      return nextCurrent == current && nextDepth == depth
          ? this
          : new Recursive(sequence, nextCurrent, nextDepth, stopAt);
    }

    private static boolean hasEdge(Clause clause) {
      if (clause instanceof Union union) {
        return union.members().stream().anyMatch(Recursive::hasEdge);
      }
      return clause instanceof Edge;
    }

    private static @Nullable Clause replaceEdge(Clause clause, @Nullable Clause replacement) {
      if (clause instanceof Edge) {
        return replacement;
      }
      if (!(clause instanceof Union union)) {
        return clause;
      }
      List<Clause> replaced = new ArrayList<>(union.members().size());
      for (Clause member : union.members()) {
        Clause other = replaceEdge(member, replacement);
        if (other != null) {
          replaced.add(other);
        }
      }
      return Union.ofSome(replaced);
    }

    @Override
    public int weight() {
      return current.weight();
    }
  }

  /**
   * Where a recursion starts anew; meets a node itself only where a recursion is nothing but its
   * edge.
   */
  record Edge() implements Clause {
    @Override
    public List<PathSegment> interests(NodeView node) {
      return List.of();
    }

    @Override
    public Clause explore(NodeView node, PathSegment child) {
      throw new ProtocolException(
          SELECTOR_INVALID, "the edge of a recursion where no step leads to it");
    }
  }

  /** Looks at its node in another form. */
  record InterpretAs(String form, Clause next) implements Clause {
    @Override
    public @Nullable List<PathSegment> interests(NodeView node) {
      return next.interests(node);
    }

    @Override
    public Clause explore(NodeView node, PathSegment child) {
      return next;
    }
  }
}
