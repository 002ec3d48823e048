package io.sluice.node.output;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.OutputFile;
import io.sluice.protocol.ipld.Links;
import io.sluice.protocol.ipld.MemoryBlockStore;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.unixfs.ImportOptions;
import io.sluice.protocol.unixfs.UnixFsExporter;
import io.sluice.protocol.unixfs.UnixFsImporter;
import io.sluice.protocol.unixfs.UnixFsReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class RetrievedFileTest {
  private final MemoryBlockStore there = new MemoryBlockStore();
  private final MemoryBlockStore here = new MemoryBlockStore();
  private final byte[] content = new byte[3000];
  private Cid root = Cid.parse("bafkqaaa");
  private Path out = Path.of("");
  private Path records = Path.of("");

  @TempDir Path folder;

  @BeforeEach
  void content() throws IOException {
    new Random(3).nextBytes(content);
    try (ExecutorService hashing = Executors.newSingleThreadExecutor()) {
      root =
          new UnixFsImporter(there, ImportOptions.DEFAULT.withChunkBytes(1000), hashing)
              .file(new ByteArrayInputStream(content))
              .cid();
    }
    out = Files.createDirectory(folder.resolve("to")).resolve("out");
    records = folder.resolve("records");
  }

  private RetrievedFile file() {
    return new RetrievedFile(
        here,
        new UnfinishedOutputs(records),
        Optional.of(
            (blocks, threads, watch) ->
                new UnixFsExporter(new UnixFsReader(blocks, threads))
                    .export(root, out, false, watch)
                    .skipped()));
  }

  private void arrives(RetrievedFile file, Cid cid) throws IOException {
    here.put(there.get(cid).orElseThrow());
    file.arrived();
  }

  private void allArrives(RetrievedFile file) throws IOException {
    arrives(file, root);
    for (Cid leaf : Links.of(there.get(root).orElseThrow())) {
      arrives(file, leaf);
    }
  }

  private static List<Path> in(Path directory) throws IOException {
    try (Stream<Path> all = Files.list(directory)) {
      return all.toList();
    }
  }

  @Test
  void givenAllThatCame_thenTheFileIsThereOnlyWhenItIsWanted() throws Exception {
    try (RetrievedFile file = file()) {
      allArrives(file);
      assertFalse(Files.exists(out));
      assertEquals(Optional.of(List.of()), file.finish());
      assertArrayEquals(content, Files.readAllBytes(out));
    }
    assertEquals(List.of(out), in(out.getParent()));
    assertEquals(List.of(), in(records));
  }

  @Test
  void givenARetrievalWithoutAGoodEnd_thenNothingStays() throws Exception {
    try (RetrievedFile file = file()) {
      allArrives(file);
    }
    assertEquals(List.of(), in(out.getParent()));
  }

  @Test
  void givenABlockThatNeverCame_thenItCannotBeWrittenInThisWay() throws Exception {
    try (RetrievedFile file = file()) {
      arrives(file, root);
      assertEquals(Optional.empty(), file.finish());
    }
    assertEquals(List.of(), in(out.getParent()));
  }

  @Test
  void givenWhatAKilledProcessLeft_thenTheNextRemovesItAndNothingElse() throws Exception {
    Path left = Files.createDirectories(OutputFile.unused(out).resolve("below")).getParent();
    Path mine = Files.writeString(folder.resolve("mine"), "mine");
    UnfinishedOutputs killed = new UnfinishedOutputs(records);
    for (String named : List.of(left.toString(), mine.toString(), "", folder + "/gone.part")) {
      Files.writeString(killed.begun(left), named);
    }

    try (RetrievedFile file = file()) {
      allArrives(file);
      file.finish();
    }
    assertFalse(Files.exists(left));
    assertTrue(Files.exists(mine));
    assertEquals(List.of(), in(records));
  }
}
