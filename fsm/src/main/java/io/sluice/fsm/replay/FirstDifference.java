package io.sluice.fsm.replay;

import io.sluice.protocol.ipld.DagCbor;
import io.sluice.protocol.ipld.DagJson;
import io.sluice.protocol.ipld.Node;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** Where two nodes differ first, in a line that a person can read. */
final class FirstDifference {
  private static final int SHOWN = 60;

  private FirstDifference() {}

  /** Says it of what a table computes and what is recorded; the two differ. */
  static String between(Node computed, Node recorded) {
    return between("", computed, recorded);
  }

  private static String between(String path, Node computed, Node recorded) {
    if (computed instanceof Node.Map one && recorded instanceof Node.Map other) {
      Map<String, Node> ours = byName(one);
      Map<String, Node> theirs = byName(other);
      TreeSet<String> names = new TreeSet<>(ours.keySet());
      names.addAll(theirs.keySet());
      for (String name : names) {
        Node mine = ours.get(name);
        Node stored = theirs.get(name);
        String at = path.isEmpty() ? name : path + "/" + name;
        if (mine == null) {
          return at + " is recorded, and the table does not make it";
        }
        if (stored == null) {
          return at + " is not recorded, and the table makes it";
        }
        if (!same(mine, stored)) {
          return between(at, mine, stored);
        }
      }
    }
    return "%s is recorded as %s, the table makes %s"
        .formatted(path, show(recorded), show(computed));
  }

  private static Map<String, Node> byName(Node.Map map) {
    Map<String, Node> named = new TreeMap<>();
    map.entries().forEach(entry -> named.put(entry.getKey().string(), entry.getValue()));
    return named;
  }

  private static boolean same(Node one, Node other) {
    return DagCbor.same(one, other);
  }

  private static String show(Node node) {
    String text = new String(DagJson.encode(node), StandardCharsets.UTF_8);
    return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
  }
}
