package io.sluice.protocol.ipld;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A node as a walk sees it: as it stands in its block, or in another form. */
interface NodeView {
  /** A child and the step to it. */
  record Child(PathSegment segment, Node node) {}

  /** The children of a node one after the other; null at the end. */
  @FunctionalInterface
  interface Children {
    @Nullable Child next() throws InterpretationException, IOException, InterruptedException;
  }

  /** The node, or the root block of the form it is seen in. */
  Node node();

  /** Whether there can be children. */
  boolean hasChildren();

  /** Whether the children have indexes. */
  default boolean isList() {
    return false;
  }

  /** The number of children of a list. */
  default int childCount() {
    return 0;
  }

  /** The child that a step leads to, or null. */
  @Nullable Node lookup(PathSegment segment)
      throws InterpretationException, IOException, InterruptedException;

  /** All children. */
  Children children();

  /** The number of bytes of text, bytes or a file; negative for everything else. */
  default long byteLength() throws InterpretationException, IOException, InterruptedException {
    return -1;
  }

  /** A node as it stands in its block. */
  static NodeView of(Node node) {
    return new Plain(node);
  }

  /** A node as it stands in its block. */
  record Plain(Node node) implements NodeView {
    @Override
    public boolean hasChildren() {
      return node instanceof Node.Map || node instanceof Node.List;
    }

    @Override
    public boolean isList() {
      return node instanceof Node.List;
    }

    @Override
    public int childCount() {
      return node instanceof Node.List list ? list.items().size() : 0;
    }

    @Override
    public @Nullable Node lookup(PathSegment segment) {
      if (node instanceof Node.Map map) {
        return map.lookup(segment.text());
      }
      if (node instanceof Node.List list) {
        long index = segment.index();
        return index >= 0 && index < list.items().size() ? list.items().get((int) index) : null;
      }
      return null;
    }

    @Override
    public Children children() {
      int[] next = {0};
      if (node instanceof Node.Map map) {
        return () ->
            next[0] == map.size()
                ? null
                : new Child(PathSegment.of(map.key(next[0])), map.value(next[0]++));
      }
      List<Node> items = node.asList();
      return () ->
          next[0] == items.size() ? null : new Child(PathSegment.of(next[0]), items.get(next[0]++));
    }

    @Override
    public long byteLength() {
      return switch (node) {
        case Node.Text text -> text.raw().length;
        case Node.Bytes bytes -> bytes.size();
        default -> -1;
      };
    }

    /** The matched part of text or bytes, or the node itself. */
    Node part(Clause.Match match) {
      int from = (int) match.from();
      int length = (int) (match.to() - match.from());
      if (match.whole()) {
        return node;
      }
      return switch (node) {
        case Node.Text text ->
            Node.Text.ofBytes(java.util.Arrays.copyOfRange(text.raw(), from, from + length));
        case Node.Bytes bytes -> Node.of(bytes.buffer().slice(from, length));
        default -> node;
      };
    }
  }

  /**
   * The root of a dag-pb block: a map like others, and the one kind of node that other forms are
   * made of.
   */
  record PbRoot(PbNode pb, Plain plain) implements NodeView {
    static PbRoot of(PbNode pb) {
      return new PbRoot(pb, new Plain(pb.toNode()));
    }

    @Override
    public Node node() {
      return plain.node();
    }

    @Override
    public boolean hasChildren() {
      return true;
    }

    @Override
    public @Nullable Node lookup(PathSegment segment) {
      return plain.lookup(segment);
    }

    @Override
    public Children children() {
      return plain.children();
    }
  }

  /**
   * The links of a dag-pb block by their names: a directory, and whatever else has no better form.
   */
  record NamedLinks(PbNode pb) implements NodeView {
    @Override
    public Node node() {
      return pb.toNode();
    }

    @Override
    public boolean hasChildren() {
      return true;
    }

    @Override
    public @Nullable Node lookup(PathSegment segment) {
      for (PbLink link : pb.links()) {
        if (link.nameOrEmpty().equals(segment.text())) {
          return Node.of(link.cid());
        }
      }
      return null;
    }

    @Override
    public Children children() {
      Iterator<PbLink> links = pb.links().iterator();
      return () -> {
        if (!links.hasNext()) {
          return null;
        }
        PbLink link = links.next();
        return new Child(PathSegment.of(link.nameOrEmpty()), Node.of(link.cid()));
      };
    }
  }

  /** The bytes of a file, which may span many blocks. */
  record FileBytes(PbNode pb, FileReader.Source source) implements NodeView {
    @Override
    public Node node() {
      return pb.toNode();
    }

    @Override
    public boolean hasChildren() {
      return false;
    }

    @Override
    public @Nullable Node lookup(PathSegment segment) {
      return null;
    }

    @Override
    public Children children() {
      return () -> null;
    }

    @Override
    public long byteLength() throws InterpretationException, IOException, InterruptedException {
      return source.reader().length();
    }

    /** Reads a part of the file block by block. */
    void read(Clause.Match match, java.util.function.Consumer<ByteBuffer> sink)
        throws InterpretationException, IOException, InterruptedException {
      FileReader reader = source.reader();
      if (match.from() > 0) {
        reader.seek(match.from());
      }
      long left = match.to() - match.from();
      while (left > 0) {
        ByteBuffer chunk = reader.read(left);
        if (chunk == null) {
          return;
        }
        left -= chunk.remaining();
        sink.accept(chunk);
      }
    }
  }
}
