package io.sluice.dealstore.blocks;

import io.sluice.dealstore.disk.Directories;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.car.CarEntry;
import io.sluice.protocol.multiformats.Multihash;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Places at which a block was found damaged: they count as empty, so that the block can be fetched
 * and written anew. Kept in a text file, a line a place; nearly always there is none.
 *
 * <p>The file only spares finding the damage again: a line that cannot be read, or that names a
 * block which does not lie there, means nothing, and a file that cannot be written is not missed.
 */
final class DamagedPlaces {
  private static final Logger log = LoggerFactory.getLogger(DamagedPlaces.class);

  private static final String FILE = "damaged";
  private static final Pattern LINE = Pattern.compile("(.+)@(\\d{1,18}) ((?:[0-9a-f]{2})+)");

  private final Path file;
  private final Set<DamagedPlace> places = ConcurrentHashMap.newKeySet();

  /** A block that should lie there, and does not. */
  private record DamagedPlace(String file, long offset, Multihash hash) {
    static Optional<DamagedPlace> of(String line) {
      Matcher parts = LINE.matcher(line);
      if (!parts.matches()) {
        return Optional.empty();
      }
      try {
        return Optional.of(
            new DamagedPlace(
                parts.group(1),
                Long.parseLong(parts.group(2)),
                Multihash.of(HexFormat.of().parseHex(parts.group(3)))));
      } catch (ProtocolException e) {
        return Optional.empty();
      }
    }

    String line() {
      return file + "@" + offset + " " + hash;
    }
  }

  /** The places of one file. */
  record FilePlaces(DamagedPlaces damaged, BlockFile file) {
    /** Whether nothing is known against a block. */
    boolean sound(CarEntry entry) {
      return damaged.places.isEmpty()
          || !damaged.places.contains(place(entry.offset(), entry.cid().hash()));
    }

    /** What lies at an offset is not the block that should. */
    void damage(long offset, Multihash hash, String found) {
      damaged.add(place(offset, hash), file.path(), found);
    }

    private DamagedPlace place(long offset, Multihash hash) {
      return new DamagedPlace(file.name(), offset, hash);
    }
  }

  private DamagedPlaces(Path file) {
    this.file = file;
  }

  static DamagedPlaces open(Path directory) throws IOException {
    DamagedPlaces damaged = new DamagedPlaces(directory.resolve(FILE));
    if (Files.exists(damaged.file)) {
      String text = new String(Files.readAllBytes(damaged.file), StandardCharsets.UTF_8);
      text.lines().map(DamagedPlace::of).flatMap(Optional::stream).forEach(damaged.places::add);
    }
    return damaged;
  }

  FilePlaces in(BlockFile file) {
    return new FilePlaces(this, file);
  }

  /** The hashes of all blocks that were found damaged somewhere. */
  Stream<Multihash> hashes() {
    return places.stream().map(DamagedPlace::hash).distinct();
  }

  /** The file is gone, or was rewritten. */
  void forget(BlockFile gone) {
    if (places.removeIf(place -> place.file().equals(gone.name()))) {
      save();
    }
  }

  /** Said once a place and start: whoever reads it again finds nothing there. */
  private void add(DamagedPlace place, Path in, String found) {
    if (places.add(place)) {
      log.error(
          "{}: the block {} at byte {} is damaged and counts as absent: {}",
          in,
          place.hash(),
          place.offset(),
          found);
      save();
    }
  }

  private synchronized void save() {
    String text =
        places.stream().map(DamagedPlace::line).sorted().collect(Collectors.joining("\n"));
    try {
      Directories.replace(file, text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      log.warn("{} cannot be written; its damage will be found anew: {}", file, e.toString());
    }
  }
}
