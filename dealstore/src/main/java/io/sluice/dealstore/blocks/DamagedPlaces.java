package io.sluice.dealstore.blocks;

import io.sluice.protocol.car.CarEntry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * Places at which a block was found damaged: they count as empty, so that the block can be fetched
 * and written anew. Kept in a text file, a line a place; nearly always there is none.
 */
final class DamagedPlaces {
  private static final String FILE = "damaged";

  private final Path file;
  private final Set<String> places = ConcurrentHashMap.newKeySet();

  private DamagedPlaces(Path file) {
    this.file = file;
  }

  static DamagedPlaces open(Path directory) throws IOException {
    DamagedPlaces damaged = new DamagedPlaces(directory.resolve(FILE));
    if (Files.exists(damaged.file)) {
      damaged.places.addAll(Files.readAllLines(damaged.file));
    }
    return damaged;
  }

  Predicate<CarEntry> soundIn(BlockFile file) {
    return entry -> places.isEmpty() || !places.contains(place(file, entry));
  }

  void add(BlockFile in, CarEntry entry) throws IOException {
    if (places.add(place(in, entry))) {
      save();
    }
  }

  /** The file is gone, or was rewritten. */
  void forget(BlockFile gone) throws IOException {
    if (places.removeIf(place -> place.startsWith(gone.name() + "@"))) {
      save();
    }
  }

  private synchronized void save() throws IOException {
    String text = String.join("\n", places.stream().sorted().toList());
    Directories.replace(file, text.getBytes(StandardCharsets.UTF_8));
  }

  private static String place(BlockFile file, CarEntry entry) {
    return file.name() + "@" + entry.offset();
  }
}
