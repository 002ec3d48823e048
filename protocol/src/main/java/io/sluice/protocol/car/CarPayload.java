package io.sluice.protocol.car;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Varint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/**
 * The payload of an archive (a complete CARv1), read by position. Offsets are counted from the
 * payload's first byte. Safe for any number of threads.
 */
public final class CarPayload {
  private static final int HEAD_BYTES = 10 + CarLimits.CID_BYTES;
  private static final int PADDING_STEP = 64 << 10;

  private final ByteSource source;
  private final long start;
  private final long length;
  private final CarLimits limits;

  /**
   * A stretch of a source that is one payload.
   *
   * @param start where in the source it begins
   * @param length of the payload in bytes
   */
  public CarPayload(ByteSource source, long start, long length, CarLimits limits) {
    this.source = source;
    this.start = start;
    this.length = length;
    this.limits = limits;
  }

  /** Length of the payload in bytes. */
  public long length() {
    return length;
  }

  /**
   * The roots that the header names.
   *
   * @throws ProtocolException {@code BAD_CAR}
   */
  public List<Cid> roots() throws IOException {
    return header().roots();
  }

  /** Where the first section begins. */
  public long firstSection() throws IOException {
    ByteBuffer head = read(0, 10);
    long body = varint(head);
    return head.position() + body;
  }

  CarHeader header() throws IOException {
    ByteBuffer head = read(0, 10);
    long body = varint(head);
    if (body == 0 || body > limits.headerBytes() || body > length - head.position()) {
      throw BadCar.because("header of " + body + " bytes");
    }
    CarHeader header = CarHeader.decode(read(head.position(), (int) body), limits);
    if (header.version() != 1) {
      throw BadCar.because("payload of version " + header.version());
    }
    return header;
  }

  /**
   * The section at an offset.
   *
   * @return empty at the end of the payload
   * @throws ProtocolException {@code BAD_CAR} if no well-formed section stands there
   */
  public Optional<CarEntry> entryAt(long offset) throws IOException {
    if (offset == length) {
      return Optional.empty();
    }
    if (offset < 0 || offset > length) {
      throw BadCar.because("no section at " + offset + " of " + length + " bytes");
    }
    ByteBuffer head = read(offset, HEAD_BYTES);
    long section = varint(head);
    if (section == 0 && limits.padded()) {
      checkPadding(offset);
      return Optional.empty();
    }
    int prefix = head.position();
    if (section > limits.sectionBytes() || section > length - offset - prefix) {
      throw BadCar.because("section of " + section + " bytes at " + offset);
    }
    head.limit((int) Math.min(head.limit(), prefix + section));
    Cid cid = cid(head, offset);
    int cidBytes = head.position() - prefix;
    return Optional.of(
        new CarEntry(offset, cid, offset + head.position(), (int) section - cidBytes));
  }

  private void checkPadding(long offset) throws IOException {
    for (long at = offset; at < length; at += PADDING_STEP) {
      ByteBuffer zeros = read(at, PADDING_STEP);
      if (zeros.mismatch(ByteBuffer.allocate(zeros.remaining())) >= 0) {
        throw BadCar.because("a section of length zero at " + offset + ", and no padding");
      }
    }
  }

  /** The bytes of a block, in a buffer of their own; they are not compared with the CID. */
  public ByteBuffer data(CarEntry entry) throws IOException {
    ByteBuffer data = ByteBuffer.allocate(entry.dataLength());
    source.readFully(data, start + entry.dataOffset());
    return data.flip();
  }

  /** The block of a section, not yet verified. */
  public Block block(CarEntry entry) throws IOException {
    return new Block(entry.cid(), data(entry));
  }

  static Cid cid(ByteBuffer in, long offset) {
    try {
      return Cid.read(in);
    } catch (ProtocolException e) {
      throw BadCar.at("section at " + offset, e);
    }
  }

  private ByteBuffer read(long offset, int most) throws IOException {
    ByteBuffer out = ByteBuffer.allocate((int) Math.min(most, length - offset));
    source.readFully(out, start + offset);
    return out.flip();
  }

  private static long varint(ByteBuffer in) {
    try {
      return Varint.read(in);
    } catch (ProtocolException e) {
      throw BadCar.at("length prefix", e);
    }
  }
}
