package io.sluice.node.sync;

import io.sluice.protocol.dsync.Info;
import io.sluice.protocol.multiformats.Cid;
import java.io.IOException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Infos that were asked for lately, as many as have a number of blocks in all. One is made at a
 * time: a walk through a large DAG is work that peers can ask for. Whether the blocks are still
 * here is found out by whoever sends them.
 */
final class InfoCache {
  private static final float LOAD = 0.75f;

  private final int mostNodes;
  private final SyncMetrics metrics;
  private final Map<Cid, Info> infos = new LinkedHashMap<>(16, LOAD, true);
  private long nodes;

  InfoCache(int mostNodes, SyncMetrics metrics) {
    this.mostNodes = mostNodes;
    this.metrics = metrics;
  }

  /** Makes an info. */
  @FunctionalInterface
  interface InfoMaker {
    Info make() throws IOException;
  }

  synchronized Info get(Cid root, InfoMaker maker) throws IOException {
    Info known = infos.get(root);
    metrics.info(known != null);
    if (known != null) {
      return known;
    }
    Info made = maker.make();
    infos.put(root, made);
    nodes += made.manifest().nodes().size();
    Iterator<Info> eldest = infos.values().iterator();
    while (nodes > mostNodes && infos.size() > 1) {
      nodes -= eldest.next().manifest().nodes().size();
      eldest.remove();
    }
    return made;
  }
}
