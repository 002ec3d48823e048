package io.sluice.dealstore.blocks;

import io.sluice.dealstore.blocks.DamagedPlaces.FilePlaces;
import io.sluice.dealstore.disk.Directories;
import io.sluice.dealstore.disk.DiskWatch;
import io.sluice.dealstore.disk.SteadyFile;
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
import java.io.StringReader;
import java.io.StringWriter;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ExecutorService;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An archive of somebody else's, served from where it lies. Its index is ours, in parts of bounded
 * size ({@code ext-NAME.0.idx} and so on) beside a description ({@code ext-NAME.properties}), which
 * is written last. The owner may change the file at any time: length and modification time are
 * compared when it is opened, and every block read from it is hashed.
 */
final class ExternalFile implements BlockFile {
  static final String PREFIX = "ext-";
  private static final Logger log = LoggerFactory.getLogger(ExternalFile.class);
  private static final String SUFFIX = ".properties";

  private static final int PART_ENTRIES = 1 << 18;

  private final String name;
  private final String stamp;
  private final SteadyFile file;
  private final CarPayload payload;
  private final List<Cid> roots;
  private final List<IndexPart> parts;
  private final List<SteadyFile> partFiles;

  private ExternalFile(
      String name, String stamp, SteadyFile file, List<SteadyFile> partFiles, List<IndexPart> parts)
      throws IOException {
    this.name = name;
    this.stamp = stamp;
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
      List<String> parts = new Indexing(directory, name, hashing).run(payload);
      description.setProperty("parts", String.join(" ", parts));
      description.setProperty(
          "roots", payload.roots().stream().map(Cid::toString).collect(Collectors.joining(" ")));
    } catch (EOFException e) {
      throw new ProtocolException("BAD_CAR", "cut off: " + e.getMessage(), e);
    }
    description.setProperty("checksum", checksum(description));
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
    Optional<Properties> description = description(directory, name);
    if (description.isEmpty() || isLost(description.get())) {
      return Optional.empty();
    }
    Path path = path(description.get());
    List<SteadyFile> files = new ArrayList<>();
    List<IndexPart> parts = new ArrayList<>();
    try {
      for (String checksum : words(description.get(), "parts")) {
        Path part = part(directory, name, parts.size());
        if (!checksum(part).equals(checksum)) {
          throw new ProtocolException("BAD_CAR", part + " is not what was written");
        }
        files.add(SteadyFile.read(part));
        parts.add(IndexPart.open(files.getLast(), 0));
      }
      return Optional.of(
          new ExternalFile(
              name,
              description.get().getProperty("checksum"),
              SteadyFile.read(path),
              files,
              parts));
    } catch (ProtocolException | NoSuchFileException e) {
      log.error("the index of {} is damaged; import it in place again: {}", path, e.getMessage());
      for (SteadyFile part : files) {
        part.close();
      }
      return Optional.empty();
    }
  }

  private static String checksum(Path part) throws IOException {
    try (SteadyFile file = SteadyFile.read(part)) {
      return checksum(file);
    }
  }

  private static String checksum(SteadyFile part) throws IOException {
    return Integer.toHexString(part.checksum(0, part.size()));
  }

  /** Over all that the description says. */
  private static String checksum(Properties description) {
    CRC32C checksum = new CRC32C();
    description.stringPropertyNames().stream()
        .filter(key -> !key.equals("checksum"))
        .sorted()
        .map(key -> key + "=" + description.getProperty(key) + "\n")
        .forEach(line -> checksum.update(line.getBytes(StandardCharsets.UTF_8)));
    return Long.toHexString(checksum.getValue());
  }

  /** Registered archives that are gone or are not what they were; none of the others is opened. */
  static List<Path> lost(Path directory, Predicate<List<Cid>> which) throws IOException {
    List<Path> lost = new ArrayList<>();
    for (String name : names(directory)) {
      description(directory, name)
          .filter(it -> isLost(it) && which.test(roots(it)))
          .ifPresent(it -> lost.add(path(it)));
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

  private static boolean isLost(Properties description) {
    Properties now;
    try {
      now = describe(path(description));
    } catch (IOException e) {
      return true;
    }
    return Stream.of("size", "modified")
        .anyMatch(key -> !description.getProperty(key).equals(now.getProperty(key)));
  }

  private static Path path(Properties description) {
    return Path.of(URI.create(description.getProperty("path")));
  }

  private static List<Cid> roots(Properties description) {
    return words(description, "roots").stream().map(Cid::parse).toList();
  }

  private static List<String> words(Properties description, String key) {
    return description.getProperty(key).lines().flatMap(it -> Stream.of(it.split(" "))).toList();
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

  /** Another one when the archive is another, though its path is the same. */
  String stamp() {
    return stamp;
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
    description.setProperty("format", "3");
    description.setProperty("path", path.toUri().toString());
    description.setProperty("size", String.valueOf(Files.size(path)));
    description.setProperty("modified", Files.getLastModifiedTime(path).toString());
    return description;
  }

  /** What was noted of an archive; empty, and said so, if that is damaged. */
  private static Optional<Properties> description(Path directory, String name) throws IOException {
    Path file = directory.resolve(PREFIX + name + SUFFIX);
    Properties description = new Properties();
    try {
      description.load(new StringReader(Files.readString(file, StandardCharsets.ISO_8859_1)));
    } catch (IllegalArgumentException e) {
      description.clear();
    }
    if (!checksum(description).equals(description.getProperty("checksum"))) {
      log.error("{} is damaged; import what was served in place again", file);
      return Optional.empty();
    }
    return Optional.of(description);
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
    private final List<String> parts = new ArrayList<>();

    Indexing(Path directory, String name, ExecutorService hashing) {
      this.directory = directory;
      this.name = name;
      this.hashing = hashing;
    }

    List<String> run(CarPayload payload) throws IOException {
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
      Path path = part(directory, name, parts.size());
      Files.deleteIfExists(path);
      try (SteadyFile file = SteadyFile.create(path, DiskWatch.NONE)) {
        SealedFile.writeIndex(file, 0, builder);
        file.force();
        parts.add(checksum(file));
      }
      builder = new CarIndexBuilder();
    }
  }
}
