package io.sluice.dealstore.blocks;

import io.sluice.dealstore.blocks.DamagedPlaces.FilePlaces;
import io.sluice.protocol.OrderedTasks;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.car.CarEntry;
import io.sluice.protocol.car.CarFile;
import io.sluice.protocol.car.CarIndexBuilder;
import io.sluice.protocol.car.CarLimits;
import io.sluice.protocol.car.CarPayload;
import io.sluice.protocol.car.CarV2Header;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Multihash;
import java.io.EOFException;
import java.io.IOException;
import java.io.Reader;
import java.io.StringWriter;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ExecutorService;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * An archive of somebody else's, served from where it lies. Its index is ours, in parts of bounded
 * size ({@code ext-NAME.0.idx} and so on) beside a description ({@code ext-NAME.properties}), which
 * is written last. The owner may change the file at any time: length and modification time are
 * compared when it is opened, and every block read from it is hashed.
 */
final class ExternalFile implements BlockFile {
  static final String PREFIX = "ext-";
  private static final String SUFFIX = ".properties";

  private static final int PART_ENTRIES = 1 << 18;

  private final String name;
  private final SteadyFile file;
  private final CarPayload payload;
  private final List<Cid> roots;
  private final List<IndexPart> parts;
  private final List<SteadyFile> partFiles;

  private ExternalFile(
      String name, SteadyFile file, List<SteadyFile> partFiles, List<IndexPart> parts)
      throws IOException {
    this.name = name;
    this.file = file;
    this.payload = payload(file);
    this.roots = payload.roots();
    this.partFiles = List.copyOf(partFiles);
    this.parts = List.copyOf(parts);
  }

  /**
   * Hashes every block of an archive and writes the index.
   *
   * @throws ProtocolException {@code BAD_CAR}, {@code BLOCK_HASH_MISMATCH}
   */
  static ExternalFile register(Path directory, String name, Path car, ExecutorService hashing)
      throws IOException {
    Path real = car.toRealPath();
    Properties description;
    try (SteadyFile file = SteadyFile.read(real)) {
      description = describe(real);
      CarPayload payload = payload(file);
      int parts = new Indexing(directory, name, hashing).run(payload);
      description.setProperty("parts", String.valueOf(parts));
      description.setProperty(
          "roots", payload.roots().stream().map(Cid::toString).collect(Collectors.joining(" ")));
    } catch (EOFException e) {
      throw new ProtocolException("BAD_CAR", "cut off: " + e.getMessage(), e);
    }
    StringWriter text = new StringWriter();
    description.store(text, "an archive served in place");
    Directories.replace(
        directory.resolve(PREFIX + name + SUFFIX),
        text.toString().getBytes(StandardCharsets.UTF_8));
    return open(directory, name)
        .orElseThrow(() -> new IOException(real + " changed while it was read"));
  }

  /** Opens a registered archive; empty if it is gone or another one. */
  static Optional<ExternalFile> open(Path directory, String name) throws IOException {
    Properties description = description(directory, name);
    Path path = path(description);
    if (isLost(description)) {
      return Optional.empty();
    }
    List<SteadyFile> files = new ArrayList<>();
    List<IndexPart> parts = new ArrayList<>();
    int count = Integer.parseInt(description.getProperty("parts"));
    for (int i = 0; i < count; i++) {
      SteadyFile part = SteadyFile.read(part(directory, name, i));
      files.add(part);
      parts.add(IndexPart.open(part, 0));
    }
    return Optional.of(new ExternalFile(name, SteadyFile.read(path), files, parts));
  }

  /** Registered archives that are gone or are not what they were; none of the others is opened. */
  static List<Path> lost(Path directory, Predicate<List<Cid>> which) throws IOException {
    List<Path> lost = new ArrayList<>();
    for (String name : names(directory)) {
      Properties description = description(directory, name);
      if (isLost(description) && which.test(roots(description))) {
        lost.add(path(description));
      }
    }
    return lost;
  }

  /** The names of all registered archives. */
  static List<String> names(Path directory) throws IOException {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, PREFIX + "*" + SUFFIX)) {
      for (Path path : found) {
        String file = String.valueOf(path.getFileName());
        names.add(file.substring(PREFIX.length(), file.length() - SUFFIX.length()));
      }
    }
    names.sort(Comparator.naturalOrder());
    return names;
  }

  private static boolean isLost(Properties description) throws IOException {
    Path path = path(description);
    if (!Files.isRegularFile(path)) {
      return true;
    }
    Properties now = describe(path);
    return Stream.of("size", "modified")
        .anyMatch(key -> !description.getProperty(key).equals(now.getProperty(key)));
  }

  private static Path path(Properties description) {
    return Path.of(URI.create(description.getProperty("path")));
  }

  private static List<Cid> roots(Properties description) {
    return Pattern.compile(" ")
        .splitAsStream(description.getProperty("roots"))
        .filter(text -> !text.isEmpty())
        .map(Cid::parse)
        .toList();
  }

  /** Forgets an archive, which itself stays as it is. */
  static void forget(Path directory, String name) throws IOException {
    Files.deleteIfExists(directory.resolve(PREFIX + name + SUFFIX));
    for (int i = 0; Files.deleteIfExists(part(directory, name, i)); i++) {
      // one part after the other
    }
  }

  List<Cid> roots() {
    return roots;
  }

  @Override
  public String name() {
    return PREFIX + name;
  }

  @Override
  public Path path() {
    return file.path();
  }

  @Override
  public long blocks() {
    return parts.stream().mapToLong(IndexPart::size).sum();
  }

  @Override
  public CarPayload payload() {
    return payload;
  }

  @Override
  public Optional<CarEntry> find(Multihash hash, FilePlaces places) throws IOException {
    for (IndexPart part : parts) {
      Optional<CarEntry> entry = part.find(hash, payload, places);
      if (entry.isPresent()) {
        return entry;
      }
    }
    return Optional.empty();
  }

  @Override
  public void close() throws IOException {
    file.close();
    for (SteadyFile part : partFiles) {
      part.close();
    }
  }

  private static CarPayload payload(SteadyFile file) throws IOException {
    Optional<CarV2Header> v2 = CarFile.v2Header(file);
    long start = v2.map(CarV2Header::dataOffset).orElse(0L);
    long length = v2.isPresent() ? v2.get().dataSize() : file.size();
    if (length == 0 || length > file.size() - start) {
      throw new ProtocolException(
          "BAD_CAR", "payload of " + length + " bytes at " + start + " of " + file.size());
    }
    return new CarPayload(file, start, length, CarLimits.DEFAULT);
  }

  private static Properties describe(Path path) throws IOException {
    Properties description = new Properties();
    description.setProperty("format", "2");
    description.setProperty("path", path.toUri().toString());
    description.setProperty("size", String.valueOf(Files.size(path)));
    description.setProperty("modified", Files.getLastModifiedTime(path).toString());
    return description;
  }

  private static Properties description(Path directory, String name) throws IOException {
    Properties description = new Properties();
    try (Reader in = Files.newBufferedReader(directory.resolve(PREFIX + name + SUFFIX))) {
      description.load(in);
    }
    for (String key : List.of("path", "size", "modified", "parts", "roots")) {
      if (description.getProperty(key) == null) {
        throw new IOException(directory.resolve(PREFIX + name + SUFFIX) + " lacks " + key);
      }
    }
    return description;
  }

  private static Path part(Path directory, String name, int number) {
    return directory.resolve(PREFIX + name + "." + number + ".idx");
  }

  /** The pass over an archive when it is registered. */
  private static final class Indexing {
    private final Path directory;
    private final String name;
    private final ExecutorService hashing;
    private CarIndexBuilder builder = new CarIndexBuilder();
    private int parts;

    Indexing(Path directory, String name, ExecutorService hashing) {
      this.directory = directory;
      this.name = name;
      this.hashing = hashing;
    }

    int run(CarPayload payload) throws IOException {
      payload.roots();
      try (OrderedTasks<CarEntry> checks =
          new OrderedTasks<>(hashing, Rehash.UNDER_WAY, this::checked)) {
        Optional<CarEntry> next = payload.entryAt(payload.firstSection());
        while (next.isPresent()) {
          CarEntry entry = next.get();
          checks.submit(
              () -> {
                ByteBuffer data = payload.data(entry);
                Block.verified(entry.cid(), data);
                return entry;
              });
          next = payload.entryAt(entry.next());
        }
        checks.finish();
      }
      if (builder.size() > 0) {
        flush();
      }
      return parts;
    }

    private void checked(CarEntry entry) throws IOException {
      if (!entry.cid().isIdentity()) {
        builder.add(entry.cid().hash(), entry.offset());
      }
      if (builder.size() == PART_ENTRIES) {
        flush();
      }
    }

    private void flush() throws IOException {
      Path path = part(directory, name, parts++);
      Files.deleteIfExists(path);
      try (SteadyFile file = SteadyFile.create(path, WriteHook.NONE)) {
        SealedFile.writeIndex(file, 0, builder);
        file.force();
      }
      builder = new CarIndexBuilder();
    }
  }
}
