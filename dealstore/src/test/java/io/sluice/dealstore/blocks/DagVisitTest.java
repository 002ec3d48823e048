package io.sluice.dealstore.blocks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.DagCbor;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Codec;
import io.sluice.protocol.unixfs.ImportOptions;
import io.sluice.protocol.unixfs.Imported;
import io.sluice.protocol.unixfs.UnixFsImporter;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DagVisitTest {

  @TempDir Path directory;
  private FileBlockStore store;
  private ExecutorService hashing;

  @BeforeEach
  void open() throws IOException {
    store = FileBlockStore.open(directory, new BlockStoreConfig(100_000, 1000, 0));
    hashing = Executors.newFixedThreadPool(2);
  }

  @AfterEach
  void close() throws IOException {
    store.close();
    hashing.close();
  }

  @Test
  void givenFile_whenSummarized_thenDistinctBlocksCount() throws IOException {
    byte[] content = new byte[300_000];
    new Random(1).nextBytes(content);
    System.arraycopy(content, 0, content, 100_000, 50_000);
    Imported imported = importFile(content);

    DagSummary summary = store.summarize(imported.cid());

    assertTrue(summary.complete());
    assertEquals(imported.blocks() - 5, summary.blocks(), "five chunks stand twice");
    assertEquals(store.blocks(), summary.blocks());
    assertEquals(imported.dagBytes() - 50_000, summary.bytes());
  }

  @Test
  void givenMissingLeaf_whenSummarizedOrVerified_thenNamed() throws IOException {
    Block leaf = Block.of(Codec.RAW, ByteBuffer.wrap(new byte[] {1, 2, 3}));
    Block here = Block.of(Codec.RAW, ByteBuffer.wrap(new byte[] {4}));
    Node node = Node.list(Node.of(leaf.cid()), Node.of(here.cid()), Node.of(leaf.cid()));
    Block root = Block.of(Codec.DAG_CBOR, ByteBuffer.wrap(DagCbor.encode(node)));
    store.put(root);
    store.put(here);

    assertEquals(List.of(leaf.cid()), store.summarize(root.cid()).missing());
    assertEquals(2, store.summarize(root.cid()).blocks());
    VerifyReport report = store.verify(root.cid(), hashing);
    assertEquals(List.of(leaf.cid()), report.missing());
    assertTrue(report.damaged().isEmpty());
    assertFalse(report.sound());
  }

  @Test
  void givenSharedBranches_whenSummarized_thenEachIsVisitedOnce() throws IOException {
    Block below = Block.of(Codec.RAW, ByteBuffer.wrap(new byte[] {1}));
    store.put(below);
    for (int level = 0; level < 100; level++) {
      Node twice = Node.list(Node.of(below.cid()), Node.of(below.cid()));
      below = Block.of(Codec.DAG_CBOR, ByteBuffer.wrap(DagCbor.encode(twice)));
      store.put(below);
    }

    assertEquals(101, store.summarize(below.cid()).blocks());
  }

  @Test
  void givenRottenLeaf_whenItsDagIsVerified_thenNamedAndMissingFromThenOn() throws IOException {
    byte[] content = new byte[300_000];
    new Random(2).nextBytes(content);
    Imported imported = importFile(content);
    Imported other = importFile(new byte[12_345]);
    try (RandomAccessFile file =
        new RandomAccessFile(directory.resolve("00000001.car").toFile(), "rw")) {
      file.seek(5000);
      int old = file.read();
      file.seek(5000);
      file.write(old ^ 1);
    }

    VerifyReport report = store.verify(imported.cid(), hashing);

    assertEquals(1, report.damaged().size());
    Cid bad = report.damaged().getFirst();
    VerifyReport again = store.verify(imported.cid(), hashing);
    assertEquals(List.of(bad), again.damaged());
    assertEquals(List.of(), again.missing());
    assertEquals(List.of(bad), store.summarize(imported.cid()).missing());
    assertTrue(store.verify(other.cid(), hashing).sound());
    importFile(content);
    assertTrue(store.verify(imported.cid(), hashing).sound());
  }

  @Test
  void givenTwoDags_whenAllButOneIsReclaimed_thenThatOneIsWhole() throws IOException {
    byte[] content = new byte[300_000];
    new Random(3).nextBytes(content);
    byte[] other = content.clone();
    new Random(4).nextBytes(other);
    System.arraycopy(content, 0, other, 0, 100_000);
    Imported kept = importFile(content);
    Imported gone = importFile(other);

    long freed = store.reclaim(() -> List.of(kept.cid())).bytes();

    assertTrue(freed > 200_000, freed + " bytes freed");
    assertTrue(store.verify(kept.cid(), hashing).sound());
    assertEquals(kept.blocks(), store.blocks());
    assertFalse(store.has(gone.cid()));
  }

  @Test
  void givenBlockThatIsNotOfItsCodec_whenSummarized_thenItLeadsNowhere() throws IOException {
    Block junk = Block.of(Codec.DAG_PB, ByteBuffer.wrap(new byte[] {(byte) 0xff, 1}));
    store.put(junk);

    assertEquals(new DagSummary(1, 2, List.of(), List.of()), store.summarize(junk.cid()));
  }

  private Imported importFile(byte[] content) throws IOException {
    return new UnixFsImporter(store, ImportOptions.DEFAULT.withChunkBytes(10_000), hashing)
        .file(new ByteArrayInputStream(content));
  }
}
