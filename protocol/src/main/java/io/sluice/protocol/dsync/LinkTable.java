package io.sluice.protocol.dsync;

import io.sluice.protocol.dsync.Manifest.Link;

/** Links by the block that they stand in, in the order in which the manifest has them. */
final class LinkTable {
  private final int[] firsts;
  private final int[] targets;

  private LinkTable(int[] firsts, int[] targets) {
    this.firsts = firsts;
    this.targets = targets;
  }

  static LinkTable of(Manifest manifest) {
    int[] firsts = new int[manifest.nodes().size() + 1];
    for (Link link : manifest.links()) {
      firsts[link.from() + 1]++;
    }
    for (int i = 1; i < firsts.length; i++) {
      firsts[i] += firsts[i - 1];
    }
    int[] next = firsts.clone();
    int[] targets = new int[manifest.links().size()];
    for (Link link : manifest.links()) {
      targets[next[link.from()]++] = link.to();
    }
    return new LinkTable(firsts, targets);
  }

  /** Where the links of a node begin; those of the one before end there. */
  int first(int node) {
    return firsts[node];
  }

  int to(int link) {
    return targets[link];
  }
}
