package io.sluice.protocol.unixfs;

import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Sorts the entries of a directory however many there are: a stretch of them in memory at a time,
 * which goes to a temporary file sorted; at the end all stretches are read side by side. Memory:
 * one stretch, and a small buffer for each in the file.
 */
final class EntrySorter implements AutoCloseable {
  private static final int IN_MEMORY = 1 << 14;
  private static final int READ_AHEAD = 1 << 13;
  private static final int WRITE_BEHIND = 1 << 16;

  private final int inMemory;
  private final List<ShardEntry> unsorted = new ArrayList<>();
  private final List<Stretch> stretches = new ArrayList<>();
  private @Nullable FileChannel file;

  /** Where a sorted stretch lies in the file. */
  private record Stretch(long from, int entries) {}

  /** Entries in order; null at the end. */
  @FunctionalInterface
  interface Sorted {
    @Nullable ShardEntry next() throws IOException;
  }

  EntrySorter() {
    this(IN_MEMORY);
  }

  EntrySorter(int inMemory) {
    this.inMemory = inMemory;
  }

  void add(ShardEntry entry) throws IOException {
    unsorted.add(entry);
    if (unsorted.size() == inMemory) {
      spill();
    }
  }

  /** All of them; nothing is added any more. To be read before this is closed. */
  Sorted sorted() throws IOException {
    unsorted.sort(ShardEntry.ORDER);
    List<Reading> readings = new ArrayList<>();
    int[] next = {0};
    readings.add(new Reading(() -> next[0] < unsorted.size() ? unsorted.get(next[0]++) : null));
    for (Stretch stretch : stretches) {
      readings.add(new Reading(read(stretch)));
    }
    PriorityQueue<Reading> queue =
        new PriorityQueue<>(Comparator.comparing(Reading::first, ShardEntry.ORDER));
    for (Reading reading : readings) {
      if (reading.advance()) {
        queue.add(reading);
      }
    }
    return () -> {
      Reading least = queue.poll();
      if (least == null) {
        return null;
      }
      ShardEntry entry = least.first();
      if (least.advance()) {
        queue.add(least);
      }
      return entry;
    };
  }

  private void spill() throws IOException {
    FileChannel to = file;
    if (to == null) {
      Path path = Files.createTempFile("sluice-entries", null);
      to =
          FileChannel.open(
              path,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              StandardOpenOption.DELETE_ON_CLOSE);
      file = to;
    }
    unsorted.sort(ShardEntry.ORDER);
    long from = to.size();
    to.position(from);
    DataOutputStream out =
        new DataOutputStream(new BufferedOutputStream(Channels.newOutputStream(to), WRITE_BEHIND));
    for (ShardEntry entry : unsorted) {
      write(entry, out);
    }
    out.flush(); // and not closed, since more will follow
    stretches.add(new Stretch(from, unsorted.size()));
    unsorted.clear();
  }

  private static void write(ShardEntry entry, DataOutputStream out) throws IOException {
    out.writeLong(entry.hash());
    writeBytes(entry.name().bytes(), out);
    writeBytes(entry.target().cid().bytes(), out);
    out.writeLong(entry.target().contentBytes());
    out.writeLong(entry.target().dagBytes());
    out.writeLong(entry.target().blocks());
  }

  private static void writeBytes(byte[] bytes, DataOutputStream out) throws IOException {
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private Sorted read(Stretch stretch) {
    DataInputStream in =
        new DataInputStream(new BufferedInputStream(new FileInput(stretch.from()), READ_AHEAD));
    int[] left = {stretch.entries()};
    return () -> left[0]-- > 0 ? read(in) : null;
  }

  private static ShardEntry read(DataInputStream in) throws IOException {
    long hash = in.readLong();
    Node.Text name = Node.Text.ofBytes(in.readNBytes(in.readInt()));
    Cid cid = Cid.read(ByteBuffer.wrap(in.readNBytes(in.readInt())));
    return new ShardEntry(
        hash, name, new Imported(cid, in.readLong(), in.readLong(), in.readLong()));
  }

  @Override
  public void close() throws IOException {
    if (file != null) {
      file.close();
    }
  }

  /** A stretch and its first entry that was not taken yet. */
  private static final class Reading {
    private final Sorted source;
    private @Nullable ShardEntry first;

    Reading(Sorted source) {
      this.source = source;
    }

    boolean advance() throws IOException {
      first = source.next();
      return first != null;
    }

    ShardEntry first() {
      if (first == null) {
        throw new IllegalStateException("nothing is left of a stretch");
      }
      return first;
    }
  }

  /** The file from a place on; stretches are read side by side. */
  private final class FileInput extends InputStream {
    private long at;

    FileInput(long at) {
      this.at = at;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int from, int length) throws IOException {
      FileChannel open = file;
      int read = open == null ? -1 : open.read(ByteBuffer.wrap(into, from, length), at);
      at += Math.max(0, read);
      return read;
    }
  }
}
