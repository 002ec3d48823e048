package io.sluice.dealstore.blocks;

import io.sluice.dealstore.blocks.log.LogFact;
import io.sluice.dealstore.disk.DiskWatch;
import io.sluice.dealstore.disk.SteadyFile;
import io.sluice.protocol.multiformats.Multihash;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of a store at one moment; replaced as a whole when one comes or goes.
 *
 * @param active the one that grows
 * @param all every file in the order in which blocks are looked for: the active one, the other own
 *     files with the newest first, archives served in place
 */
record BlockFiles(ActiveFile active, List<BlockFile> all) {
  private static final Logger log = LoggerFactory.getLogger(BlockFiles.class);

  private static final String SUFFIX = ".car";
  private static final int DIGITS = 8;

  BlockFiles {
    all = List.copyOf(all);
  }

  /** Opens what is in a directory, and begins a file to write to if there is none. */
  static BlockFiles open(Path directory, DiskWatch watch) throws IOException {
    List<BlockFile> opened = new ArrayList<>();
    List<Path> own = list(directory, "[0-9]".repeat(DIGITS) + SUFFIX);
    long last = own.isEmpty() ? 0 : number(own.getLast());
    ActiveFile active = null;
    for (Path path : own) {
      boolean newest = path.equals(own.getLast());
      Optional<BlockFile> file = openOwn(path, watch);
      if (file.isEmpty()) {
        continue;
      }
      if (file.get() instanceof ActiveFile unfinished) {
        if (newest) {
          active = unfinished;
          continue;
        }
        file = Optional.of(unfinished.seal(entry -> true));
      }
      opened.add(file.get());
    }
    if (active == null) {
      active = ActiveFile.create(path(directory, last + 1), watch);
    }
    List<BlockFile> others = new ArrayList<>(opened.reversed());
    others.addAll(openExternals(directory));
    return of(active, others);
  }

  private static BlockFiles of(ActiveFile active, List<BlockFile> others) {
    List<BlockFile> all = new ArrayList<>();
    all.add(active);
    all.addAll(others);
    return new BlockFiles(active, all);
  }

  /** The store's own files from a number on, in the order in which they were filled. */
  List<BlockFile> ownFrom(long number) {
    return all.stream()
        .filter(file -> !(file instanceof ExternalFile) && number(file) >= number)
        .sorted(Comparator.comparingLong(BlockFiles::number))
        .toList();
  }

  /** Archives served in place. */
  List<ExternalFile> archives() {
    return all.stream()
        .filter(ExternalFile.class::isInstance)
        .map(ExternalFile.class::cast)
        .toList();
  }

  /** The number in the name of a file of the store's own. */
  static long number(BlockFile own) {
    return number(own.path());
  }

  /** The place at which the next block will come. */
  LogFact.NumberedUpTo end() {
    return new LogFact.NumberedUpTo(number(active), active.length());
  }

  Path nextPath(Path directory) {
    return path(directory, number(active.path()) + 1);
  }

  boolean holds(BlockFile file) {
    return all.contains(file);
  }

  Optional<BlockFile> named(String name) {
    return all.stream().filter(file -> file.name().equals(name)).findFirst();
  }

  /** The active file was sealed, another one takes its place. */
  BlockFiles rotated(SealedFile sealed, ActiveFile next) {
    List<BlockFile> others = new ArrayList<>(all.subList(1, all.size()));
    others.addFirst(sealed);
    return of(next, others);
  }

  BlockFiles with(BlockFile added) {
    List<BlockFile> others = new ArrayList<>(all.subList(1, all.size()));
    others.add(added);
    return of(active, others);
  }

  BlockFiles without(String name) {
    return of(
        active,
        all.subList(1, all.size()).stream().filter(file -> !file.name().equals(name)).toList());
  }

  /** A name for an archive elsewhere that follows from its path. */
  static String externalName(Path car) {
    byte[] path = car.toString().getBytes(StandardCharsets.UTF_8);
    byte[] digest = Multihash.sha2_256(ByteBuffer.wrap(path)).digest();
    return HexFormat.of().formatHex(digest, 0, 8);
  }

  private static Optional<BlockFile> openOwn(Path path, DiskWatch watch) throws IOException {
    SteadyFile file = SteadyFile.readWrite(path, watch);
    try {
      Optional<SealedFile> sealed = SealedFile.open(file);
      if (sealed.isPresent()) {
        return Optional.of(sealed.get());
      }
      if (ActiveFile.isBegun(file)) {
        ActiveFile.mendHead(file);
      }
      if (!ActiveFile.hasHead(file)) {
        boolean begun = ActiveFile.isBegun(file);
        file.close();
        putAside(path, begun);
        return Optional.empty();
      }
      return Optional.of(ActiveFile.recover(file));
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  /** A file without a readable start: one that was never begun, or a damaged one. */
  private static void putAside(Path path, boolean begun) throws IOException {
    if (begun) {
      log.error("{}: its start is damaged; put aside, its blocks are missing", path);
      Files.move(path, path.resolveSibling(path.getFileName() + ".damaged"));
    } else {
      Files.delete(path);
    }
  }

  private static List<BlockFile> openExternals(Path directory) throws IOException {
    List<BlockFile> opened = new ArrayList<>();
    for (String name : ExternalFile.names(directory)) {
      ExternalFile.open(directory, name).ifPresent(opened::add);
    }
    for (Path lost : ExternalFile.lost(directory, roots -> true)) {
      log.warn(
          "{} is gone or was changed; its blocks are missing until it is imported again", lost);
    }
    return opened;
  }

  private static List<Path> list(Path directory, String pattern) throws IOException {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory, pattern)) {
      stream.forEach(found::add);
    }
    found.sort(Comparator.naturalOrder());
    return found;
  }

  private static Path path(Path directory, long number) {
    String digits = String.valueOf(number);
    return directory.resolve("0".repeat(DIGITS - digits.length()) + digits + SUFFIX);
  }

  private static long number(Path path) {
    String name = String.valueOf(path.getFileName());
    return Long.parseLong(name.substring(0, name.length() - SUFFIX.length()));
  }
}
