package io.sluice.node.sync;

import io.sluice.protocol.dsync.Info;
import io.sluice.protocol.dsync.Manifest;
import io.sluice.protocol.dsync.Manifest.Link;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Codec;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * How many bytes some blocks of a DAG will be, by what was said of it: for showing how far a
 * transfer is, and for nothing that matters.
 *
 * <p>Spec: dsync 0.2.0, info.
 */
final class ExpectedBytes {
  private ExpectedBytes() {}

  /** At least 0, which also stands for not known. */
  static long of(Info info, Manifest blocks) {
    if (info.sizes().isEmpty()) {
      return 0;
    }
    List<Cid> nodes = info.manifest().nodes();
    long[] own = info.sizes().stream().mapToLong(Long::longValue).toArray();
    for (Link link : info.manifest().links()) {
      // The size of a dag-pb block counts what its links lead to.
      if (nodes.get(link.from()).codec() == Codec.DAG_PB) {
        own[link.from()] -= info.sizes().get(link.to());
      }
    }
    Set<Cid> counted = new HashSet<>(blocks.nodes());
    long sum = 0;
    for (int i = 0; i < own.length; i++) {
      if (counted.contains(nodes.get(i))) {
        sum += Math.max(0, own[i]);
      }
    }
    return Math.max(0, sum);
  }
}
