package io.sluice.protocol.ipld;

import static io.sluice.protocol.ProtocolException.SELECTOR_INVALID;
import static io.sluice.protocol.ProtocolException.SELECTOR_TOO_COMPLEX;
import static io.sluice.protocol.ProtocolException.SELECTOR_TOO_DEEP;

import io.sluice.protocol.ProtocolException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes clauses of the data form of a selector. Spec: ipld/selectors. */
final class SelectorParser {
  private static final int MAX_CLAUSES = 512;
  private static final int MAX_NESTING = 32;
  private static final int MAX_DEPTH = 1024;

  private static final Clause EDGE = new Clause.Edge();

  private int clauses;
  private boolean unlimited;

  /** The recursion that is being read, innermost: whether an edge of it was seen. */
  private boolean @Nullable [] edgeSeen;

  /** Whether there is a recursion without a limit of depth. */
  boolean unlimited() {
    return unlimited;
  }

  Clause clause(Node node, int nesting) {
    Map.Entry<String, Node> union = onlyEntry(node, "a selector");
    if (++clauses > MAX_CLAUSES) {
      throw new ProtocolException(
          SELECTOR_TOO_COMPLEX, "a selector of more than " + MAX_CLAUSES + " clauses");
    }
    if (nesting > MAX_NESTING) {
      throw new ProtocolException(
          SELECTOR_TOO_COMPLEX, "a selector of more than " + MAX_NESTING + " steps");
    }
    Node body = union.getValue();
    return switch (union.getKey()) {
      case "." -> matcher(body);
      case "a" -> new Clause.All(next(body, nesting));
      case "f" -> fields(body, nesting);
      case "i" -> {
        long index = number(field(body, "i"));
        if (index < 0 || index == Long.MAX_VALUE) {
          throw invalid("index " + index);
        }
        yield new Clause.ExploreRange(index, index + 1, next(body, nesting));
      }
      case "r" -> range(body, nesting);
      case "R" -> recursive(body, nesting);
      case "|" -> union(body, nesting);
      case "@" -> edge(body);
      // Takes no step by itself, and paths have one for each of theirs.
      case "~" ->
          new Clause.InterpretAs(text(field(body, "as")), clause(field(body, ">"), nesting));
      default ->
          throw invalid("no clause is named by these " + union.getKey().length() + " characters");
    };
  }

  private Clause next(Node body, int nesting) {
    return clause(field(body, ">"), nesting + 1);
  }

  private Clause matcher(Node body) {
    Node subset = map(body).lookup(Node.Text.of("subset"));
    if (subset == null) {
      return new Clause.Matcher(null);
    }
    long from = number(field(subset, "["));
    long to = number(field(subset, "]"));
    if (to >= 0 && from > to) {
      throw invalid("a subset from " + from + " to " + to);
    }
    return new Clause.Matcher(new Clause.Slice(from, to));
  }

  private Clause fields(Node body, int nesting) {
    Node.Map fields = map(field(body, "f>"));
    Map<Node.Text, Clause> next = HashMap.newHashMap(fields.size());
    List<PathSegment> names = new ArrayList<>(fields.size());
    for (int i = 0; i < fields.size(); i++) {
      names.add(PathSegment.of(fields.key(i)));
      next.put(fields.key(i), clause(fields.value(i), nesting + 1));
    }
    return new Clause.ExploreFields(next, names);
  }

  private Clause range(Node body, int nesting) {
    long start = number(field(body, "^"));
    long end = number(field(body, "$"));
    if (start >= end || start < 0) {
      throw invalid("a range from " + start + " to " + end);
    }
    return new Clause.ExploreRange(start, end, next(body, nesting));
  }

  private Clause recursive(Node body, int nesting) {
    long depth = limit(field(body, "l"));
    boolean[] outer = edgeSeen;
    boolean[] inner = new boolean[1];
    edgeSeen = inner;
    Clause sequence = clause(field(body, ":>"), nesting + 1);
    edgeSeen = outer;
    if (!inner[0]) {
      throw invalid("a recursion without an edge");
    }
    Node stop = map(body).lookup(Node.Text.of("!"));
    if (stop == null) {
      return new Clause.Recursive(sequence, sequence, depth, null);
    }
    Map.Entry<String, Node> condition = onlyEntry(stop, "a condition");
    if (!condition.getKey().equals("/") || !(condition.getValue() instanceof Node.Link link)) {
      throw invalid("a condition other than a link");
    }
    return new Clause.Recursive(sequence, sequence, depth, link.cid());
  }

  private long limit(Node node) {
    Map.Entry<String, Node> limit = onlyEntry(node, "a limit");
    if (limit.getKey().equals("none")) {
      unlimited = true;
      return -1;
    }
    if (!limit.getKey().equals("depth")) {
      throw invalid("a limit that is neither depth nor none");
    }
    long depth = number(limit.getValue());
    if (depth > MAX_DEPTH) {
      throw new ProtocolException(
          SELECTOR_TOO_DEEP, "a recursion of depth " + depth + ", at most " + MAX_DEPTH);
    }
    return Math.max(depth, 0); // below 2 they all are the same
  }

  private Clause union(Node body, int nesting) {
    if (!(body instanceof Node.List list)) {
      throw invalid("a union that is not a list");
    }
    List<Clause> members = new ArrayList<>(list.items().size());
    for (Node member : list.items()) {
      members.add(clause(member, nesting + 1));
    }
    return Clause.Union.of(members);
  }

  private Clause edge(Node body) {
    map(body);
    if (edgeSeen == null) {
      throw invalid("an edge outside of a recursion");
    }
    edgeSeen[0] = true;
    return EDGE;
  }

  private static Map.Entry<String, Node> onlyEntry(Node node, String what) {
    Node.Map map = map(node);
    if (map.size() != 1) {
      throw invalid(what + " of " + map.size() + " entries, not one");
    }
    return Map.entry(map.key(0).string(), map.value(0));
  }

  private static Node field(Node body, String name) {
    Node value = map(body).lookup(Node.Text.of(name));
    if (value == null) {
      throw invalid("a clause without " + name);
    }
    return value;
  }

  private static Node.Map map(Node node) {
    if (node instanceof Node.Map map) {
      return map;
    }
    throw invalid(node.kind() + " where a map is expected");
  }

  private static long number(Node node) {
    if (node instanceof Node.Int number && number.isLong()) {
      return number.small();
    }
    throw invalid(node.kind() + " where a number is expected");
  }

  private static String text(Node node) {
    if (node instanceof Node.Text text) {
      return text.string();
    }
    throw invalid(node.kind() + " where text is expected");
  }

  private static ProtocolException invalid(String message) {
    return new ProtocolException(SELECTOR_INVALID, message);
  }
}
