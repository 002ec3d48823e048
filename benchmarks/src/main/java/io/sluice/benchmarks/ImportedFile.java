package io.sluice.benchmarks;

import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.ipld.MemoryBlockStore;
import io.sluice.protocol.unixfs.ImportOptions;
import io.sluice.protocol.unixfs.Imported;
import io.sluice.protocol.unixfs.UnixFsImporter;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A file of random bytes as the importer makes a DAG of it, 174 links to a node, in memory. */
record ImportedFile(BlockStore store, Imported dag) {
  static ImportedFile of(int leaves, int leafBytes) {
    BlockStore store = new MemoryBlockStore();
    ImportOptions options = ImportOptions.DEFAULT.withChunkBytes(leafBytes);
    byte[] content = new RandomBytes().next(leaves * leafBytes);
    try (ExecutorService hashing = Executors.newSingleThreadExecutor()) {
      UnixFsImporter importer = new UnixFsImporter(store, options, hashing);
      return new ImportedFile(store, importer.file(new ByteArrayInputStream(content)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Block root() {
    try {
      return store.get(dag.cid()).orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
