package io.sluice.protocol.unixfs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.TestJson;
import io.sluice.protocol.car.CarImporter;
import io.sluice.protocol.car.CarLimits;
import io.sluice.protocol.car.CarReader;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.BlockMissingException;
import io.sluice.protocol.ipld.DagPb;
import io.sluice.protocol.ipld.MemoryBlockStore;
import io.sluice.protocol.ipld.PbLink;
import io.sluice.protocol.ipld.PbNode;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Codec;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UnixFsReaderTest {

  private final MemoryBlockStore store = new MemoryBlockStore();
  private ExecutorService hashing;
  private UnixFsReader reader;

  @BeforeEach
  void start() {
    hashing = Executors.newFixedThreadPool(2);
    reader = new UnixFsReader(store, hashing);
  }

  @AfterEach
  void stop() {
    hashing.close();
  }

  // ---- files

  @Test
  void givenAnyFileAndRange_whenCopied_thenThoseBytes() throws IOException {
    long seed = Long.getLong("sluice.seed", System.nanoTime());
    System.out.println("sluice.seed=" + seed);
    Random random = new Random(seed);
    for (int round = 0; round < 60; round++) {
      byte[] content = new byte[random.nextInt(5000)];
      random.nextBytes(content);
      ImportOptions options =
          new ImportOptions(1 + random.nextInt(300), 2 + random.nextInt(5), random.nextInt(2));
      Cid cid = importer(options).file(new ByteArrayInputStream(content)).cid();
      for (int i = 0; i < 10; i++) {
        int from = random.nextInt(content.length + 10);
        int to = from + random.nextInt(content.length + 10);
        byte[] expected =
            from >= content.length
                ? new byte[0]
                : Arrays.copyOfRange(content, from, Math.min(to, content.length));
        assertArrayEquals(expected, read(cid, new ByteRange(from, to)));
      }
      assertArrayEquals(content, read(cid, ByteRange.ALL));
      assertEquals(content.length, reader.entry(cid).size());
    }
  }

  @Test
  void givenRange_whenCopied_thenBlocksOutsideAreNotNeeded() throws IOException {
    byte[] content = new byte[1000];
    new Random(1).nextBytes(content);
    Cid cid = importer(new ImportOptions(100, 3, 1)).file(new ByteArrayInputStream(content)).cid();
    Cid outside = Cid.sha2_256(Codec.RAW, ByteBuffer.wrap(content, 500, 100));
    store.remove(outside);

    assertArrayEquals(Arrays.copyOfRange(content, 120, 490), read(cid, new ByteRange(120, 490)));
    BlockMissingException missing =
        assertThrows(BlockMissingException.class, () -> read(cid, ByteRange.ALL));
    assertEquals(outside, missing.cid());
  }

  /** As old writers made them, and as other readers read them. */
  @Test
  void givenFilesThatSayNoSizes_whenRead_thenTheirContent() throws IOException {
    Cid a = raw("abc");
    Cid b = raw("de");
    Cid inner = file("", List.of(a, b));
    Cid root = file("18" + "0b", List.of(inner, raw(""), a, raw("!"), b));
    byte[] content = "abcdeabc!de".getBytes(StandardCharsets.UTF_8);

    assertArrayEquals(content, read(root, ByteRange.ALL));
    assertEquals(11, reader.entry(root).size());
    assertEquals(0, reader.entry(inner).size()); // it does not say
    for (int from = 0; from <= 12; from++) {
      for (int to = from; to <= 12; to++) {
        byte[] part =
            Arrays.copyOfRange(
                content, Math.min(from, 11), Math.max(Math.min(from, 11), Math.min(to, 11)));
        assertArrayEquals(part, read(root, new ByteRange(from, to)), from + " to " + to);
      }
    }
    Cid above = file("18" + "08" + "20" + "05" + "20" + "03", List.of(inner, a)); // sizes 5 and 3
    assertArrayEquals("abcdeabc".getBytes(StandardCharsets.UTF_8), read(above, ByteRange.ALL));
    assertArrayEquals("ea".getBytes(StandardCharsets.UTF_8), read(above, new ByteRange(4, 6)));
  }

  @Test
  void givenFilesThatSayNoSizes_whenTheyContradictThemselves_thenRefused() throws IOException {
    Cid a = raw("abc");
    Cid inner = file("", List.of(a, a));
    Cid endless = raw("");
    for (int i = 0; i < 20; i++) {
      endless = file("", java.util.Collections.nCopies(10, endless));
    }
    Cid bomb = endless;

    for (Cid wrong :
        List.of(file("1805", List.of(a, a)), file("1807" + "2007", List.of(inner)), bomb)) {
      ProtocolException refused =
          assertThrows(ProtocolException.class, () -> read(wrong, ByteRange.ALL));
      assertEquals("BAD_UNIXFS", refused.code());
    }
  }

  private Cid raw(String text) {
    Block block = Block.of(Codec.RAW, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    store.put(block);
    return block.cid();
  }

  /** A node of a file with these fields behind its type. */
  private Cid file(String fields, List<Cid> parts) {
    ByteBuffer data = ByteBuffer.wrap(java.util.HexFormat.of().parseHex("0802" + fields));
    List<PbLink> links = parts.stream().map(cid -> PbLink.of("", 1, cid)).toList();
    Block block =
        Block.of(Codec.DAG_PB, ByteBuffer.wrap(DagPb.encode(new PbNode(Optional.of(data), links))));
    store.put(block);
    return block.cid();
  }

  @Test
  void givenFilesOfGoUnixFsNode_whenRead_thenTheirContent() throws IOException {
    Cid file = load("QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o.car");
    Cid directory = load("QmT8EC9sJq63SkDZ1mWLbWWyVV66PuqyHWpKkH4pcVyY4H.car");
    byte[] content = "hello world\n".getBytes(StandardCharsets.UTF_8);

    assertArrayEquals(content, read(file, ByteRange.ALL));
    assertArrayEquals(content, read(reader.resolve(directory, List.of("b.txt")), ByteRange.ALL));
  }

  @Test
  void givenPublishedMessages_whenWritten_thenTheSameBytes() {
    ByteBuffer hello = ByteBuffer.wrap("Hello UnixFS\n".getBytes(StandardCharsets.UTF_8));
    ByteBuffer target = ByteBuffer.wrap("file.txt".getBytes(StandardCharsets.UTF_8));
    assertEquals(published("file.txt.unixfs"), UnixFsBytes.leaf(hello, FileAttributes.NONE));
    assertEquals(published("raw.unixfs"), UnixFsBytes.leaf(hello, FileAttributes.NONE));
    assertEquals(published("directory.unixfs"), UnixFsBytes.directory(FileAttributes.NONE));
    assertEquals(published("symlink.txt.unixfs"), UnixFsBytes.symlink(target, FileAttributes.NONE));
  }

  // ---- directories

  @Test
  void givenLargeArticleDirectory_whenResolved_thenOnlyShardsOnTheWayAreNeeded()
      throws IOException {
    Cid root = load("wikipedia-cryptographic-hash-function.car");

    Cid article = reader.resolve(root, List.of("wiki", "Cryptographic_hash_function"));

    assertTrue(store.has(article));
    assertEquals(UnixFsEntry.EntryKind.FILE, reader.entry(article).kind());
    assertTrue(read(article, ByteRange.ALL).length > 1000);
    assertThrows(IOException.class, () -> reader.resolve(root, List.of("wiki", "no such article")));
  }

  @Test
  void givenNames_whenHashed_thenBucketsAsPublished() {
    List<?> entries =
        (List<?>) TestJson.read(UnixFsReaderTest.class, "hamt-hash.json").get("entries");
    Hamt hamt = Hamt.of(256);
    for (Object item : entries) {
      Map<String, Object> entry = TestJson.map(item);
      long hash = Hamt.hash(HexFormat.of().parseHex((String) entry.get("utf8Hex")));
      assertEquals(entry.get("h1BigEndianHex"), HexFormat.of().toHexDigits(hash));
      List<?> prefixes = (List<?>) entry.get("bucketPrefixesFanout256");
      for (int level = 0; level < prefixes.size(); level++) {
        assertEquals(prefixes.get(level), hamt.prefix(hamt.bucket(hash, level)));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 50, 12_000})
  void givenDirectory_whenListedAndResolved_thenEveryEntryIsFound(int count) throws IOException {
    UnixFsImporter importer = importer(ImportOptions.DEFAULT);
    Imported file = importer.file(new ByteArrayInputStream(new byte[] {1}));
    DirectoryBuilder directory = importer.directory();
    for (int i = 0; i < count; i++) {
      directory.add("entry-" + i, file);
    }
    Cid cid = directory.build().cid();

    Set<String> listed = new TreeSet<>();
    reader.list(cid, entry -> assertTrue(listed.add(entry.name())));

    assertEquals(
        IntStream.range(0, count).mapToObj(i -> "entry-" + i).collect(Collectors.toSet()), listed);
    for (String name : listed) {
      assertEquals(file.cid(), reader.resolve(cid, List.of(name)));
    }
    assertThrows(PathNotFoundException.class, () -> reader.resolve(cid, List.of("other")));
  }

  @Test
  void givenNestedDirectories_whenResolved_thenThroughAllOfThem() throws IOException {
    UnixFsImporter importer = importer(ImportOptions.DEFAULT);
    Imported file = importer.file(new ByteArrayInputStream(new byte[] {1}));
    DirectoryBuilder inner = importer.directory();
    inner.add("file", file);
    DirectoryBuilder outer = importer.directory();
    outer.add("inner", inner.build());
    Cid root = outer.build().cid();

    DagPath path = DagPath.parse("/ipfs/" + root + "/inner//file");

    assertEquals(file.cid(), reader.resolve(path.root(), path.names()));
    assertEquals(root + "/inner/file", path.toString());
    assertThrows(
        PathNotFoundException.class, () -> reader.resolve(root, List.of("inner", "file", "x")));
  }

  // ---- DAGs that lie

  @Test
  void givenFileWhoseSizesContradict_whenRead_thenRefused() throws IOException {
    Block leaf = put(Codec.RAW, new byte[] {1, 2, 3});
    Cid tooLong = file(List.of(leaf), List.of(4L));
    Cid twoSizes = file(List.of(leaf), List.of(3L, 1L));

    assertRefused(() -> read(tooLong, ByteRange.ALL));
    assertRefused(() -> read(twoSizes, ByteRange.ALL));
  }

  @Test
  void givenEndlessEmptyChildren_whenRead_thenNoneIsLoaded() throws IOException {
    Block below = put(Codec.RAW, new byte[0]);
    for (int level = 0; level < 40; level++) {
      Cid cid = file(List.of(below, below), List.of(0L, 0L));
      below = store.get(cid).orElseThrow();
    }

    assertEquals(0, read(below.cid(), ByteRange.ALL).length);
  }

  @Test
  void givenShardsThatRepeatThemselves_whenListed_thenRefused() throws IOException {
    Cid below = shard(List.of());
    for (int level = 0; level < 7; level++) {
      List<PbLink> links = new ArrayList<>();
      for (int bucket = 0; bucket < 256; bucket++) {
        links.add(PbLink.of(Hamt.of(256).prefix(bucket), 0, below));
      }
      below = shard(links);
    }
    Cid root = below;

    assertRefused(() -> reader.list(root, entry -> {}));
  }

  @Test
  void givenNameInTheWrongShard_whenListed_thenRefused() throws IOException {
    Cid root = shard(List.of(PbLink.of("00a", 0, put(Codec.RAW, new byte[1]).cid())));

    assertRefused(() -> reader.list(root, entry -> {}));
  }

  @Test
  void givenDamagedNodes_whenRead_thenAValueOrRefused() throws IOException {
    Cid root = importer(new ImportOptions(50, 4, 1)).file(new KuboCidsTest.Pattern(1000)).cid();
    ByteBuffer whole = store.get(root).orElseThrow().data();
    byte[] bytes = new byte[whole.remaining()];
    whole.get(bytes);
    for (int at = 0; at < bytes.length; at++) {
      for (int bits = 1; bits < 0x100; bits <<= 1) {
        byte[] changed = bytes.clone();
        changed[at] ^= (byte) bits;
        readAnyway(changed);
      }
      readAnyway(Arrays.copyOf(bytes, at));
    }
  }

  private void readAnyway(byte[] node) throws IOException {
    Block block = put(Codec.DAG_PB, node);
    try {
      read(block.cid(), ByteRange.ALL);
    } catch (ProtocolException e) {
      assertTrue(Set.of("BAD_UNIXFS", "HASH_NOT_ALLOWED").contains(e.code()), e.toString());
    } catch (BlockMissingException e) {
      // the flipped bit was in a CID
    }
  }

  private interface Reading {
    void run() throws IOException;
  }

  private static void assertRefused(Reading reading) {
    ProtocolException refused = assertThrows(ProtocolException.class, reading::run);
    assertEquals("BAD_UNIXFS", refused.code());
  }

  private Cid file(List<Block> children, List<Long> sizes) throws IOException {
    List<PbLink> links =
        children.stream().map(child -> PbLink.of("", child.size(), child.cid())).toList();
    PbNode node = new PbNode(Optional.of(UnixFsBytes.file(sizes, FileAttributes.NONE)), links);
    return put(Codec.DAG_PB, DagPb.encode(node)).cid();
  }

  private Cid shard(List<PbLink> links) throws IOException {
    byte[] bits = new byte[32];
    Arrays.fill(bits, (byte) 0xff);
    ByteBuffer data =
        UnixFsBytes.shard(ByteBuffer.wrap(bits), Hamt.MURMUR3, 256, FileAttributes.NONE);
    return put(Codec.DAG_PB, DagPb.encode(new PbNode(Optional.of(data), links))).cid();
  }

  private Block put(long codec, byte[] data) throws IOException {
    Block block = Block.of(codec, ByteBuffer.wrap(data));
    store.put(block);
    return block;
  }

  private UnixFsImporter importer(ImportOptions options) {
    return new UnixFsImporter(store, options, hashing);
  }

  private byte[] read(Cid cid, ByteRange range) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    reader.copy(cid, range, Channels.newChannel(out));
    return out.toByteArray();
  }

  private Cid load(String car) throws IOException {
    byte[] bytes = TestJson.resource(UnixFsReaderTest.class, car);
    try (CarReader archive =
        CarReader.open(Channels.newChannel(new ByteArrayInputStream(bytes)), CarLimits.DEFAULT)) {
      return new CarImporter(store, hashing).read(archive).roots().getFirst();
    }
  }

  private static ByteBuffer published(String name) {
    return ByteBuffer.wrap(TestJson.resource(UnixFsReaderTest.class, name));
  }
}
