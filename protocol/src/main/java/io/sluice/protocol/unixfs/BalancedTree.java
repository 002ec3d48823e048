package io.sluice.protocol.unixfs;

import io.sluice.protocol.ipld.PbLink;
import io.sluice.protocol.ipld.PbNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Puts inner nodes over the leaves of a file while these come: all leaves at the same depth, every
 * node but the last of its level full. Holds one unfinished node a level, whatever the file's size.
 */
final class BalancedTree {
  private final NodeWriter writer;
  private final int linksPerNode;
  private final List<List<Imported>> levels = new ArrayList<>();

  BalancedTree(NodeWriter writer, int linksPerNode) {
    this.writer = writer;
    this.linksPerNode = linksPerNode;
  }

  void add(Imported leaf) throws IOException {
    add(0, leaf);
  }

  /** The root, which has the attributes; at least two leaves were added. */
  Imported root(FileAttributes attributes) throws IOException {
    int level = 0;
    while (level < levels.size() - 1 || levels.get(level).size() > 1) {
      List<Imported> last = levels.get(level);
      if (!last.isEmpty()) {
        // What is above has at least one child already: this is the root if nothing is.
        boolean top = level == levels.size() - 1;
        Imported node = node(last, top ? attributes : FileAttributes.NONE);
        last.clear();
        add(level + 1, node);
      }
      level++;
    }
    return levels.get(level).getFirst();
  }

  /** A full node is written when the next child comes: only then it is not the root. */
  private void add(int level, Imported child) throws IOException {
    if (level == levels.size()) {
      levels.add(new ArrayList<>());
    }
    List<Imported> children = levels.get(level);
    if (children.size() == linksPerNode) {
      Imported node = node(children, FileAttributes.NONE);
      children.clear();
      add(level + 1, node);
    }
    children.add(child);
  }

  private Imported node(List<Imported> children, FileAttributes attributes) throws IOException {
    List<PbLink> links =
        children.stream().map(child -> PbLink.of("", child.dagBytes(), child.cid())).toList();
    List<Long> sizes = children.stream().map(Imported::contentBytes).toList();
    return writer.write(
        new PbNode(Optional.of(UnixFsBytes.file(sizes, attributes)), links), children);
  }
}
