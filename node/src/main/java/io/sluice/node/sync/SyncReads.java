package io.sluice.node.sync;

import io.sluice.node.sync.SyncRefusal.RefusalKind;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.car.CarWriter;
import io.sluice.protocol.dsync.DsyncNames;
import io.sluice.protocol.dsync.Info;
import io.sluice.protocol.dsync.ManifestGenerator;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.BlockMissingException;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.multiformats.Cid;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is read by dsync. All of it goes through one gate, {@link SyncHome#unreadable}, and is then
 * asked about. Thread-safe.
 */
final class SyncReads {
  private final SyncHome home;
  private final SyncHooks hooks;
  private final SyncLimits limits;
  private final SyncMetrics metrics;
  private final InfoCache infos;

  SyncReads(SyncHome home, SyncHooks hooks, SyncLimits limits, SyncMetrics metrics) {
    this.home = home;
    this.hooks = hooks;
    this.limits = limits;
    this.metrics = metrics;
    this.infos = new InfoCache(limits.manifest().nodes(), metrics);
  }

  Info info(SyncCaller caller, String root, Map<String, String> meta)
      throws SyncRefusal, IOException {
    Cid cid = held(root);
    requireReadable(caller, List.of(cid));
    Info info;
    try {
      info = infos.get(cid, () -> new ManifestGenerator(home.store(), limits.manifest()).of(cid));
    } catch (BlockMissingException e) {
      throw SyncRefusal.because("not all of it is here: " + e.getMessage());
    } catch (ProtocolException e) {
      throw SyncService.refusal(e);
    }
    hooks.infoAsked(caller, info, meta);
    return info;
  }

  Block block(SyncCaller caller, String name) throws SyncRefusal, IOException {
    Cid cid = held(name);
    requireReadable(caller, List.of(cid));
    hooks.blockAsked(caller, cid);
    Block block = home.store().get(cid).orElseThrow(() -> notFound(cid));
    metrics.gave(block.size());
    return block;
  }

  /** Blocks that a caller may have, all of them here a moment ago. */
  final class BlockStream {
    private final List<Cid> blocks;

    private BlockStream(List<Cid> blocks) {
      this.blocks = blocks;
    }

    /**
     * Writes them as an archive.
     *
     * @throws IOException also if one is not here any more: what was written is then no archive
     *     that anybody may take for whole
     */
    void writeTo(WritableByteChannel out) throws IOException {
      BlockStore store = home.store();
      CarWriter archive = CarWriter.v1(out, List.of(blocks.getFirst()));
      for (Cid cid : blocks) {
        Block block = store.get(cid).orElseThrow(() -> new BlockMissingException(cid));
        archive.write(block);
        metrics.gave(block.size());
      }
      archive.close();
    }
  }

  BlockStream blocks(SyncCaller caller, Info info, Map<String, String> meta)
      throws SyncRefusal, IOException {
    List<Cid> blocks = info.manifest().diff(cid -> false).nodes();
    if (blocks.isEmpty()) {
      throw SyncRefusal.because(DsyncNames.EMPTY_MANIFEST);
    }
    BlockStore store = home.store();
    for (Cid cid : blocks) {
      if (!store.has(cid)) {
        throw notFound(cid);
      }
    }
    requireReadable(caller, blocks);
    hooks.blocksAsked(caller, info, meta);
    return new BlockStream(blocks);
  }

  private Cid held(String name) throws SyncRefusal, IOException {
    Cid cid = SyncService.parse(name);
    if (!home.store().has(cid)) {
      throw notFound(cid);
    }
    return cid;
  }

  private void requireReadable(SyncCaller caller, List<Cid> blocks)
      throws SyncRefusal, IOException {
    Optional<String> terms = home.unreadable(caller, blocks);
    if (terms.isPresent()) {
      throw new SyncRefusal(RefusalKind.PRICED, terms.get());
    }
  }

  private static SyncRefusal notFound(Cid cid) {
    return SyncRefusal.because(cid + ": not found");
  }
}
