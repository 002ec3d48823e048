package io.sluice.protocol.ipld;

import static io.sluice.protocol.ProtocolException.BLOCK_BUDGET;
import static io.sluice.protocol.ProtocolException.BYTE_BUDGET;
import static io.sluice.protocol.ProtocolException.CODEC_UNKNOWN;
import static io.sluice.protocol.ProtocolException.DEPTH_BUDGET;
import static io.sluice.protocol.ProtocolException.LINK_BUDGET;
import static io.sluice.protocol.ProtocolException.NODE_BUDGET;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Codec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The walk over a DAG that both ends of a transfer make for themselves, and must make alike: depth
 * first, a node before its children, children in the order of their block, every link followed the
 * moment it is reached and each time it is.
 *
 * <p>A walk is plain blocking code on the caller's thread, and takes one turn after the other of
 * its own stack, so that the depth of a DAG is not that of the thread's. Memory: the blocks between
 * the root and where the walk is.
 *
 * <p>Spec: ipld/selectors; go-ipld-prime's traversal where that leaves a choice.
 */
public final class Walk {
  /**
   * A walk came to a node that it cannot see as the selector asks, and the selector does not allow
   * to go on without.
   */
  public static final String WALK_FAILED = "WALK_FAILED";

  private final LinkLoader loader;
  private final WalkBudget budget;
  private final WalkListener listener;
  private final Deque<Level> stack = new ArrayDeque<>();
  private long visits;
  private long missing;
  private long bytes;
  private long nodes;

  private Walk(LinkLoader loader, WalkBudget budget, WalkListener listener) {
    this.loader = loader;
    this.budget = budget;
    this.listener = listener;
  }

  /**
   * Walks from {@code root} what the selector selects.
   *
   * @throws ProtocolException if a block is malformed, a budget is spent, or the selector cannot be
   *     applied
   * @throws IOException as the loader throws it
   * @throws InterruptedException as the loader throws it
   */
  public static WalkResult run(Cid root, Selector selector, LinkLoader loader, WalkBudget budget)
      throws IOException, InterruptedException {
    return run(root, selector, loader, budget, WalkListener.NONE);
  }

  /** As {@link #run(Cid, Selector, LinkLoader, WalkBudget)}, and tells a listener of the nodes. */
  public static WalkResult run(
      Cid root, Selector selector, LinkLoader loader, WalkBudget budget, WalkListener listener)
      throws IOException, InterruptedException {
    return new Walk(loader, budget, listener).run(root, selector);
  }

  private WalkResult run(Cid root, Selector selector) throws IOException, InterruptedException {
    try {
      NodeView node = load(root, Path.ROOT, 0);
      if (node != null) {
        enter(node, selector.clause(), Path.ROOT, new OpenBlock(0));
        while (!stack.isEmpty()) {
          step(stack.getLast());
        }
      }
      return new WalkResult(visits, missing, bytes, node != null);
    } catch (InterpretationException e) {
      throw new ProtocolException(WALK_FAILED, e.getMessage() == null ? "" : e.getMessage(), e);
    }
  }

  /** A block that is being walked. */
  private static final class OpenBlock {
    private final int depth;
    private int links;

    private OpenBlock(int depth) {
      this.depth = depth;
    }
  }

  /** A node that is being walked: what is left of its children. */
  private record Level(
      NodeView node, Clause clause, Path path, OpenBlock block, NodeView.Children children) {}

  private void step(Level level) throws InterpretationException, IOException, InterruptedException {
    NodeView.Child child = level.children().next();
    if (child == null) {
      stack.removeLast();
      return;
    }
    Clause next = level.clause().explore(level.node(), child.segment());
    if (next == null) {
      return;
    }
    Path path = level.path().child(child.segment());
    OpenBlock block = level.block();
    if (!(child.node() instanceof Node.Link link)) {
      enter(NodeView.of(child.node()), next, path, block);
      return;
    }
    if (++block.links > budget.linksPerBlock()) {
      throw new ProtocolException(
          LINK_BUDGET, "more than " + budget.linksPerBlock() + " links out of a block");
    }
    NodeView target = load(link.cid(), path, block.depth + 1);
    if (target != null) {
      enter(target, next, path, new OpenBlock(block.depth + 1));
    }
  }

  private void enter(NodeView plain, Clause whole, Path path, OpenBlock block)
      throws InterpretationException, IOException, InterruptedException {
    if (++nodes > budget.nodes()) {
      throw new ProtocolException(
          NODE_BUDGET, "a walk through more than " + budget.nodes() + " nodes");
    }
    NodeView node = plain;
    Clause clause = whole;
    if (clause instanceof Clause.InterpretAs as) {
      node = Interpretation.of(plain, as.form(), cid -> loadPart(cid, block.depth + 1));
      clause = as.next();
    }
    visit(node, clause, path);
    if (node.hasChildren()) {
      List<PathSegment> interests = clause.interests(node);
      if (interests == null) {
        stack.addLast(new Level(node, clause, path, block, node.children()));
      } else if (!interests.isEmpty()) {
        stack.addLast(new Level(node, clause, path, block, chosen(node, interests)));
      }
    }
  }

  /** The children at some steps; those that are not there, or cannot be reached, are left out. */
  private static NodeView.Children chosen(NodeView node, List<PathSegment> interests) {
    Iterator<PathSegment> segments = interests.iterator();
    return () -> {
      while (segments.hasNext()) {
        PathSegment segment = segments.next();
        try {
          Node child = node.lookup(segment);
          if (child != null) {
            return new NodeView.Child(segment, child);
          }
        } catch (InterpretationException ignored) {
          // A name that cannot be looked up is as good as not there.
        }
      }
      return null;
    };
  }

  private void visit(NodeView node, Clause clause, Path path)
      throws InterpretationException, IOException, InterruptedException {
    Clause.Match match = clause.match(node);
    if (match != null && node instanceof NodeView.FileBytes file) {
      if (listener != WalkListener.NONE) {
        listener.visited(path, node.node(), true);
      }
      try {
        file.read(match, chunk -> listener.content(path, chunk));
      } catch (InterpretationException ignored) {
        // A part is missing or malformed: what follows it in the file is left out, the walk goes
        // on.
      }
    } else if (listener != WalkListener.NONE) {
      Node seen =
          match != null && node instanceof NodeView.Plain plain ? plain.part(match) : node.node();
      listener.visited(path, seen, match != null);
    }
  }

  private NodeView loadPart(Cid cid, int depth)
      throws InterpretationException, IOException, InterruptedException {
    if (!Codecs.isKnown(cid.codec())) {
      throw new InterpretationException("a part of codec " + Codec.name(cid.codec()));
    }
    LoadResult result = ask(cid, Path.ROOT, depth);
    if (!(result instanceof LoadResult.Loaded(ByteBuffer data))) {
      throw new InterpretationException("a part is missing: " + cid);
    }
    try {
      return decode(cid, data);
    } catch (ProtocolException e) {
      throw new InterpretationException("a part is malformed: " + cid, e);
    }
  }

  private @Nullable NodeView load(Cid cid, Path path, int depth)
      throws IOException, InterruptedException {
    if (!Codecs.isKnown(cid.codec())) {
      // Before the block is asked for: neither does the other end ask for what it cannot read.
      throw new ProtocolException(
          CODEC_UNKNOWN, "a link to a block of codec " + Codec.name(cid.codec()));
    }
    return switch (ask(cid, path, depth)) {
      case LoadResult.Loaded(ByteBuffer data) -> decode(cid, data);
      case LoadResult.Skip() -> null;
    };
  }

  private LoadResult ask(Cid cid, Path path, int depth) throws IOException, InterruptedException {
    if (depth > budget.depth()) {
      throw new ProtocolException(
          DEPTH_BUDGET, "a DAG of more than " + budget.depth() + " blocks below one another");
    }
    if (++visits > budget.blocks()) {
      throw new ProtocolException(
          BLOCK_BUDGET, "a walk over more than " + budget.blocks() + " blocks");
    }
    LoadResult result = loader.load(new Visit(cid, path, visits, depth));
    if (result instanceof LoadResult.Loaded(ByteBuffer data)) {
      bytes += data.remaining();
      if (bytes > budget.bytes()) {
        throw new ProtocolException(
            BYTE_BUDGET, "a walk over more than " + budget.bytes() + " bytes");
      }
    } else {
      missing++;
    }
    return result;
  }

  private static NodeView decode(Cid cid, ByteBuffer data) {
    return cid.codec() == Codec.DAG_PB
        ? NodeView.PbRoot.of(DagPb.decode(data.duplicate()))
        : NodeView.of(Codecs.decode(cid.codec(), data));
  }
}
