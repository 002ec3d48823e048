package io.sluice.node.pullsync.bee;

import io.sluice.protocol.pullsync.bee.Proximity;
import io.sluice.protocol.pullsync.bee.Stamp;
import io.sluice.protocol.retrieval.Bytes32;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;

/**
 * What stands in the file of a reserve: a byte for the kind, then its fields, big-endian. The kinds
 * are stored and never change.
 */
sealed interface ReserveRecord {
  /** The form of all this. */
  int VERSION = 1;

  byte HEAD = 1;
  byte STORED = 2;
  byte GONE = 3;
  byte HIGHEST = 4;
  byte DONE = 5;

  /** Longest record: a head with as many batches as there may be. */
  int MOST_BYTES = 64 << 10;

  /** How many batches fit. */
  int MOST_BATCHES = 1000;

  ByteBuffer encode();

  /**
   * The first record.
   *
   * @param epoch of the numbers
   * @param rules that the rest was kept by
   */
  record Head(long epoch, ReserveRules rules) implements ReserveRecord {
    @Override
    public ByteBuffer encode() {
      Set<Bytes32> sorted = new TreeSet<>(rules.batches());
      ByteBuffer out =
          ByteBuffer.allocate(16 + Bytes32.LENGTH * (1 + sorted.size()))
              .put(HEAD)
              .put((byte) VERSION)
              .putLong(epoch)
              .put(rules.overlay().bytes())
              .put((byte) rules.radius());
      sorted.forEach(each -> out.put(each.bytes()));
      return out.flip();
    }

    private static Head decode(ByteBuffer in) throws IOException {
      int version = in.get();
      if (version != VERSION) {
        throw new IOException("a reserve of version %d, not %d".formatted(version, VERSION));
      }
      long epoch = in.getLong();
      Bytes32 overlay = hash(in);
      int radius = in.get();
      Set<Bytes32> batches = new HashSet<>();
      while (in.hasRemaining()) {
        batches.add(hash(in));
      }
      return new Head(epoch, new ReserveRules(overlay, radius, batches));
    }
  }

  /**
   * A chunk came.
   *
   * @param bin where it lies
   * @param number that it has there
   * @param chunk with its bytes
   */
  record Stored(int bin, long number, StampedChunk chunk) implements ReserveRecord {
    @Override
    public ByteBuffer encode() {
      ByteBuffer data = chunk.data();
      return numbered(STORED, bin, number, Bytes32.LENGTH + Stamp.BYTES + data.remaining())
          .put(chunk.address().bytes())
          .put(chunk.stamp().encode())
          .put(data)
          .flip();
    }

    private static Stored decode(ByteBuffer in) throws IOException {
      int bin = binOf(in);
      long number = in.getLong();
      Bytes32 address = hash(in);
      byte[] stamp = new byte[Stamp.BYTES];
      in.get(stamp);
      return new Stored(bin, number, new StampedChunk(address, in.slice(), Stamp.decode(stamp)));
    }
  }

  /**
   * A chunk is not kept any more.
   *
   * @param bin where it lay
   * @param number that it had there
   */
  record Gone(int bin, long number) implements ReserveRecord {
    @Override
    public ByteBuffer encode() {
      return numbered(GONE, bin, number, 0).flip();
    }
  }

  /**
   * Numbers up to this one were given, whether or not anything has them still.
   *
   * @param bin of the numbers
   * @param number the highest
   */
  record Highest(int bin, long number) implements ReserveRecord {
    @Override
    public ByteBuffer encode() {
      return numbered(HIGHEST, bin, number, 0).flip();
    }
  }

  /**
   * What a neighbour has under these numbers was looked at, and what was wanted of it is here.
   *
   * @param peer the neighbour
   * @param epoch of its numbers; another than before makes void what was known of it
   * @param bin of the numbers
   * @param from first
   * @param to last
   */
  record Done(String peer, long epoch, int bin, long from, long to) implements ReserveRecord {
    @Override
    public ByteBuffer encode() {
      byte[] name = peer.getBytes(StandardCharsets.UTF_8);
      return numbered(DONE, bin, from, 2 * Long.BYTES + name.length)
          .putLong(to)
          .putLong(epoch)
          .put(name)
          .flip();
    }

    private static Done decode(ByteBuffer in) throws IOException {
      int bin = binOf(in);
      long from = in.getLong();
      long to = in.getLong();
      long epoch = in.getLong();
      return new Done(StandardCharsets.UTF_8.decode(in).toString(), epoch, bin, from, to);
    }
  }

  /**
   * Reads a record whose checksum was right.
   *
   * @throws IOException if it is of no kind that is known
   */
  static ReserveRecord decode(ByteBuffer in) throws IOException {
    try {
      byte kind = in.get();
      return switch (kind) {
        case HEAD -> Head.decode(in);
        case STORED -> Stored.decode(in);
        case GONE -> new Gone(binOf(in), in.getLong());
        case HIGHEST -> new Highest(binOf(in), in.getLong());
        case DONE -> Done.decode(in);
        default -> throw new IOException("a record of kind " + kind + " in the reserve");
      };
    } catch (BufferUnderflowException e) {
      throw new IOException("a record of the reserve is too short", e);
    }
  }

  private static ByteBuffer numbered(byte kind, int bin, long number, int more) {
    return ByteBuffer.allocate(2 + Long.BYTES + more).put(kind).put((byte) bin).putLong(number);
  }

  private static int binOf(ByteBuffer in) throws IOException {
    int bin = in.get();
    if (bin < 0 || bin >= Proximity.BINS) {
      throw new IOException("a record of bin " + bin + " in the reserve");
    }
    return bin;
  }

  private static Bytes32 hash(ByteBuffer in) {
    byte[] bytes = new byte[Bytes32.LENGTH];
    in.get(bytes);
    return Bytes32.of(bytes);
  }
}
