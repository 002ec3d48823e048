package io.sluice.protocol.unixfs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.BlockMissingException;
import io.sluice.protocol.ipld.DagPb;
import io.sluice.protocol.ipld.MemoryBlockStore;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.ipld.PbLink;
import io.sluice.protocol.ipld.PbNode;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Codec;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UnixFsExporterTest {

  @TempDir Path directory;
  private final MemoryBlockStore store = new MemoryBlockStore();
  private ExecutorService hashing;
  private UnixFsImporter importer;
  private UnixFsExporter exporter;

  @BeforeEach
  void start() {
    hashing = Executors.newFixedThreadPool(2);
    importer = new UnixFsImporter(store, ImportOptions.DEFAULT.withChunkBytes(1000), hashing);
    exporter = new UnixFsExporter(new UnixFsReader(store, hashing));
  }

  @AfterEach
  void stop() {
    hashing.close();
  }

  @Test
  void givenTree_whenImportedAndExported_thenTheSame() throws IOException {
    Path in = Files.createDirectories(directory.resolve("in/sub/deeper")).getParent().getParent();
    byte[] large = new byte[25_000];
    new Random(1).nextBytes(large);
    Files.write(in.resolve("large"), large);
    Files.write(in.resolve("empty"), new byte[0]);
    Files.write(in.resolve(".hidden"), new byte[] {1});
    Files.write(in.resolve("sub/deeper/file"), new byte[] {2});
    Files.createDirectory(in.resolve("sub/nothing"));
    Files.createSymbolicLink(in.resolve("sub/link"), Path.of("deeper/file"));
    Files.createSymbolicLink(in.resolve("sub/up"), Path.of("../large"));

    Imported imported = importer.path(in);
    Exported exported = exporter.export(imported.cid(), directory.resolve("out"), false);

    assertEquals(contents(in), contents(directory.resolve("out")));
    assertEquals(imported.cid(), importer.path(directory.resolve("out")).cid());
    assertEquals(new Exported(4, 25_002, List.of()), exported);
    assertEquals(List.of("in", "out"), names(directory));
  }

  @Test
  void givenLinkOutOfTheTree_whenImported_thenItIsNotFollowed() throws IOException {
    Files.writeString(directory.resolve("secret"), "secret");
    Path in = Files.createDirectory(directory.resolve("in"));
    Files.createSymbolicLink(in.resolve("link"), directory.resolve("secret"));

    Cid cid = importer.path(in).cid();
    Exported exported = exporter.export(cid, directory.resolve("out"), false);

    assertEquals(List.of("link -> " + directory.resolve("secret")), exported.skipped());
    assertEquals(List.of(), names(directory.resolve("out")));
  }

  @Test
  void givenNameThatIsNoText_whenImported_thenRefused() throws Exception {
    Path in = Files.createDirectory(directory.resolve("in"));
    int made =
        new ProcessBuilder("sh", "-c", "touch \"$(printf 'a\\377')\"")
            .directory(in.toFile())
            .start()
            .waitFor();
    assertEquals(0, made);

    IOException refused = assertThrows(IOException.class, () -> importer.path(in));

    assertTrue(refused.getMessage().contains("UTF-8"), refused.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"..", ".", "", "/etc/passwd", "a/b", "../x", "nul\0"})
  void givenNameThatIsNone_whenExported_thenRefusedAndNothingIsLeft(String name)
      throws IOException {
    DirectoryBuilder hostile = importer.directory();
    hostile.add("fine", file(new byte[] {1}));
    hostile.add(name, file(new byte[] {2}));
    Cid cid = hostile.build().cid();

    ProtocolException refused =
        assertThrows(
            ProtocolException.class, () -> exporter.export(cid, directory.resolve("out"), false));

    assertEquals("BAD_UNIXFS", refused.code());
    assertEquals(List.of(), names(directory));
  }

  @ParameterizedTest
  @CsvSource({"a\\b, /, true", "a\\b, \\, false", "\\, /, true", "a/b, \\, false"})
  void givenBackslash_thenPlainWhereItSeparatesNothing(
      String name, String separator, boolean plain) {
    if (plain) {
      assertEquals(name, SafeName.check(name, separator));
    } else {
      assertThrows(ProtocolException.class, () -> SafeName.check(name, separator));
    }
    assertEquals(plain, SafeName.staysInside(name.replace('/', '\\'), 0, separator));
  }

  @Test
  void givenBackslashInAName_whenExported_thenThere() throws IOException {
    DirectoryBuilder root = importer.directory();
    root.add("a\\b.txt", file(new byte[] {1}));

    exporter.export(root.build().cid(), directory.resolve("out"), false);

    assertEquals(List.of("a\\b.txt"), names(directory.resolve("out")));
  }

  @Test
  void givenNamesTwice_whenExported_thenTheFirstOfEach_andTheOthersAreTold() throws IOException {
    Imported one = file(new byte[] {1});
    Imported two = file(new byte[] {2});
    Imported link = importer.symlink("file");
    DirectoryBuilder inner = importer.directory();
    inner.add("in", one);
    Imported folder = inner.build();
    Cid root =
        directory(
            "file", one, "file", two, "file", folder, "link", link, "link", one, "dir", folder,
            "dir", two);

    Exported exported = exporter.export(root, directory.resolve("out"), false);

    assertEquals(
        Map.of(
            "", "directory", "file", "[1]", "link", "-> file", "dir", "directory", "dir/in", "[1]"),
        contents(directory.resolve("out")));
    String why = ": another entry of this name";
    assertEquals(
        List.of("dir" + why, "file" + why, "file" + why, "link" + why), exported.skipped());
    assertEquals(2, exported.files());
  }

  /** A directory as it should not be, of names and entries in turn. */
  private Cid directory(Object... entries) {
    List<PbLink> links = new ArrayList<>();
    for (int i = 0; i < entries.length; i += 2) {
      links.add(
          DirectoryBuilder.link(Node.Text.of((String) entries[i]), (Imported) entries[i + 1]));
    }
    PbNode node = new PbNode(Optional.of(UnixFsBytes.directory(FileAttributes.NONE)), links);
    Block block = Block.of(Codec.DAG_PB, ByteBuffer.wrap(DagPb.encode(node)));
    store.put(block);
    return block.cid();
  }

  @Test
  void givenLinkAndDirectoryOfOneName_whenExported_thenNothingIsWrittenThroughTheLink()
      throws IOException {
    Path outside = Files.createDirectory(directory.resolve("outside"));
    DirectoryBuilder inner = importer.directory();
    inner.add("file", file(new byte[] {1}));
    DirectoryBuilder root = importer.directory();
    root.add("a", importer.symlink(outside.toString()));
    root.add("b", inner.build());
    root.add("c", importer.symlink("b/.."));
    root.add("d", importer.symlink("b"));

    Exported exported = exporter.export(root.build().cid(), directory.resolve("out"), false);

    assertEquals(List.of(), names(outside));
    assertEquals(List.of("b", "d"), names(directory.resolve("out")));
    assertEquals(2, exported.skipped().size());
  }

  @ParameterizedTest
  @CsvSource({
    "a, 0, true",
    "a/b/c, 0, true",
    "./a, 0, true",
    "../a, 1, true",
    "../a, 0, false",
    "../../a, 1, false",
    "a/../b, 3, false",
    "/a, 3, false",
    "'', 1, false",
  })
  void givenTarget_thenInsideOrNot(String target, int depth, boolean inside) {
    assertEquals(inside, SafeName.staysInside(target, depth, "/"));
  }

  @Test
  void givenSomethingThere_whenExported_thenKeptUnlessReplaced() throws IOException {
    Cid cid = file(new byte[] {7, 7}).cid();
    Path out = Files.write(directory.resolve("out"), new byte[] {1});

    assertThrows(FileAlreadyExistsException.class, () -> exporter.export(cid, out, false));
    assertArrayEquals(new byte[] {1}, Files.readAllBytes(out));

    exporter.export(cid, out, true);
    assertArrayEquals(new byte[] {7, 7}, Files.readAllBytes(out));

    Path taken = Files.createDirectory(directory.resolve("taken"));
    assertThrows(FileAlreadyExistsException.class, () -> exporter.export(cid, taken, true));
  }

  @Test
  void givenLinkThere_whenReplaced_thenTheFileItLeadsToAndNotTheLink() throws IOException {
    Path target = Files.write(directory.resolve("target"), new byte[] {1});
    Path link = Files.createSymbolicLink(directory.resolve("link"), target);

    exporter.export(file(new byte[] {7}).cid(), link, true);

    assertTrue(Files.isSymbolicLink(link));
    assertArrayEquals(new byte[] {7}, Files.readAllBytes(target));
  }

  @Test
  void givenMissingBlock_whenExported_thenNothingIsLeft() throws IOException {
    byte[] content = new byte[5000];
    new Random(2).nextBytes(content);
    Imported file = file(content);
    DirectoryBuilder root = importer.directory();
    root.add("file", file);
    Cid tree = root.build().cid();
    store.remove(Cid.sha2_256(Codec.RAW, ByteBuffer.wrap(content, 3000, 1000)));
    Path old = Files.write(directory.resolve("old"), new byte[] {1});

    assertThrows(
        BlockMissingException.class,
        () -> exporter.export(file.cid(), directory.resolve("file"), false));
    assertThrows(
        BlockMissingException.class, () -> exporter.export(tree, directory.resolve("tree"), false));
    assertThrows(BlockMissingException.class, () -> exporter.export(file.cid(), old, true));

    assertEquals(List.of("old"), names(directory));
    assertArrayEquals(new byte[] {1}, Files.readAllBytes(old));
  }

  private Imported file(byte[] content) throws IOException {
    return importer.file(new ByteArrayInputStream(content));
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
    }
  }

  /** What is in a tree, by path. */
  private static Map<String, String> contents(Path root) throws IOException {
    Map<String, String> contents = new TreeMap<>();
    try (Stream<Path> paths = Files.walk(root)) {
      for (Path path : paths.toList()) {
        String what =
            Files.isSymbolicLink(path)
                ? "-> " + Files.readSymbolicLink(path)
                : Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)
                    ? "directory"
                    : java.util.Arrays.toString(Files.readAllBytes(path));
        contents.put(root.relativize(path).toString(), what);
      }
    }
    assertTrue(contents.size() > 1);
    return contents;
  }
}
