package io.sluice.dealstore.blocks.log;

import java.util.Map;
import java.util.TreeMap;

/**
 * Which blocks of a store are numbered: those of its own files up to a place, and those of some
 * archives served in place.
 *
 * @param upTo where in the store's own files
 * @param archives the stamp of each numbered archive by its name
 */
public record NumberedPlaces(LogFact.NumberedUpTo upTo, Map<String, String> archives) {
  static final NumberedPlaces NONE = new NumberedPlaces(new LogFact.NumberedUpTo(0, 0), Map.of());

  /** Copies the archives. */
  public NumberedPlaces {
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
  NumberedPlaces within(LogFact.NumberedUpTo end) {
    boolean beyond =
        upTo.file() > end.file() || (upTo.file() == end.file() && upTo.offset() > end.offset());
    return beyond ? after(end) : this;
  }

  /**
   * Whether an archive is numbered as it is now.
   *
   * @param stamp of the archive as it is
   */
  public boolean has(String archive, String stamp) {
    return stamp.equals(archives.get(archive));
  }
}
