package io.sluice.protocol.car;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.TestJson;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Codec;
import io.sluice.protocol.multiformats.Multihash;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Archives of ipld/ipld and ipld/go-car; see NOTICE beside them. */
class CarVectorsTest {

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"carv1-basic", "carv2-basic"})
  void givenSpecArchive_whenRead_thenSectionsAsDescribed(String name) throws IOException {
    Map<String, Object> described = TestJson.read(CarVectorsTest.class, name + ".json");
    long payload = name.startsWith("carv2") ? dataOffset(name + ".car") : 0;

    CarReader reader =
        CarReader.open(Channels.newChannel(stream(name + ".car")), CarLimits.DEFAULT);

    for (Object item : (List<?>) described.get("blocks")) {
      Map<String, Object> block = TestJson.map(item);
      CarSection section = reader.next().orElseThrow();
      Cid cid = Cid.parse((String) TestJson.map(block.get("cid")).get("/"));
      assertEquals(cid, section.verified().cid());
      assertEquals(number(block, "offset"), payload + section.offset());
      assertEquals(number(block, "blockLength"), section.data().remaining());
    }
    assertTrue(reader.next().isEmpty());
    assertEquals(name.startsWith("carv2") ? 2 : 1, reader.version());
  }

  @Test
  void givenSample_whenRead_thenAllBlocksVerify() throws IOException {
    List<CarSection> v1 = sections("sample-v1.car", CarLimits.DEFAULT);
    List<CarSection> v2 = sections("sample-wrapped-v2.car", CarLimits.DEFAULT);

    assertEquals(1049, v1.size());
    assertEquals(v1, v2);
    v1.forEach(CarSection::verified);
    assertEquals(6, v1.stream().filter(section -> section.cid().isIdentity()).count());
  }

  @ParameterizedTest
  @ValueSource(strings = {"sample-rw-bs-v2.car", "sample-unixfs-v2.car", "simple-unixfs.car"})
  void givenSmallArchives_whenReadBothWays_thenTheSame(String name) throws IOException {
    Path path = file(name);
    try (CarFile archive = CarFile.open(path, CarLimits.DEFAULT)) {
      List<CarSection> streamed = sections(name, CarLimits.DEFAULT);
      List<CarSection> read = new ArrayList<>();
      Optional<CarEntry> next = archive.payload().entryAt(archive.payload().firstSection());
      while (next.isPresent()) {
        CarEntry entry = next.get();
        read.add(new CarSection(entry.offset(), entry.cid(), archive.payload().data(entry)));
        next = archive.payload().entryAt(entry.next());
      }
      assertFalse(streamed.isEmpty());
      assertEquals(streamed, read);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "badheaderlength.car",
        "badsectionlength.car",
        "sample-corrupt-pragma.car",
        "sample-rootless-v42.car",
        "sample-v1-tailing-corrupt-section.car",
        "sample-v2-corrupt-data-and-index.car"
      })
  void givenCorruptArchive_whenRead_thenRefused(String name) throws IOException {
    ProtocolException refused =
        assertThrows(ProtocolException.class, () -> sections(name, CarLimits.DEFAULT));

    assertEquals("BAD_CAR", refused.code());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 63, 65_536, 1_000_000})
  void givenZerosBehindTheLastSection_thenTheyArePadding_andNothingElseIs(int zeros)
      throws IOException {
    byte[] archive = bytes("carv1-basic.car");
    byte[] padded = Arrays.copyOf(archive, archive.length + zeros);
    byte[] more = Arrays.copyOf(padded, padded.length + 1);
    more[more.length - 1] = 1;

    int count = sections(archive, CarLimits.DEFAULT).size();
    assertEquals(count, sections(padded, CarLimits.DEFAULT).size());
    assertEquals(count, entries(padded, CarLimits.DEFAULT));
    assertRefused(() -> sections(more, CarLimits.DEFAULT));
    assertRefused(() -> entries(more, CarLimits.DEFAULT));
    CarLimits strict = new CarLimits(1 << 20, 16, 1 << 20, false);
    assertRefused(() -> sections(padded, strict));
    assertRefused(() -> entries(padded, strict));
  }

  @Test
  void givenZeroLengthSectionAtTheEnd_whenRead_thenPadding() throws IOException {
    assertFalse(sections("sample-v1-with-zero-len-section2.car", CarLimits.DEFAULT).isEmpty());
  }

  private static int entries(byte[] archive, CarLimits limits) throws IOException {
    CarPayload payload =
        new CarPayload(ByteSource.of(ByteBuffer.wrap(archive)), 0, archive.length, limits);
    int count = 0;
    Optional<CarEntry> next = payload.entryAt(payload.firstSection());
    for (; next.isPresent(); count++) {
      next = payload.entryAt(next.get().dataOffset() + next.get().dataLength());
    }
    return count;
  }

  private static void assertRefused(Executable reading) {
    assertEquals("BAD_CAR", assertThrows(ProtocolException.class, reading).code());
  }

  @Test
  void givenManyRoots_thenAllOfThem() throws IOException {
    List<Cid> roots = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      roots.add(Cid.sha2_256(Codec.RAW, ByteBuffer.wrap(new byte[] {(byte) i, (byte) (i >> 8)})));
    }
    byte[] header = CarHeader.encode(roots).array();

    try (CarReader reader =
        CarReader.open(Channels.newChannel(new ByteArrayInputStream(header)), CarLimits.DEFAULT)) {
      assertEquals(roots, reader.roots());
    }
  }

  // ---- indexes

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sample-index.carindex",
        "sample-multihash-index-sorted.carindex",
        "sample-wrapped-v2.car"
      })
  void givenIndex_whenAsked_thenEveryBlockIsFound(String name) throws IOException {
    ByteSource source = ByteSource.of(ByteBuffer.wrap(bytes(name)));
    long at = CarFile.v2Header(source).map(CarV2Header::indexOffset).orElse(0L);
    CarIndex index = CarIndex.open(source, at);

    List<CarSection> sections = sections("sample-v1.car", CarLimits.DEFAULT);

    int found = 0;
    for (CarSection section : sections) {
      if (!section.cid().isIdentity()) {
        assertEquals(section.offset(), index.find(section.cid().hash()).orElseThrow());
        found++;
      }
    }
    assertEquals(1043, found);
    assertTrue(index.find(Multihash.sha2_256(ByteBuffer.allocate(3))).isEmpty());
  }

  @Test
  void givenSampleBlocks_whenIndexed_thenTheSameBytesAsGoCar() throws IOException {
    CarIndexBuilder all = new CarIndexBuilder();
    CarIndexBuilder noIdentity = new CarIndexBuilder();
    for (CarSection section : sections("sample-v1.car", CarLimits.DEFAULT)) {
      all.add(section.cid().hash(), section.offset());
      if (!section.cid().isIdentity()) {
        noIdentity.add(section.cid().hash(), section.offset());
      }
    }

    assertEquals(
        ByteBuffer.wrap(bytes("sample-index.carindex")), written(all, CarIndexFormat.SORTED));
    assertEquals(
        ByteBuffer.wrap(bytes("sample-multihash-index-sorted.carindex")),
        written(noIdentity, CarIndexFormat.MULTIHASH_SORTED));
  }

  @ParameterizedTest
  @EnumSource(CarIndexFormat.class)
  void givenSampleBlocks_whenWrittenAsV2_thenReadBackByIndex(CarIndexFormat format)
      throws IOException {
    List<CarSection> sections = sections("sample-v1.car", CarLimits.DEFAULT);
    Path path = directory.resolve("written.car");
    FileChannel out =
        FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    Cid root = sections.getFirst().cid();
    try (CarWriter writer = CarWriter.v2(out, List.of(root), Optional.of(format))) {
      for (CarSection section : sections) {
        writer.write(section.verified());
      }
    }

    try (CarFile archive = CarFile.open(path, CarLimits.DEFAULT)) {
      assertEquals(List.of(root), archive.roots());
      CarIndex index = archive.index().orElseThrow();
      for (CarSection section : sections) {
        if (!section.cid().isIdentity()) {
          long offset = index.find(section.cid().hash()).orElseThrow();
          CarEntry entry = archive.payload().entryAt(offset).orElseThrow();
          assertEquals(section.verified(), archive.payload().block(entry));
        }
      }
    }
  }

  @Test
  void givenSampleBlocks_whenWrittenAsV2WithoutIndex_thenThePayloadIsAll() throws IOException {
    Path path = directory.resolve("written.car");
    Block block = sections("sample-v1.car", CarLimits.DEFAULT).getFirst().verified();
    FileChannel out =
        FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    try (CarWriter writer = CarWriter.v2(out, List.of(block.cid()), Optional.empty())) {
      writer.write(block);
      writer.end(); // closing writes nothing again
    }

    try (CarFile archive = CarFile.open(path, CarLimits.DEFAULT)) {
      assertEquals(Optional.empty(), archive.index());
      assertEquals(List.of(block.cid()), archive.roots());
      CarV2Header header =
          CarFile.v2Header(ByteSource.of(ByteBuffer.wrap(Files.readAllBytes(path)))).orElseThrow();
      assertEquals(Files.size(path), header.dataEnd());
    }
  }

  @Test
  void givenSampleArchive_whenCopied_thenTheSameBytes() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (CarReader reader =
            CarReader.open(Channels.newChannel(stream("sample-v1.car")), CarLimits.DEFAULT);
        CarWriter writer = CarWriter.v1(Channels.newChannel(out), reader.roots())) {
      Optional<CarSection> next = reader.next();
      while (next.isPresent()) {
        Block block = next.get().verified();
        assertEquals(next.get().offset(), writer.write(block));
        next = reader.next();
      }
    }

    assertEquals(ByteBuffer.wrap(bytes("sample-v1.car")), ByteBuffer.wrap(out.toByteArray()));
  }

  static List<CarSection> sections(String name, CarLimits limits) throws IOException {
    return sections(bytes(name), limits);
  }

  static List<CarSection> sections(byte[] archive, CarLimits limits) throws IOException {
    List<CarSection> sections = new ArrayList<>();
    try (CarReader reader =
        CarReader.open(Channels.newChannel(new ByteArrayInputStream(archive)), limits)) {
      Optional<CarSection> next = reader.next();
      while (next.isPresent()) {
        sections.add(next.get());
        next = reader.next();
      }
    }
    return sections;
  }

  static byte[] bytes(String name) {
    return TestJson.resource(CarVectorsTest.class, name);
  }

  private static ByteArrayInputStream stream(String name) {
    return new ByteArrayInputStream(bytes(name));
  }

  private Path file(String name) throws IOException {
    return Files.write(directory.resolve(name), bytes(name));
  }

  private static long dataOffset(String name) throws IOException {
    return CarFile.v2Header(ByteSource.of(ByteBuffer.wrap(bytes(name)))).orElseThrow().dataOffset();
  }

  private static long number(Map<String, Object> map, String key) {
    return ((Number) map.get(key)).longValue();
  }

  private static ByteBuffer written(CarIndexBuilder index, CarIndexFormat format)
      throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    index.write(format, Channels.newChannel(out));
    return ByteBuffer.wrap(out.toByteArray());
  }
}
