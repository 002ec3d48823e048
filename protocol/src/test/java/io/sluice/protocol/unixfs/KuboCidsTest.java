package io.sluice.protocol.unixfs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.protocol.TestJson;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.ipld.MemoryBlockStore;
import io.sluice.protocol.multiformats.Cid;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Roots as kubo 0.40.1 printed them ({@code ipfs add -Q -n}). */
class KuboCidsTest {

  private static final Map<String, Object> VECTORS =
      TestJson.read(KuboCidsTest.class, "kubo-cids.json");

  private static final Map<String, ImportOptions> PROFILES =
      Map.of(
          "cid-v1 (chunk 262144, 174 links)", ImportOptions.DEFAULT,
          "cid-v1, chunk 1048576, 174 links", new ImportOptions(1 << 20, 174, 1),
          "cid-v1, chunk 1048576, 1024 links", new ImportOptions(1 << 20, 1024, 1),
          "cid-v0 (chunk 262144, 174 links, no raw leaves)", new ImportOptions(256 << 10, 174, 0));

  private static ExecutorService hashing;

  @BeforeAll
  static void start() {
    hashing = Executors.newFixedThreadPool(2);
  }

  @AfterAll
  static void stop() {
    hashing.close();
  }

  static List<Map<String, Object>> files() {
    return list("files");
  }

  @ParameterizedTest
  @MethodSource("files")
  void givenFile_whenImported_thenRootAsInKubo(Map<String, Object> file) throws IOException {
    long size = ((Number) file.get("size")).longValue();
    for (Map.Entry<String, ImportOptions> profile : PROFILES.entrySet()) {
      UnixFsImporter importer = new UnixFsImporter(new NoBlocks(), profile.getValue(), hashing);

      Imported imported = importer.file(new Pattern(size));

      assertEquals(
          Cid.parse((String) file.get(profile.getKey())), imported.cid(), profile.getKey());
      assertEquals(size, imported.contentBytes());
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void givenImportedFile_whenReadBack_thenTheSame(Map<String, Object> file) throws Exception {
    long size = ((Number) file.get("size")).longValue();
    if (size > 60_000_000) {
      return;
    }
    for (ImportOptions options : PROFILES.values()) {
      MemoryBlockStore store = new MemoryBlockStore();
      Imported imported = new UnixFsImporter(store, options, hashing).file(new Pattern(size));
      MessageDigest digest = MessageDigest.getInstance("SHA-256");

      long read =
          new UnixFsReader(store, hashing)
              .copy(
                  imported.cid(),
                  ByteRange.ALL,
                  Channels.newChannel(
                      new DigestOutputStream(java.io.OutputStream.nullOutputStream(), digest)));

      assertEquals(size, read);
      assertEquals(file.get("sha256"), HexFormat.of().formatHex(digest.digest()));
    }
  }

  @Test
  void givenDirectories_whenBuilt_thenRootsAsInKubo() throws IOException {
    assertDirectory("empty", directory -> {});
    assertDirectory(
        "flat3",
        directory -> {
          directory.add("z", file(0));
          directory.add("b", file(300_000));
          directory.add("a", file(10));
        });
    assertDirectory(
        "nested",
        directory -> {
          DirectoryBuilder y = importer().directory();
          y.add("z.txt", file(5));
          DirectoryBuilder x = importer().directory();
          x.add("y", y.build());
          x.add("w", file(7));
          directory.add("x", x.build());
          directory.add("v", file(9));
        });
    assertDirectory(
        "unicode",
        directory -> {
          directory.add("über.txt", file(3));
          directory.add("日本", file(4));
          directory.add("a b", file(5));
          directory.add("e\u0301", file(6));
          directory.add("emoji-😀", file(7));
        });
    assertDirectory("many2000", directory -> fill(directory, "f%04d", 2000, 2000));
  }

  @Test
  void givenLargeDirectories_whenBuilt_thenShardedAsInKubo() throws IOException {
    assertDirectory("sharded10000", directory -> fill(directory, "f%05d", 10_000, 100));
    for (int entries : List.of(2621, 2622)) {
      assertDirectory(
          "threshold" + entries,
          directory -> {
            for (int i = 0; i < entries; i++) {
              directory.add(
                  String.format(
                      "file-with-a-rather-long-name-so-that-the-threshold-is-near-%05d", i),
                  file(1));
            }
          });
    }
  }

  /**
   * Roots as the library makes them that kubo writes such folders with; the last one is spilled.
   */
  @ParameterizedTest
  @CsvSource({
    "10000, bafybeih63mxmr6etl7e4lce6jeildic6h5te7bb2thjrjofwwvfljybova",
    "20000, bafybeifhzk35ujqeyth4cb7naobj2bjokav5qpsn5jassqfhwxaruol2da",
  })
  void givenManyEntries_whenBuilt_thenRootAsInKubo(int count, String root) throws IOException {
    try (DirectoryBuilder directory = importer().directory()) {
      for (int i = 0; i < count; i++) {
        byte[] content = Integer.toString(i).getBytes(StandardCharsets.US_ASCII);
        directory.add(
            String.format("file-%07d.txt", i), importer().file(new ByteArrayInputStream(content)));
      }
      assertEquals(Cid.parse(root), directory.build().cid());
    }
  }

  /** A million of them, in the heap that tests have. */
  @Test
  @Tag("long")
  void givenAMillionEntries_whenBuilt_thenRootAsInKubo() throws IOException {
    givenManyEntries_whenBuilt_thenRootAsInKubo(
        1_000_000, "bafybeieh35lfrvya6dpfz3yuyj7ny5vzymrhmjlqlj2buogkfwsfalqqga");
  }

  @Test
  void givenSymlink_whenBuilt_thenRootAsInKubo() throws IOException {
    Map<String, Object> link = TestJson.map(VECTORS.get("symlink"));

    Imported imported = importer().symlink((String) link.get("target"));

    assertEquals(Cid.parse((String) link.get("cid")), imported.cid());
  }

  private interface Filling {
    void fill(DirectoryBuilder directory) throws IOException;
  }

  private static void assertDirectory(String name, Filling filling) throws IOException {
    Map<String, Object> vector =
        list("directories").stream()
            .filter(directory -> name.equals(directory.get("name")))
            .findFirst()
            .orElseThrow();
    DirectoryBuilder directory = importer().directory();
    filling.fill(directory);
    assertEquals(Cid.parse((String) vector.get("cid")), directory.build().cid(), name);
  }

  private static void fill(DirectoryBuilder directory, String format, int count, int modulo)
      throws IOException {
    for (int i = 0; i < count; i++) {
      directory.add(String.format(format, i), file(i % modulo));
    }
  }

  private static UnixFsImporter importer() {
    return new UnixFsImporter(new NoBlocks(), ImportOptions.DEFAULT, hashing);
  }

  private static Imported file(long size) throws IOException {
    return importer().file(new Pattern(size));
  }

  private static List<Map<String, Object>> list(String key) {
    return ((List<?>) VECTORS.get(key)).stream().map(TestJson::map).toList();
  }

  /** The content of the vectors: byte i is i mod 251. */
  static final class Pattern extends InputStream {

    private final long size;
    private long at;

    Pattern(long size) {
      this.size = size;
    }

    @Override
    public int read() {
      return at == size ? -1 : (int) (at++ % 251);
    }

    @Override
    public int read(byte[] into, int from, int length) {
      if (at == size) {
        return -1;
      }
      int count = (int) Math.min(length, size - at);
      int next = (int) (at % 251);
      for (int i = 0; i < count; i++) {
        into[from + i] = (byte) next;
        next = next == 250 ? 0 : next + 1;
      }
      at += count;
      return count;
    }
  }

  /** Only roots are of interest. */
  private static final class NoBlocks implements BlockStore {

    @Override
    public boolean has(Cid cid) {
      return false;
    }

    @Override
    public OptionalInt size(Cid cid) {
      return OptionalInt.empty();
    }

    @Override
    public Optional<Block> get(Cid cid) {
      return Optional.empty();
    }

    @Override
    public void put(Block block) {}

    @Override
    public void sync() {}
  }
}
