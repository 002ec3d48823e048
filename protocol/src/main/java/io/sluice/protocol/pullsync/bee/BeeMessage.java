package io.sluice.protocol.pullsync.bee;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.multiformats.Varint;
import io.sluice.protocol.protobuf.ProtobufReader;
import io.sluice.protocol.protobuf.ProtobufReader.Dialect;
import io.sluice.protocol.protobuf.ProtobufWriter;
import io.sluice.protocol.retrieval.Bytes32;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.OptionalLong;

/**
 * The messages of pullsync: which one comes next follows from the stream and its version, none says
 * what it is. What a message has beyond its fields is passed over; decoders throw {@link
 * ProtocolException} and nothing else.
 *
 * <p>Spec: bee v1.0.0 and v2.8.1, {@code pkg/pullsync/pb}.
 */
public sealed interface BeeMessage {
  /** The fields, without the length before them. */
  ProtobufWriter fields();

  /** The first message each way of every stream: it says nothing that is needed here. */
  record Headers() implements BeeMessage {
    /** Reads one: what it has is for whoever follows requests through many nodes. */
    public static Headers decode(ByteBuffer fields) {
      passOver(fields);
      return new Headers();
    }

    @Override
    public ProtobufWriter fields() {
      return new ProtobufWriter();
    }
  }

  /** Asks for the highest number of each bin. */
  record Syn() implements BeeMessage {
    /** Reads one. */
    public static Syn decode(ByteBuffer fields) {
      passOver(fields);
      return new Syn();
    }

    @Override
    public ProtobufWriter fields() {
      return new ProtobufWriter();
    }
  }

  /**
   * The highest number of each bin.
   *
   * @param cursors one for each bin, without a sign; 0 for an empty bin
   * @param epoch when the numbering began; of 1.4.0 only
   */
  record Ack(List<Long> cursors, OptionalLong epoch) implements BeeMessage {
    /** Copies what it is given. */
    public Ack {
      cursors = List.copyOf(cursors);
    }

    /**
     * Reads one.
     *
     * @throws ProtocolException also unless there is a cursor for each bin
     */
    public static Ack decode(ByteBuffer fields) {
      ProtobufReader in = reader(fields);
      List<Long> cursors = new ArrayList<>();
      OptionalLong epoch = OptionalLong.empty();
      while (in.next()) {
        switch (in.field()) {
          case 1 -> cursors.addAll(in.numbers());
          case 2 -> epoch = OptionalLong.of(in.number());
          default -> in.skip();
        }
        if (cursors.size() > Proximity.BINS) {
          break;
        }
      }
      if (cursors.size() != Proximity.BINS) {
        throw BadPullsync.because(
            "%d cursors for %d bins".formatted(cursors.size(), Proximity.BINS));
      }
      return new Ack(cursors, epoch);
    }

    @Override
    public ProtobufWriter fields() {
      ByteBuffer packed = ByteBuffer.allocate(cursors.size() * Varint.MAX_BITS_SIZE);
      cursors.forEach(each -> Varint.writeBits(packed, each));
      ProtobufWriter out = new ProtobufWriter().bytes(1, packed.flip());
      epoch.ifPresent(number -> out.numberUnlessZero(2, number));
      return out;
    }
  }

  /**
   * Names a request of 1.0.0, so that it can be cancelled.
   *
   * @param ruid drawn by whoever asks
   */
  record Ruid(int ruid) implements BeeMessage {
    /** Reads one. */
    public static Ruid decode(ByteBuffer fields) {
      return new Ruid((int) onlyNumber(fields));
    }

    @Override
    public ProtobufWriter fields() {
      return new ProtobufWriter().numberUnlessZero(1, Integer.toUnsignedLong(ruid));
    }
  }

  /**
   * Cancels a request of 1.0.0.
   *
   * @param ruid its name
   */
  record Cancel(int ruid) implements BeeMessage {
    /** Reads one. */
    public static Cancel decode(ByteBuffer fields) {
      return new Cancel((int) onlyNumber(fields));
    }

    @Override
    public ProtobufWriter fields() {
      return new ProtobufWriter().numberUnlessZero(1, Integer.toUnsignedLong(ruid));
    }
  }

  /**
   * Asks for what came under the numbers of a bin.
   *
   * @param bin 0 to 31
   * @param from first number, without a sign
   * @param to last number, inclusive; of 1.4.0 and of live requests {@link #LIVE}
   */
  record GetRange(int bin, long from, long to) implements BeeMessage {
    /** The end of a request that waits for what does not exist yet. */
    public static final long LIVE = -1;

    /** Refuses bins that do not exist, and ranges that end before they begin. */
    public GetRange {
      if (bin < 0 || bin >= Proximity.BINS) {
        throw BadPullsync.because("bin %d, there are %d".formatted(bin, Proximity.BINS));
      }
      if (Long.compareUnsigned(from, to) > 0) {
        throw BadPullsync.because(
            "a range from %s to %s"
                .formatted(Long.toUnsignedString(from), Long.toUnsignedString(to)));
      }
    }

    /** Reads a request of 1.0.0. */
    public static GetRange decode(ByteBuffer fields) {
      return decode(fields, 0);
    }

    /** Reads a request of 1.4.0, which has no end. */
    public static GetRange decodeEndless(ByteBuffer fields) {
      return decode(fields, LIVE);
    }

    private static GetRange decode(ByteBuffer fields, long absent) {
      ProtobufReader in = reader(fields);
      int bin = 0;
      long from = 0;
      long to = absent;
      while (in.next()) {
        switch (in.field()) {
          case 1 -> bin = Math.clamp(in.number(), -1, Proximity.BINS);
          case 2 -> from = in.number();
          case 3 -> {
            if (absent == LIVE) {
              in.skip();
            } else {
              to = in.number();
            }
          }
          default -> in.skip();
        }
      }
      return new GetRange(bin, from, to);
    }

    @Override
    public ProtobufWriter fields() {
      return endless().numberUnlessZero(3, to);
    }

    /** The fields of a request of 1.4.0. */
    public ProtobufWriter endless() {
      return new ProtobufWriter().numberUnlessZero(1, bin).numberUnlessZero(2, from);
    }
  }

  /**
   * What there is, by 1.0.0.
   *
   * @param topmost the request is answered up to here
   * @param addresses of chunks, in the order of their numbers
   */
  record AddressOffer(long topmost, List<Bytes32> addresses) implements BeeMessage {
    /** Copies the list. */
    public AddressOffer {
      addresses = List.copyOf(addresses);
    }

    /** Reads one. */
    public static AddressOffer decode(ByteBuffer fields) {
      ProtobufReader in = reader(fields);
      long topmost = 0;
      List<Bytes32> addresses = List.of();
      while (in.next()) {
        switch (in.field()) {
          case 1 -> topmost = in.number();
          case 2 -> addresses = split(in.bytes());
          default -> in.skip();
        }
      }
      return new AddressOffer(topmost, addresses);
    }

    private static List<Bytes32> split(ByteBuffer bytes) {
      if (bytes.remaining() % Bytes32.LENGTH != 0) {
        throw BadPullsync.because("%d bytes of addresses".formatted(bytes.remaining()));
      }
      List<Bytes32> addresses = new ArrayList<>(bytes.remaining() / Bytes32.LENGTH);
      byte[] one = new byte[Bytes32.LENGTH];
      while (bytes.hasRemaining()) {
        bytes.get(one);
        addresses.add(Bytes32.of(one));
      }
      return addresses;
    }

    @Override
    public ProtobufWriter fields() {
      ProtobufWriter out = new ProtobufWriter().numberUnlessZero(1, topmost);
      if (!addresses.isEmpty()) {
        ByteBuffer all = ByteBuffer.allocate(addresses.size() * Bytes32.LENGTH);
        addresses.forEach(each -> all.put(each.bytes()));
        out.bytes(2, all.flip());
      }
      return out;
    }
  }

  /**
   * What there is, by 1.4.0.
   *
   * @param topmost the request is answered up to here
   * @param chunks in the order of their numbers
   */
  record ChunkOffer(long topmost, List<ChunkId> chunks) implements BeeMessage {
    /** Copies the list. */
    public ChunkOffer {
      chunks = List.copyOf(chunks);
    }

    /** Reads one. */
    public static ChunkOffer decode(ByteBuffer fields) {
      ProtobufReader in = reader(fields);
      long topmost = 0;
      List<ChunkId> chunks = new ArrayList<>();
      while (in.next()) {
        switch (in.field()) {
          case 1 -> topmost = in.number();
          case 2 -> chunks.add(ChunkId.decode(in.message()));
          default -> in.skip();
        }
      }
      return new ChunkOffer(topmost, chunks);
    }

    @Override
    public ProtobufWriter fields() {
      ProtobufWriter out = new ProtobufWriter().numberUnlessZero(1, topmost);
      chunks.forEach(each -> out.message(2, each.fields()));
      return out;
    }
  }

  /**
   * Which of the offered chunks are wanted.
   *
   * @param bits chunk i is bit i mod 8 of byte i div 8, least significant first
   */
  record Want(ByteBuffer bits) implements BeeMessage {
    /** Those of an offer of so many. */
    public static Want of(BitSet wanted, int count) {
      return new Want(ByteBuffer.wrap(BitVector.encode(wanted, count)));
    }

    /** Reads one. */
    public static Want decode(ByteBuffer fields) {
      ProtobufReader in = reader(fields);
      ByteBuffer bits = ByteBuffer.allocate(0);
      while (in.next()) {
        if (in.field() == 1) {
          bits = in.bytes();
        } else {
          in.skip();
        }
      }
      return new Want(bits);
    }

    /**
     * What is wanted of an offer of so many.
     *
     * @throws BadPullsync if there are fewer bits than that
     */
    public BitSet of(int count) {
      return BitVector.decode(array(bits), count);
    }

    @Override
    public ProtobufWriter fields() {
      return new ProtobufWriter().bytes(1, bits.duplicate());
    }
  }

  /**
   * A chunk that was wanted; nothing at all for one that is not there any more (of 1.4.0).
   *
   * @param address of 32 bytes, or empty
   * @param data its bytes
   * @param stamp as it travels, not yet looked at
   */
  record Delivery(ByteBuffer address, ByteBuffer data, ByteBuffer stamp) implements BeeMessage {
    /** In the place of a chunk that is gone. */
    public static final Delivery GONE =
        new Delivery(ByteBuffer.allocate(0), ByteBuffer.allocate(0), ByteBuffer.allocate(0));

    /** Reads one. */
    public static Delivery decode(ByteBuffer fields) {
      ProtobufReader in = reader(fields);
      Delivery read = GONE;
      while (in.next()) {
        read =
            switch (in.field()) {
              case 1 -> new Delivery(in.bytes(), read.data(), read.stamp());
              case 2 -> new Delivery(read.address(), in.bytes(), read.stamp());
              case 3 -> new Delivery(read.address(), read.data(), in.bytes());
              default -> {
                in.skip();
                yield read;
              }
            };
      }
      return read;
    }

    /** Whether it stands for a chunk that is gone. */
    public boolean isGone() {
      ByteBuffer rest = address.duplicate();
      while (rest.hasRemaining()) {
        if (rest.get() != 0) {
          return false;
        }
      }
      return true;
    }

    @Override
    public ProtobufWriter fields() {
      ProtobufWriter out = new ProtobufWriter();
      put(out, 1, address);
      put(out, 2, data);
      put(out, 3, stamp);
      return out;
    }

    private static void put(ProtobufWriter out, int field, ByteBuffer bytes) {
      if (bytes.hasRemaining()) {
        out.bytes(field, bytes.duplicate());
      }
    }
  }

  private static ProtobufReader reader(ByteBuffer fields) {
    return new ProtobufReader(fields, Dialect.LIBP2P);
  }

  private static void passOver(ByteBuffer fields) {
    ProtobufReader in = reader(fields);
    while (in.next()) {
      in.skip();
    }
  }

  private static long onlyNumber(ByteBuffer fields) {
    ProtobufReader in = reader(fields);
    long number = 0;
    while (in.next()) {
      if (in.field() == 1) {
        number = in.number();
      } else {
        in.skip();
      }
    }
    return number;
  }

  private static byte[] array(ByteBuffer bytes) {
    byte[] array = new byte[bytes.remaining()];
    bytes.duplicate().get(array);
    return array;
  }
}
