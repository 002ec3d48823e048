package io.sluice.protocol.unixfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.DagPb;
import io.sluice.protocol.ipld.Links;
import io.sluice.protocol.ipld.MemoryBlockStore;
import io.sluice.protocol.ipld.PbNode;
import io.sluice.protocol.ipld.UnixFsFields;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Codec;
import io.sluice.protocol.protobuf.ProtobufWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The CIDs are those that kubo gives to the same files and folders with CIDs of version 0. */
class FileAttributesTest {
  private static final ImportOptions V0 = new ImportOptions(256 << 10, 174, 0);
  private static final long THEN = 1_604_320_482;

  @TempDir Path folder;
  private final MemoryBlockStore store = new MemoryBlockStore();
  private final ExecutorService hashing = Executors.newFixedThreadPool(2);

  @AfterEach
  void stop() {
    hashing.close();
  }

  private Cid imported(Path path, boolean mode, boolean mtime) throws IOException {
    return new UnixFsImporter(store, V0.preserving(mode, mtime), hashing).path(path).cid();
  }

  private static Path with(Path path, String permissions, Instant mtime) throws IOException {
    if (!Files.isSymbolicLink(path)) {
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
    }
    Files.getFileAttributeView(path, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
        .setTimes(FileTime.from(mtime), null, null);
    return path;
  }

  @ParameterizedTest
  @CsvSource({
    "rw-r-----, 0, false, false, QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH",
    "rw-r-----, 0, true, false, QmQLgxypSNGNFTuUPGCecq6dDEjb6hNB5xSyVmP3cEuNtq",
    "rw-r-----, 0, false, true, QmQ6kErEW8kztQFV8vbwNU8E4dmtGsYpRiboiLxUEwibvj",
    "rw-r-----, 0, true, true, QmYkvboLsvLFcSYmqVJRxvBdYRQLroLv9kELf3LRiCqBri",
    "rwxrw-r--, 54321, true, true, QmUkxrtBA8tPjwCYz1HrsoRfDz6NgKut3asVeHVQNH4C8L",
    "rwxrw-r--, 54321, false, true, QmaKH8H5rXBUBCX4vdxi7ktGQEL7wejV7L9rX2qpZjwncz",
  })
  void filesKeepModeAndTimeAsElsewhere(
      String permissions, int nanos, boolean mode, boolean mtime, String cid) throws IOException {
    long seconds = nanos == 0 ? THEN : 1_603_539_720;
    Path file = Files.createFile(folder.resolve("file"));
    with(file, permissions, Instant.ofEpochSecond(seconds, nanos));

    assertEquals(Cid.parse(cid), imported(file, mode, mtime));
  }

  /** Its permissions mean nothing, so it has none. */
  @Test
  void symbolicLinksKeepTheTimeAlone() throws IOException {
    Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("nothing"));
    with(link, "", Instant.ofEpochSecond(THEN));

    assertEquals(
        Cid.parse("QmbJwotgtr84JxcnjpwJ86uZiyMoxbZuNH4YrdJMypkYaB"), imported(link, true, true));
  }

  @Test
  void givenTree_whenImportedAndExported_thenTheSameAsElsewhereAndAgain() throws IOException {
    Path tree = tree();
    Cid root = imported(tree, true, true);
    Path out = folder.resolve("out");

    Exported exported =
        new UnixFsExporter(new UnixFsReader(store, hashing)).export(root, out, false);

    assertEquals(Cid.parse("QmSioyvQuXetxg7uo8FswGn9XKKEsisDq1HTMzGyWbw2R6"), root);
    assertEquals(List.of(), exported.skipped());
    assertEquals(root, imported(out, true, true));
  }

  private Path tree() throws IOException {
    long then = 1_655_158_632;
    Path tree = folder.resolve("tree");
    Files.createDirectories(tree.resolve("dir2/sub1/sub2"));
    Files.createDirectories(tree.resolve("dir1"));
    Files.createDirectories(tree.resolve("dir3"));
    Files.createFile(tree.resolve("dir2/sub1/sub2/file3"));
    Files.createSymbolicLink(tree.resolve("dir2/sub1/link1"), Path.of("../sub2/file3"));
    Files.createFile(tree.resolve("dir3/file2"));
    Files.createFile(tree.resolve("file1"));
    String file = "rw-r--r--";
    String directory = "rwxr-xr-x";
    with(tree.resolve("dir2/sub1/sub2/file3"), file, Instant.ofEpochSecond(then + 10));
    with(tree.resolve("dir2/sub1/link1"), "", Instant.ofEpochSecond(then + 20));
    with(tree.resolve("dir2/sub1/sub2"), directory, Instant.ofEpochSecond(then + 30));
    with(tree.resolve("dir2/sub1"), directory, Instant.ofEpochSecond(then + 40));
    with(tree.resolve("dir2"), directory, Instant.ofEpochSecond(then + 50));
    with(tree.resolve("dir3/file2"), file, Instant.ofEpochSecond(then + 60));
    with(tree.resolve("dir3"), directory, Instant.ofEpochSecond(then + 70));
    with(tree.resolve("file1"), file, Instant.ofEpochSecond(then + 80));
    with(tree.resolve("dir1"), directory, Instant.ofEpochSecond(then + 90));
    return with(tree, "rwx------", Instant.ofEpochSecond(then));
  }

  /** A whole number of chunks, one chunk, and more: only the root has room, and only once. */
  @ParameterizedTest
  @CsvSource({"0", "999", "1000", "1001", "2000", "5000"})
  void onlyTheRootKeepsThem(int size) throws IOException {
    Path file = Files.write(folder.resolve("file"), new byte[size]);
    with(file, "rwxr-x---", Instant.ofEpochSecond(THEN, 123_456_789));
    ImportOptions options = new ImportOptions(1000, 2, 1).preserving(true, true);

    Imported imported = new UnixFsImporter(store, options, hashing).path(file);

    UnixFsReader reader = new UnixFsReader(store, hashing);
    FileAttributes kept =
        new FileAttributes(
            OptionalInt.of(0b111_101_000), Optional.of(Instant.ofEpochSecond(THEN, 123_456_789)));
    assertEquals(
        new UnixFsEntry(imported.cid(), UnixFsEntry.EntryKind.FILE, size, kept),
        reader.entry(imported.cid()));
    for (Cid link : Links.of(store.get(imported.cid()).orElseThrow())) {
      assertEquals(FileAttributes.NONE, reader.entry(link).attributes());
    }
  }

  private Cid block(ProtobufWriter fields) throws IOException {
    PbNode node = new PbNode(Optional.of(ByteBuffer.wrap(fields.toBytes())), List.of());
    Block block = Block.of(Codec.DAG_PB, ByteBuffer.wrap(DagPb.encode(node)));
    store.put(block);
    return block.cid();
  }

  private static ProtobufWriter file() {
    return new ProtobufWriter().number(1, UnixFsFields.FILE).text(2, "x");
  }

  /** Nothing that comes from a DAG runs as somebody else. */
  @Test
  void givenSetUserId_whenExported_thenOnlyThePermissionsAreGiven() throws IOException {
    Cid cid = block(file().number(7, 0xffff_f000L | 07755));

    new UnixFsExporter(new UnixFsReader(store, hashing)).export(cid, folder.resolve("out"), false);

    assertEquals(
        0100755, Files.getAttribute(folder.resolve("out"), "unix:mode"), "a plain file, rwxr-xr-x");
  }

  @ParameterizedTest
  @CsvSource({"0, 1", "0, 999999999", "-5, 7"})
  void timesThatAreOnesAreRead(long seconds, int nanos) throws IOException {
    Cid cid = block(time(seconds, nanos));

    assertEquals(
        Optional.of(Instant.ofEpochSecond(seconds, nanos)),
        new UnixFsReader(store, hashing).entry(cid).attributes().mtime());
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "0, 1000000000",
    "0, -1",
    "9223372036854775807, 5",
    "-9223372036854775808, 5"
  })
  void timesThatAreNoneAreNotKept(long seconds, int nanos) throws IOException {
    Cid cid = block(time(seconds, nanos));

    assertEquals(FileAttributes.NONE, new UnixFsReader(store, hashing).entry(cid).attributes());
  }

  private static ProtobufWriter time(long seconds, int nanos) {
    return file().message(8, new ProtobufWriter().number(1, seconds).fixed32(2, nanos));
  }

  /** As the other end of a walk decides, which then sees named links and no file. */
  @ParameterizedTest
  @CsvSource({"no seconds", "seconds twice", "nanoseconds as a varint", "a mode of 33 bits"})
  void whatIsNoSuchMessageIsNoUnixFs(String what) throws IOException {
    ProtobufWriter time = new ProtobufWriter();
    Cid cid =
        block(
            switch (what) {
              case "no seconds" -> file().message(8, time.fixed32(2, 1));
              case "seconds twice" -> file().message(8, time.number(1, 1).number(1, 1));
              case "nanoseconds as a varint" -> file().message(8, time.number(1, 1).number(2, 1));
              default -> file().number(7, 1L << 32);
            });

    ProtocolException refused =
        assertThrows(ProtocolException.class, () -> new UnixFsReader(store, hashing).entry(cid));

    assertEquals("BAD_UNIXFS", refused.code());
  }
}
