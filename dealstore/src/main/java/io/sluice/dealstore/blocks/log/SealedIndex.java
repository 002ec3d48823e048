package io.sluice.dealstore.blocks.log;

import io.sluice.dealstore.blocks.index.DigestFilter;
import io.sluice.dealstore.blocks.index.TailIndex;
import io.sluice.dealstore.disk.Directories;
import io.sluice.dealstore.disk.DiskWatch;
import io.sluice.dealstore.disk.SteadyFile;
import io.sluice.protocol.multiformats.Multihash;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Where things are in a sealed segment, in a file beside it: positions and a filter, which are kept
 * in memory, and the first eight digest bytes of every block with its number, sorted, which stay on
 * the disk. It says nothing that the segment does not, so one that is lost or damaged is made anew.
 */
final class SealedIndex implements HashIndex {
  private static final long MAGIC = 0x736c_7569_6365_0004L;
  private static final int FIXED = 2 * Long.BYTES + 4 * Integer.BYTES;
  private static final int PAIR = 2 * Long.BYTES;

  private final SteadyFile file;
  private final FramePositions positions;
  private static final long[] NONE = {};

  private final DigestFilter filter;
  private final long heads;
  private final int count;
  private final boolean repeats;

  private SealedIndex(
      SteadyFile file,
      FramePositions positions,
      DigestFilter filter,
      long heads,
      int count,
      boolean repeats) {
    this.file = file;
    this.positions = positions;
    this.filter = filter;
    this.heads = heads;
    this.count = count;
    this.repeats = repeats;
  }

  /** A hash and its number. */
  record Place(Multihash hash, long number) {}

  /**
   * Writes an index.
   *
   * @param segmentChecksum of the segment that it is about
   */
  static void write(
      Path path,
      long segmentChecksum,
      FramePositions positions,
      List<Place> places,
      DiskWatch watch)
      throws IOException {
    DigestFilter filter = new DigestFilter(places.size());
    places.forEach(place -> filter.add(place.hash().digest()));
    long[] words = filter.words();
    int size =
        FIXED
            + positions.size() * PAIR
            + words.length * Long.BYTES
            + places.size() * PAIR
            + Integer.BYTES;
    ByteBuffer out = ByteBuffer.allocate(size).putLong(MAGIC).putLong(segmentChecksum);
    List<long[]> sorted = new ArrayList<>();
    for (Place place : places) {
      sorted.add(new long[] {TailIndex.head(place.hash().digest()), place.number()});
    }
    sorted.sort(Comparator.<long[]>comparingLong(it -> it[0]).thenComparingLong(it -> it[1]));
    out.putInt(positions.size()).putInt(words.length).putInt(places.size());
    out.putInt(repeats(sorted) ? 1 : 0);
    for (int i = 0; i < positions.size(); i++) {
      out.putLong(positions.number(i)).putLong(positions.offset(i));
    }
    for (long word : words) {
      out.putLong(word);
    }
    sorted.forEach(pair -> out.putLong(pair[0]).putLong(pair[1]));
    out.putInt(checksum(out.duplicate().flip()));
    Directories.replace(path, watch, stream -> stream.write(out.array()));
  }

  private static boolean repeats(List<long[]> sorted) {
    for (int i = 1; i < sorted.size(); i++) {
      if (sorted.get(i - 1)[0] == sorted.get(i)[0]) {
        return true;
      }
    }
    return false;
  }

  /** Opens an index; empty if there is none, or none of this segment, or it is damaged. */
  static Optional<SealedIndex> open(Path path, long segmentChecksum) throws IOException {
    if (!Files.exists(path)) {
      return Optional.empty();
    }
    ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(path));
    int checked = in.limit() - Integer.BYTES;
    if (checked < FIXED
        || in.getInt(checked) != checksum(in.slice(0, checked))
        || in.getLong() != MAGIC
        || in.getLong() != segmentChecksum) {
      return Optional.empty();
    }
    int frames = in.getInt();
    int words = in.getInt();
    int count = in.getInt();
    boolean repeats = in.getInt() != 0;
    long[] numbers = new long[frames];
    long[] offsets = new long[frames];
    for (int i = 0; i < frames; i++) {
      numbers[i] = in.getLong();
      offsets[i] = in.getLong();
    }
    long[] bits = new long[words];
    for (int i = 0; i < words; i++) {
      bits[i] = in.getLong();
    }
    return Optional.of(
        new SealedIndex(
            SteadyFile.read(path),
            new FramePositions(numbers, offsets, frames),
            DigestFilter.of(bits),
            in.position(),
            count,
            repeats));
  }

  FramePositions positions() {
    return positions;
  }

  @Override
  public boolean repeats() {
    return repeats;
  }

  @Override
  public long[] numbers(Multihash hash) throws IOException {
    if (!filter.mayHold(hash.digest())) {
      return NONE;
    }
    long head = TailIndex.head(hash.digest());
    int from = lowest(head);
    long[] found = NONE;
    ByteBuffer pair = ByteBuffer.allocate(PAIR);
    for (int at = from; at < count; at++) {
      read(at, pair);
      if (pair.getLong(0) != head) {
        break;
      }
      found = Arrays.copyOf(found, found.length + 1);
      found[found.length - 1] = pair.getLong(Long.BYTES);
    }
    return found;
  }

  /** The first pair whose head is not below. */
  private int lowest(long head) throws IOException {
    ByteBuffer pair = ByteBuffer.allocate(PAIR);
    int low = 0;
    int high = count;
    while (low < high) {
      int middle = (low + high) >>> 1;
      read(middle, pair);
      if (pair.getLong(0) < head) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private void read(int at, ByteBuffer pair) throws IOException {
    file.readFully(pair.clear(), heads + (long) at * PAIR);
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  private static int checksum(ByteBuffer bytes) {
    CRC32C checksum = new CRC32C();
    checksum.update(bytes);
    return (int) checksum.getValue();
  }
}
