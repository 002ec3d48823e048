package io.sluice.dealstore.blocks;

import java.util.Map;
import java.util.TreeMap;

/**
 * Which blocks of a store are numbered: those of its own files up to a place, and those of some
 * archives served in place.
 *
 * @param upTo where in the store's own files
 * @param archives the stamp of each numbered archive by its name
 */
record NumberedPlaces(LogFact.NumberedUpTo upTo, Map<String, String> archives) {
  static final NumberedPlaces NONE = new NumberedPlaces(new LogFact.NumberedUpTo(0, 0), Map.of());

  NumberedPlaces {
    archives = Map.copyOf(archives);
  }

  /** With what a fact says. */
  NumberedPlaces after(LogFact fact) {
    return switch (fact) {
      case LogFact.Numbered entry -> this;
      case LogFact.NumberedUpTo place -> new NumberedPlaces(place, archives);
      case LogFact.ArchiveNumbered archive -> {
        Map<String, String> more = new TreeMap<>(archives);
        more.put(archive.name(), archive.stamp());
        yield new NumberedPlaces(upTo, more);
      }
      case LogFact.ArchiveGone archive -> {
        Map<String, String> fewer = new TreeMap<>(archives);
        fewer.remove(archive.name());
        yield new NumberedPlaces(upTo, fewer);
      }
    };
  }

  /**
   * The same, but not behind the end of what there is: whoever took blocks away from there may put
   * others in their place.
   */
  NumberedPlaces within(BlockFiles files) {
    LogFact.NumberedUpTo end = end(files);
    boolean beyond =
        upTo.file() > end.file() || (upTo.file() == end.file() && upTo.offset() > end.offset());
    return beyond ? after(end) : this;
  }

  /** The place at which the next block will come. */
  static LogFact.NumberedUpTo end(BlockFiles files) {
    return new LogFact.NumberedUpTo(BlockFiles.number(files.active()), files.active().length());
  }

  /** Whether an archive is numbered as it is now. */
  boolean has(ExternalFile archive) {
    return archive.stamp().equals(archives.get(archive.name()));
  }
}
