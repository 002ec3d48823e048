package io.sluice.node.sync;

import io.sluice.protocol.TestJson;
import io.sluice.protocol.car.CarLimits;
import io.sluice.protocol.car.CarReader;
import io.sluice.protocol.car.CarSection;
import io.sluice.protocol.car.CarWriter;
import io.sluice.protocol.dsync.Info;
import io.sluice.protocol.dsync.Manifest;
import io.sluice.protocol.dsync.ManifestGenerator;
import io.sluice.protocol.dsync.ManifestLimits;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.MemoryBlockStore;
import io.sluice.protocol.multiformats.Cid;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.util.List;
import java.util.Optional;

/** A DAG of the vectors. */
public record SyncContent(MemoryBlockStore store, Info info) {
  public static SyncContent of(String name) throws IOException {
    MemoryBlockStore store = new MemoryBlockStore();
    byte[] car = TestJson.resource(Manifest.class, name + ".car");
    try (CarReader in =
        CarReader.open(Channels.newChannel(new ByteArrayInputStream(car)), CarLimits.DEFAULT)) {
      for (Optional<CarSection> next = in.next(); next.isPresent(); next = in.next()) {
        store.put(next.get().verified());
      }
      return new SyncContent(
          store, new ManifestGenerator(store, ManifestLimits.DEFAULT).of(in.roots().getFirst()));
    }
  }

  public Cid root() {
    return nodes().getFirst();
  }

  public List<Cid> nodes() {
    return info.manifest().nodes();
  }

  public Block block(Cid cid) {
    return store.get(cid).orElseThrow();
  }

  /** The last nodes, as a store that has no others. */
  public MemoryBlockStore last(int count) {
    MemoryBlockStore some = new MemoryBlockStore();
    nodes().subList(nodes().size() - count, nodes().size()).forEach(cid -> some.put(block(cid)));
    return some;
  }

  /** An archive of these blocks. */
  public byte[] archive(List<Block> blocks) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (CarWriter archive =
        CarWriter.v1(Channels.newChannel(out), List.of(blocks.getFirst().cid()))) {
      for (Block block : blocks) {
        archive.write(block);
      }
    }
    return out.toByteArray();
  }

  public byte[] archiveOf(List<Cid> cids) throws IOException {
    return archive(cids.stream().map(this::block).toList());
  }
}
