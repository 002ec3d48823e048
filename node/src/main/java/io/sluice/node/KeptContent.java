package io.sluice.node;

import io.sluice.dealstore.blocks.NeededRoots;
import io.sluice.protocol.multiformats.Cid;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;

/**
 * All that stays when room is given back: the held roots, blocks of pushes under way, and what came
 * from neighbours and is claimed by no root yet.
 *
 * @param node knows what is under way
 * @param held roots of what is not
 * @param keptFrom number from which on what came is claimed by no root yet
 */
record KeptContent(SluiceNode node, NeededRoots held, long keptFrom) implements NeededRoots {
  @Override
  public Set<Cid> now() throws IOException {
    Set<Cid> roots = new HashSet<>(node.pushedBlocks());
    roots.addAll(held.now()); // listed before a push ends
    return roots;
  }
}
